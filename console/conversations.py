"""What the pages show of conversations: the list, and one thread. Reading only."""

import json
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, contains_eager

from conversations import handover
from conversations.models import Address, Conversation, Handover, Message, Turn

PAGE = 30
EXCERPT = 80


@dataclass(frozen=True)
class Summary:
    """A conversation as a line of the list."""

    conversation: Conversation
    waiting: Handover | None
    last: Message | None

    @property
    def excerpt(self) -> str:
        """The last message's first words."""
        text = " ".join(self.last.text.split()) if self.last else ""
        return text if len(text) <= EXCERPT else text[:EXCERPT].rstrip() + "…"


@dataclass(frozen=True)
class Listing:
    """The first conversations of the list, how many people wait in all, and whether there are more lines."""

    summaries: list[Summary]
    waiting: int
    more: bool


@dataclass(frozen=True)
class Entry:
    """A message with what was understood of it."""

    message: Message
    turn: Turn | None

    @property
    def media(self) -> list[str]:
        """What was sent along: `picture`, `voice`, `video` or `file`."""
        return kinds_of_media(self.message.media)

    @property
    def location(self) -> dict[str, Any] | None:
        """The pin: `latitude`, `longitude`, `label`."""
        return json.loads(self.message.location) if self.message.location else None


@dataclass(frozen=True)
class Thread:
    """A conversation with its newest messages, oldest first."""

    conversation: Conversation
    waiting: Handover | None
    entries: list[Entry]
    earlier: bool


def kinds_of_media(media: str | None) -> list[str]:
    """What a message's media are, as `Entry.media` tells it."""
    kinds = {"image": "picture", "audio": "voice", "video": "video"}
    return [kinds.get(item["content_type"].split("/")[0], "file") for item in json.loads(media or "[]")]


def code(conversation: Conversation) -> str:
    """How colleagues name a conversation to each other."""
    return str(conversation.id)[:6]


def masked(address: str) -> str:
    """Enough of a number to tell two apart, too little to call it."""
    return f"•••{address[-3:]}"


async def listing(session: AsyncSession, shown: int = PAGE) -> Listing:
    """Who waits comes first: danger on top, then the longest wait; then the newest. Each with their last words."""
    last = aliased(Message)
    newest = (
        select(Message.position)
        .where(Message.conversation_id == Conversation.id, Message.direction == "inbound")
        .order_by(Message.position.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = await session.execute(
        select(Conversation, Handover, last)
        .join(Conversation.address)
        .options(contains_eager(Conversation.address))
        .outerjoin(Handover, (Handover.conversation_id == Conversation.id) & Handover.closed_at.is_(None))
        .outerjoin(last, (last.conversation_id == Conversation.id) & (last.position == newest))
        .order_by(
            (Handover.reason == "danger").desc().nulls_last(),
            Handover.requested_at.asc().nulls_last(),
            Conversation.last_message_at.desc(),
            Conversation.id,
        )
        .limit(shown + 1)
    )
    summaries = [Summary(*row) for row in rows]
    waiting = await session.scalar(select(func.count()).select_from(Handover).where(Handover.closed_at.is_(None)))
    return Listing(summaries[:shown], waiting or 0, len(summaries) > shown)


async def thread(session: AsyncSession, conversation_id: uuid.UUID, shown: int = PAGE) -> Thread | None:
    """The newest messages of a conversation; None when there is no such conversation."""
    conversation = await session.scalar(
        select(Conversation)
        .join(Address)
        .options(contains_eager(Conversation.address))
        .where(Conversation.id == conversation_id)
    )
    if conversation is None:
        return None
    rows = await session.execute(
        select(Message, Turn)
        .outerjoin(Turn, Turn.message_id == Message.id)
        .where(Message.conversation_id == conversation_id)
        .order_by(Message.position.desc())
        .limit(shown + 1)
    )
    entries = [Entry(*row) for row in rows]
    waiting = await handover.open_period(session, conversation_id)
    return Thread(conversation, waiting, entries[shown - 1 :: -1], len(entries) > shown)
