"""What a focal point does with reports of misconduct: reads them, notes what was done, and says where they stand."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from conversations.misconduct import STATES, MisconductNote, MisconductReport
from infrastructure import audit

OPEN_STATES = ("new", "in_review")
# What a focal point can choose; new is only what nobody has looked at.
CHOICES = STATES[1:]
PAGE = 50
LONGEST_NOTE = 4000


async def reports(session: AsyncSession, states: Sequence[str], page: int, *, by: uuid.UUID) -> list[MisconductReport]:
    """A page of reports, the newest first, and one more if there are older ones; the caller commits that they were
    looked at."""
    audit.record(session, by, "misconduct.listed")
    query = select(MisconductReport).where(MisconductReport.state.in_(states))
    newest = query.order_by(MisconductReport.received_at.desc(), MisconductReport.id)
    return list(await session.scalars(newest.limit(PAGE + 1).offset(PAGE * (page - 1))))


async def counts(session: AsyncSession) -> dict[str, int]:
    """How many reports stand where."""
    rows = await session.execute(select(MisconductReport.state, func.count()).group_by(MisconductReport.state))
    return dict.fromkeys(STATES, 0) | dict(rows.all())


async def read(session: AsyncSession, report_id: uuid.UUID, *, by: uuid.UUID) -> MisconductReport | None:
    """One report with its notes; the caller commits that it was read. None when there is no such report."""
    report = await session.get(MisconductReport, report_id, options=[selectinload(MisconductReport.notes)])
    if report:
        audit.record(session, by, "misconduct.read", report_id)
    return report


async def note(
    session: AsyncSession, report_id: uuid.UUID, state: str, words: str, *, seen: datetime, by: uuid.UUID
) -> bool:
    """Note something on a report and say where it stands; the caller commits.

    `seen` is the `changed_at` of what they had before them. False when it has changed since or is gone; then nothing is
    kept.
    """
    moved = await session.execute(
        update(MisconductReport)
        .where(MisconductReport.id == report_id, MisconductReport.changed_at == seen)
        .values(state=state, changed_at=func.clock_timestamp())
        .returning(MisconductReport.id)
    )
    if moved.scalar() is None:
        return False
    session.add(MisconductNote(report_id=report_id, state=state, words=words, written_by=by))
    audit.record(session, by, "misconduct.noted", report_id, state=state)
    return True
