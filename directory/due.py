"""Which services somebody has to check again, in the order in which people lose them, and who sees to it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal, get_args
from uuid import UUID

from sqlalchemy import Boolean, Select, Uuid, case, column, func, select, table, update
from sqlalchemy.ext.asyncio import AsyncSession

from directory.listings import EVER
from directory.models import Entry, Listing
from infrastructure import audit

PAGE = 30
# Who is told this late can still save it.
SOON = timedelta(days=14)
# "due": said with the month it was checked; "soon": as long as that, but not for long; "gone": not said any more.
State = Literal["due", "soon", "gone"]
STATES: tuple[State, ...] = get_args(State)
# The accounts are the console's; whether one is switched off decides whether it keeps anything.
_STAFF = table("staff", column("id", Uuid), column("active", Boolean))


@dataclass(frozen=True)
class Wanted:
    """Which of the due services: all filters together; empty ones let everything through."""

    # A member of staff whose services these are, or "nobody": no keeper, or one who is switched off.
    keeper: UUID | Literal["", "nobody"] = ""
    state: State | Literal[""] = ""
    need: str = ""
    governorate: str = ""
    organization: UUID | None = None


@dataclass(frozen=True)
class Due:
    """A service that has to be checked; texts by language code."""

    service_id: UUID
    organization_id: UUID
    service_name: dict[str, str]
    organization_name: dict[str, str]
    needs: Sequence[str]
    place_names: Sequence[dict[str, str]]
    assured_date: date | None
    # The last day on which the bot says it; None for what nobody ever assured.
    said_until: date | None
    state: State
    keeper_id: UUID | None


async def due(
    session: AsyncSession, wanted: Wanted, *, today: date, offset: int = 0, limit: int = PAGE
) -> tuple[list[Due], int]:
    """Some due services and how many there are: first what is still said and will vanish next, then what is gone.

    Services that came to their end (`valid_until`), and the demo's, are never due.
    """
    rows = (await session.execute(_ordered(wanted, today).offset(offset).limit(limit))).all()
    if not rows and offset:
        return [], await count(session, wanted, today=today)
    parts: dict[UUID, list[Listing]] = {row.service_id: [] for row in rows}
    listings = select(Listing).where(Listing.service_id.in_(parts)).order_by(Listing.location_id)
    for listing in await session.scalars(listings):
        parts[listing.service_id].append(listing)
    keepers = dict((await session.execute(select(Entry.id, Entry.keeper_id).where(Entry.id.in_(parts)))).all())
    found = [_due(parts[row.service_id], keepers[row.service_id], today) for row in rows]
    return found, rows[0].total if rows else 0


async def count(session: AsyncSession, wanted: Wanted, *, today: date) -> int:
    """How many due services there are."""
    matching = _matching(wanted, today).with_only_columns(Listing.service_id).distinct()
    return await session.scalar(select(func.count()).select_from(matching.subquery())) or 0


async def services_of(session: AsyncSession, organization_id: UUID) -> Sequence[UUID]:
    """All published services of an organization, due or not."""
    theirs = Entry.document.contains({"organization_id": str(organization_id)})
    return (
        await session.scalars(select(Entry.id).where(Entry.kind == "service", Entry.status == "published", theirs))
    ).all()


async def set_keeper(session: AsyncSession, services: Collection[UUID], keeper: UUID | None, *, by: UUID) -> int:
    """Let a member of staff (None: nobody in particular) see to services; returns how many changed hands.

    A keeper who is unknown or switched off is a ValueError. The caller commits.
    """
    if keeper and not await session.scalar(select(_STAFF.c.active).where(_STAFF.c.id == keeper)):
        raise ValueError(f"unknown keeper: {keeper}")
    changed = await session.scalars(
        update(Entry)
        .where(Entry.id.in_(services), Entry.kind == "service", Entry.keeper_id.is_distinct_from(keeper))
        .values(keeper_id=keeper)
        .returning(Entry.id)
    )
    for entry_id in (ids := changed.all()):
        audit.record(session, by, "entry.keeper_set", entry_id, keeper=str(keeper) if keeper else None)
    return len(ids)


def _matching(wanted: Wanted, today: date) -> Select[Any]:
    """Listings of due services."""
    query = select(Listing).where(Listing.due_after < today)
    # What came to its end is shown no longer either: the document is only read of what isn't.
    ended = select(Entry.id).where(
        Entry.id == Listing.service_id, Entry.document["valid_until"].astext < today.isoformat()
    )
    query = query.where((Listing.shown_until >= today) | ~ended.exists())
    if wanted.need:
        query = query.where(Listing.keys.contains([f"{wanted.need}@{wanted.governorate}"]))
    elif wanted.governorate:
        query = query.where(Listing.governorate == wanted.governorate)
    if wanted.organization:
        query = query.where(Listing.organization_id == wanted.organization)
    if wanted.keeper == "nobody":
        kept = select(Entry.id).join(_STAFF, _STAFF.c.id == Entry.keeper_id).where(_STAFF.c.active)
        query = query.where(Listing.service_id.not_in(kept))
    elif wanted.keeper:
        query = query.where(Listing.service_id.in_(select(Entry.id).where(Entry.keeper_id == wanted.keeper)))
    if wanted.state == "gone":
        query = query.where(Listing.shown_until < today)
    elif wanted.state:
        query = query.where(Listing.shown_until >= today)
        soon = Listing.shown_until <= today + SOON
        query = query.where(soon if wanted.state == "soon" else ~soon)
    return query


def _ordered(wanted: Wanted, today: date) -> Select[UUID, int]:
    """Ids of due services, and how many there are."""
    # Of what is gone there is nothing, and nothing comes last.
    still_said = case((Listing.shown_until >= today, Listing.shown_until))
    return (
        _matching(wanted, today)
        .with_only_columns(Listing.service_id, func.count().over().label("total"))
        .group_by(Listing.service_id, Listing.shown_until)
        # What went long ago has often closed; what went last is worth a call first.
        .order_by(still_said, Listing.shown_until.desc(), Listing.service_id)
    )


def _due(listings: Sequence[Listing], keeper_id: UUID | None, today: date) -> Due:
    one = listings[0]
    return Due(
        service_id=one.service_id,
        organization_id=one.organization_id,
        service_name=one.found["service_name"],
        organization_name=one.found["organization_name"],
        needs=one.needs,
        place_names=[listing.found["place_name"] for listing in listings],
        assured_date=one.assured_date,
        said_until=None if one.shown_until == EVER[0] else one.shown_until,
        state=state(one.shown_until, today),
        keeper_id=keeper_id,
    )


def state(said_until: date, today: date) -> State:
    """How far a due service has gone, by the last day on which it is said."""
    if said_until < today:
        return "gone"
    return "soon" if said_until <= today + SOON else "due"
