"""What the directory covers: how many services people can be told of now, by need, place and organization."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    String,
    Uuid,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from directory.models import Entry, Listing, Place
from infrastructure.local_time import day_in_iraq

OLDEST = 10


@dataclass(frozen=True)
class Count:
    """How many services: people are told of those that are fresh or due, and of no others."""

    fresh: int = 0
    # Said with the month of the last check; somebody has to check them again.
    due: int = 0
    # Published, but not said: checked too long ago or never, not valid today, or a part of them is archived.
    hidden: int = 0

    @property
    def shown(self) -> int:
        """Of how many people are told."""
        return self.fresh + self.due

    @property
    def total(self) -> int:
        """How many are published."""
        return self.shown + self.hidden


@dataclass(frozen=True)
class Checked:
    """A service that people are told of, and when somebody last checked it."""

    service_id: UUID
    name: dict[str, str]
    assured_date: date


@dataclass(frozen=True)
class Coverage:
    """Counts of services. One with several needs or places counts for each, and once in every total; none is no key."""

    cells: Mapping[tuple[str, str], Count]
    needs: Mapping[str, Count]
    governorates: Mapping[str, Count]
    organizations: Mapping[UUID, Count]
    total: Count


async def coverage(
    session: AsyncSession, *, demo: bool, organization: UUID | None = None, today: date | None = None
) -> Coverage:
    """The published services by need (code), governorate (code) and organization (id), of one organization or of all.

    Rows marked demo count only if `demo`.
    """
    services = _listed(demo, today or day_in_iraq()).union_all(_unlisted(demo)).subquery()
    query = select(*(column for column in services.c if column.key != "needs"), func.unnest(services.c.needs))
    if organization:
        query = query.where(services.c.organization_id == organization)
    service, governorate, owner, state, need = query.subquery().c
    sets = ((need, governorate), (need,), (governorate,), (owner,), ())
    counted = select(need, governorate, owner, state, func.count(service.distinct())).group_by(
        func.grouping_sets(*(tuple_(*columns, state) for columns in sets))
    )
    counts: dict[tuple[Any, ...], dict[str, int]] = {}
    for *key, of, count in await session.execute(counted):
        counts.setdefault(tuple(key), {})[of] = count
    made = {key: Count(**by_state) for key, by_state in counts.items()}
    return Coverage(
        cells={(need, where): count for (need, where, _), count in made.items() if need and where},
        needs={need: count for (need, where, _), count in made.items() if need and not where},
        governorates={where: count for (need, where, _), count in made.items() if where and not need},
        organizations={owner: count for (_, _, owner), count in made.items() if owner},
        total=made.get((None, None, None), Count()),
    )


async def oldest(
    session: AsyncSession, *, demo: bool, organization: UUID | None = None, today: date | None = None
) -> list[Checked]:
    """The services that people are told of and that were checked longest ago, a few."""
    shown = _shown(today or day_in_iraq())
    query = select(Listing.service_id, Listing.assured_date).where(
        shown, Listing.assured_date.is_not(None), _real(demo)
    )
    if organization:
        query = query.where(Listing.organization_id == organization)
    few = query.distinct().order_by(Listing.assured_date, Listing.service_id).limit(OLDEST).subquery()
    named = select(few.c.service_id, Entry.document["name"], few.c.assured_date).join(
        Entry, Entry.id == few.c.service_id
    )
    return [Checked(*row) for row in await session.execute(named.order_by(few.c.assured_date, few.c.service_id))]


def _listed(demo: bool, today: date) -> Select[Any]:
    """Services that search knows of, and how they stand: the names are `Count`'s."""
    # What belongs to the demo doesn't grow older (directory.listings).
    overdue = (~Listing.is_demo) & (Listing.due_after < today)
    state = case((~_shown(today), "hidden"), (overdue, "due"), else_="fresh")
    columns = (Listing.service_id, Listing.governorate, Listing.organization_id, Listing.needs)
    return select(*columns, state.label("state")).where(_real(demo))


def _unlisted(demo: bool) -> Select[Any]:
    """Published services without a listing, where they would be: never checked, or a part of them is archived."""
    service, location = aliased(Entry), aliased(Entry)
    at = func.jsonb_array_elements(service.document["at"]).table_valued("value", name="at")
    needs = select(func.jsonb_array_elements_text(service.document["needs"])).scalar_subquery()
    return (
        select(
            service.id,
            func.coalesce(Place.parent, Place.code),
            cast(service.document["organization_id"].astext, Uuid),
            func.array(needs, type_=ARRAY(String)),
            literal("hidden"),
        )
        .select_from(service)
        .join(at, literal(True))
        .join(location, location.id == cast(func.jsonb_extract_path_text(at.c.value, "location_id"), Uuid))
        .join(Place, Place.code == location.document["place"].astext)
        .where(service.kind == "service", service.status == "published")
        .where(~exists().where(Listing.service_id == service.id))
        .where(or_(literal(demo), service.document["is_demo"].astext == "false"))
    )


def _shown(today: date) -> ColumnElement[bool]:
    return (Listing.shown_from <= today) & (Listing.shown_until >= today)


def _real(demo: bool) -> ColumnElement[bool]:
    return or_(literal(demo), ~Listing.is_demo)
