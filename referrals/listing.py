"""The caseworkers' list: which referrals there are, the longest waiting first, and how many stand where."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from referrals.models import OVER, Referral

PAGE = 30
# Nobody took it on within this time: somebody who trusted us hears nothing.
OVERDUE_AFTER, UNANSWERED = timedelta(days=3), ("sent", "received")
State = Literal["", "sent", "received", "accepted", "declined", "in_service", "closed", "withdrawn", "all"]


@dataclass(frozen=True)
class Wanted:
    """What is looked for; empty strings ask nothing. Without a state: all that somebody has to do something about."""

    state: State = ""
    # Somebody's, or (None) nobody's; empty: everybody's.
    assigned_to: UUID | Literal[""] | None = ""
    need: str = ""
    governorate: str = ""
    overdue: bool = False


def is_overdue(referral: Referral) -> bool:
    """Whether it has been waiting too long for somebody to take it on."""
    return referral.state in UNANSWERED and referral.changed_at < datetime.now(UTC) - OVERDUE_AFTER


async def listing(
    session: AsyncSession, wanted: Wanted, *, offset: int = 0, limit: int = PAGE
) -> tuple[Sequence[Referral], int]:
    """Some referrals and how many there are: what has stood still longest first; of those over, the latest first."""
    matching = and_(*_narrowed(wanted), _in_state(wanted.state))
    total = await session.scalar(select(func.count()).select_from(Referral).where(matching))
    moved = Referral.changed_at.desc() if wanted.state in OVER else Referral.changed_at
    rows = (
        select(Referral)
        .options(joinedload(Referral.consent))
        .where(matching)
        .order_by(Referral.state.in_(OVER), moved, Referral.id)
    )
    return (await session.scalars(rows.offset(offset).limit(limit))).all(), total or 0


async def counts(session: AsyncSession, wanted: Wanted) -> dict[str, int]:
    """How many stand in each state, whatever state is chosen."""
    rows = await session.execute(
        select(Referral.state, func.count()).where(*_narrowed(wanted)).group_by(Referral.state)
    )
    return dict(rows.all())


async def count_waiting(session: AsyncSession) -> int:
    """How many wait for somebody to take them on."""
    return await session.scalar(select(func.count()).where(Referral.state.in_(UNANSWERED))) or 0


def _narrowed(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [true()]
    if wanted.assigned_to != "":
        conditions.append(Referral.assigned_to.is_not_distinct_from(wanted.assigned_to))
    if wanted.need:
        conditions.append(Referral.need == wanted.need)
    if wanted.governorate:
        # A district's code begins with its governorate's.
        conditions.append(Referral.place_code.startswith(wanted.governorate, autoescape=True))
    if wanted.overdue:
        conditions += [Referral.state.in_(UNANSWERED), Referral.changed_at < datetime.now(UTC) - OVERDUE_AFTER]
    return conditions


def _in_state(state: State) -> ColumnElement[bool]:
    if state == "all":
        return true()
    return Referral.state == state if state else or_(Referral.state.not_in(OVER), Referral.recall == "due")
