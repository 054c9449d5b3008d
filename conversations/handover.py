"""When a conversation needs a person: who waits, why and since when, and which colleague has it in hand.

    request -> waiting -> take_over -> held -> release -> closed        the bot is silent while it is held
                       `-> release (seen to without a word)

Every step locks the conversation's row, as the bot does before it speaks (conversations.turns): whoever comes second
sees what the first one did. Callers commit.
"""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from conversations.models import REASONS, STAFF_OUTCOMES, Conversation, Handover, Message


class Conflict(Exception):
    """A colleague was faster: the conversation is not as it was seen."""


async def lock(session: AsyncSession, conversation_id: uuid.UUID) -> Conversation:
    """The conversation as it is now, kept so until the transaction ends; NoResultFound for an unknown one."""
    # What the caller changed in it must not be read over.
    await session.flush()
    return await session.get_one(
        Conversation, conversation_id, with_for_update={"key_share": True}, populate_existing=True
    )


async def request(session: AsyncSession, conversation_id: uuid.UUID, reason: str) -> bool:
    """Put a conversation on the waiting list (a word of models.REASONS); False when it needs a person already.

    One that does keeps its place in time and its holder, and takes the new reason where that is more urgent.
    """
    await lock(session, conversation_id)
    period = await open_period(session, conversation_id)
    if period is None:
        session.add(Handover(conversation_id=conversation_id, reason=reason))
        await session.flush()
        return True
    period.reason = min(period.reason, reason, key=REASONS.index)
    return False


async def take_over(
    session: AsyncSession, conversation_id: uuid.UUID, staff_id: uuid.UUID, *, relieving: uuid.UUID | None = None
) -> bool:
    """Give a conversation, whether somebody waits in it or not, into a colleague's hands; False: it is there already.

    Who has it is relieved only where that is said (`relieving`). Conflict when another one has it, or nobody any more.
    """
    await lock(session, conversation_id)
    period = await open_period(session, conversation_id)
    holder = period.taken_by if period else None
    if period and holder == staff_id:
        return False
    if holder != relieving:
        raise Conflict
    if period is None:
        period = Handover(conversation_id=conversation_id, reason="staff")
        session.add(period)
    elif holder:
        period = await _succeed(session, period, "relieved", closed_by=staff_id)
    period.taken_at, period.taken_by = func.now(), staff_id
    await session.flush()
    return True


async def release(session: AsyncSession, conversation_id: uuid.UUID, staff_id: uuid.UUID, outcome: str) -> Handover:
    """A colleague is done (a word of models.STAFF_OUTCOMES): with what they hold, or with what waits, without a word.

    Returns the period. Conflict when there is none, or another one holds it; ValueError for an unknown outcome.
    """
    if outcome not in STAFF_OUTCOMES:
        raise ValueError(f"an outcome is one of {', '.join(STAFF_OUTCOMES)}")
    conversation = await lock(session, conversation_id)
    period = await open_period(session, conversation_id)
    if period is None or period.taken_by not in (None, staff_id):
        raise Conflict
    _close(period, outcome, staff_id)
    conversation.starts_afresh |= period.taken_by is not None
    await session.flush()
    return period


async def put_back(session: AsyncSession, conversation_id: uuid.UUID, overdue: datetime) -> bool:
    """Put a held conversation back on the waiting list if the person waits there for a word since before `overdue`."""
    conversation = await lock(session, conversation_id)
    waiting_since = await session.scalar(_waiting_for_a_word().where(Handover.conversation_id == conversation_id))
    period = await open_period(session, conversation_id)
    if waiting_since is None or waiting_since > overdue or period is None:
        return False
    await _put_back(session, conversation, period, "unanswered", waiting_since)
    return True


async def put_back_in_danger(session: AsyncSession, conversation: Conversation) -> None:
    """Put a held conversation, which the caller has locked, back on top of the list: its holder isn't there now."""
    period = await open_period(session, conversation.id)
    if period and period.taken_by:
        await _put_back(session, conversation, period, "danger", datetime.now(UTC))


async def _put_back(
    session: AsyncSession, conversation: Conversation, period: Handover, reason: str, since: datetime
) -> None:
    following = await _succeed(session, period, "unanswered", closed_by=None)
    following.requested_at, following.reason = since, min(following.reason, reason, key=REASONS.index)
    conversation.starts_afresh = True
    await session.flush()


async def unanswered(session: AsyncSession, overdue: datetime) -> Sequence[uuid.UUID]:
    """Held conversations in which the person waits for a word since before `overdue`."""
    waiting = _waiting_for_a_word().add_columns(Handover.conversation_id).subquery()
    return (await session.scalars(select(waiting.c.conversation_id).where(waiting.c.since < overdue))).all()


async def open_period(session: AsyncSession, conversation_id: uuid.UUID) -> Handover | None:
    """The period a conversation is in, waiting or held; None when it needs nobody."""
    return await session.scalar(
        select(Handover)
        .where(Handover.conversation_id == conversation_id, Handover.closed_at.is_(None))
        .execution_options(populate_existing=True)
    )


async def holder(session: AsyncSession, conversation_id: uuid.UUID) -> uuid.UUID | None:
    """The member of staff who has a conversation in hand; None: the bot answers."""
    period = await open_period(session, conversation_id)
    return period.taken_by if period else None


def _waiting_for_a_word() -> Select[datetime]:
    """Since when the person waits in each held conversation whose holder hasn't answered the last thing they wrote."""
    answer = aliased(Message)
    answered = (
        select(func.max(answer.position))
        .where(answer.conversation_id == Handover.conversation_id, answer.author == "staff")
        .correlate(Handover)
        .scalar_subquery()
    )
    # Who has just taken over gets as much time as who was there when it came.
    since = func.greatest(func.min(Message.created_at), Handover.taken_at)
    return (
        select(since.label("since"))
        .join(Message, Message.conversation_id == Handover.conversation_id)
        .where(Handover.closed_at.is_(None), Handover.taken_by.is_not(None))
        .where(Message.author == "person", Message.position > func.coalesce(answered, 0))
        .group_by(Handover.id)
    )


def _close(period: Handover, outcome: str, closed_by: uuid.UUID | None) -> None:
    period.closed_at, period.closed_by, period.outcome = func.now(), closed_by, outcome


async def _succeed(session: AsyncSession, period: Handover, outcome: str, closed_by: uuid.UUID | None) -> Handover:
    """Close a period and open the one that follows it, for the same reason."""
    _close(period, outcome, closed_by)
    # Only one may be open at any moment.
    await session.flush()
    following = Handover(conversation_id=period.conversation_id, reason=period.reason)
    session.add(following)
    await session.flush()
    return following
