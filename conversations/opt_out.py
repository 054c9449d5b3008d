"""Who wants no messages: our own register, because providers know English stop words only, and only on some channels.

A whole message that says stop or start (`data/opt_out_words.tsv`) is heeded before any model, also while Rasa is down;
longer wishes the model reads (intents `stop_messages`, `start_messages`). Nothing goes out then but what the person
asked for after they said so (`silences`, read by conversations.outbox at sending time). Callers commit.
"""

import csv
import uuid
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from conversations.models import Address, Conversation, Message, OptOut
from conversations.window import last_written
from infrastructure import audit
from orthography.folding import fold

WORDS = Path(__file__).parent / "data" / "opt_out_words.tsv"
# Longer is no wish of one word; folding it would only cost time.
LONGEST = 80


def wish(text: str) -> str | None:
    """`stop` or `start` where that is all a message says, in any of our languages; None for every other message."""
    return _wishes().get(fold(text)) if len(text) <= LONGEST else None


async def record(
    session: AsyncSession, conversation_id: uuid.UUID, at: datetime | None = None, told_by: str = "person"
) -> bool:
    """The person of a conversation wants no messages, since `at` (now); False when they had said so before."""
    person_id, at = await _person(session, conversation_id), at or datetime.now(UTC)
    said_again = (
        update(OptOut)
        .where(OptOut.person_id == person_id)
        .values(since=func.greatest(OptOut.since, at))
        .returning(OptOut.person_id)
    )
    if await session.scalar(said_again):
        return False
    first = insert(OptOut).values(person_id=person_id, since=at, told_by=told_by).on_conflict_do_nothing()
    if await session.scalar(first.returning(OptOut.person_id)) is None:
        return False
    audit.record(session, None, "person.opted_out", person_id, told_by=told_by)
    return True


async def lift(session: AsyncSession, conversation_id: uuid.UUID) -> bool:
    """The person of a conversation wants messages again; False when they never said stop."""
    person_id = await _person(session, conversation_id)
    lifted = await session.execute(delete(OptOut).where(OptOut.person_id == person_id).returning(OptOut.person_id))
    if lifted.scalar() is None:
        return False
    audit.record(session, None, "person.opted_in", person_id)
    return True


async def is_out(session: AsyncSession, conversation_id: uuid.UUID) -> bool:
    """Whether the person of a conversation wants no messages but answers."""
    return await _since(session, conversation_id) is not None


async def silences(session: AsyncSession, message: Message) -> bool:
    """Whether an outbound message may not go out: the person said stop, and hasn't asked for it since."""
    if message.kind == "receipt":
        return False
    since = await _since(session, message.conversation_id)
    return since is not None and (message.asked_at is None or message.asked_at <= since)


async def is_silent(session: AsyncSession, conversation_id: uuid.UUID) -> bool:
    """Whether nothing at all would reach this person: they said stop, and haven't written since."""
    since = await _since(session, conversation_id)
    if since is None:
        return False
    last = await last_written(session, conversation_id)
    return last is None or last <= since


async def _since(session: AsyncSession, conversation_id: uuid.UUID) -> datetime | None:
    return await session.scalar(
        select(OptOut.since)
        .join(Address, Address.person_id == OptOut.person_id)
        .join(Conversation, Conversation.address_id == Address.id)
        .where(Conversation.id == conversation_id)
    )


async def _person(session: AsyncSession, conversation_id: uuid.UUID) -> uuid.UUID:
    found = await session.scalars(
        select(Address.person_id)
        .join(Conversation, Conversation.address_id == Address.id)
        .where(Conversation.id == conversation_id)
    )
    return found.one()


@cache
def _wishes() -> dict[str, str]:
    """Folded messages with what they wish for; ValueError for a message that wishes for both."""
    wishes: dict[str, str] = {}
    with WORDS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            if wishes.setdefault(fold(row["message"]), row["wish"]) != row["wish"]:
                raise ValueError(f"{WORDS.name}: {row['message']!r} can't mean both")
    return wishes
