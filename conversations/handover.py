"""When a conversation needs a person: who waits, why and since when."""

import uuid

from sqlalchemy import case, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from conversations.models import REASONS, Handover

# How urgent each reason is: 0 first.
URGENCY = case({reason: place for place, reason in enumerate(REASONS)}, value=Handover.reason)


async def request(session: AsyncSession, conversation_id: uuid.UUID, reason: str) -> bool:
    """Put a conversation on the waiting list (a word of models.REASONS); False when it waits already.

    One that waits already keeps its place in time, and takes the new reason where that is more urgent.
    """
    added = await session.execute(
        insert(Handover)
        .values(id=uuid.uuid4(), conversation_id=conversation_id, reason=reason)
        .on_conflict_do_nothing(index_elements=["conversation_id"], index_where=Handover.closed_at.is_(None))
        .returning(Handover.id)
    )
    if added.scalar() is not None:
        return True
    await session.execute(
        update(Handover)
        .where(Handover.conversation_id == conversation_id, Handover.closed_at.is_(None))
        .where(REASONS.index(reason) < URGENCY)
        .values(reason=reason)
    )
    return False


async def close(session: AsyncSession, conversation_id: uuid.UUID, staff_id: uuid.UUID) -> bool:
    """A member of staff saw to it; False when nobody waits there (a colleague was faster)."""
    closed = await session.execute(
        update(Handover)
        .where(Handover.conversation_id == conversation_id, Handover.closed_at.is_(None))
        .values(closed_at=func.now(), closed_by=staff_id)
        .returning(Handover.id)
    )
    return closed.scalar() is not None


async def open_period(session: AsyncSession, conversation_id: uuid.UUID) -> Handover | None:
    """The waiting period a conversation is in, if any."""
    return await session.scalar(
        select(Handover).where(Handover.conversation_id == conversation_id, Handover.closed_at.is_(None))
    )
