"""Which of our entries may leave: published ones whose parts are published, demo ones only in a demo, and no others."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import cos, pi, radians
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Select, Uuid, cast, false, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from directory import records
from directory.exchange.outgoing import Leaving, at_id
from directory.models import Entry, Listing

EARTH_METRES = 6_371_000
METRES_A_DEGREE = EARTH_METRES * pi / 180
ORGANIZATION_KEY: tuple[Any, ...] = (Entry.id,)
SERVICE_KEY: tuple[Any, ...] = (Listing.service_id,)
PAIR_KEY: tuple[Any, ...] = (Listing.service_id, Listing.location_id)


@dataclass(frozen=True)
class Filters:
    """Which services are asked for; None asks nothing. `ids` are the results of a search, the best first."""

    ids: Sequence[UUID] | None = None
    # One of these needs; none of them is no service.
    needs: Sequence[str] | None = None
    organization_id: UUID | None = None
    modified_after: datetime | None = None
    # Latitude and longitude in degrees, and metres.
    near: tuple[float, float, float] | None = None
    # At a location in one of these places (p-codes).
    places: Sequence[str] | None = None


def services(filters: Filters, *, demo: bool) -> Select[Any]:
    """The ids of services that may leave, with a location `near` a point if there is one."""
    query: Select[Any] = select(*SERVICE_KEY).where(*_asked(filters, demo))
    return query.group_by(*SERVICE_KEY)


def pairs(filters: Filters, *, demo: bool) -> Select[Any]:
    """The ids of services and of their locations that may leave, `near` a point if there is one."""
    return select(*PAIR_KEY).where(*_asked(filters, demo))


def organizations(ids: Sequence[UUID] | None, *, demo: bool) -> Select[Any]:
    """The ids of organizations that may leave."""
    query = select(Entry.id).where(Entry.kind == "organization", Entry.status == "published")
    if not demo:
        query = query.where(Entry.document["is_demo"].astext == "false")
    return query if ids is None else query.where(Entry.id.in_(ids))


def best_first(filters: Filters, *, of_services: bool = False) -> list[ColumnElement[Any]]:
    """The order of a search's results, or by distance, which of a service is that of its nearest location."""
    if filters.ids is not None:
        return [func.array_position(cast(list(filters.ids), ARRAY(Uuid)), Listing.service_id)]
    if filters.near is None:
        return []
    distance = _distance(*filters.near[:2])
    return [func.min(distance) if of_services else distance]


async def load(session: AsyncSession, ids: Sequence[UUID], *, demo: bool) -> dict[UUID, Leaving]:
    """The services of these ids that may leave: the rules are applied again to what is read."""
    rows = (await session.scalars(select(Entry).where(Entry.id.in_(ids), Entry.kind == "service"))).all()
    found = [(row, records.Service.model_validate(row.document)) for row in rows if row.status == "published"]
    wanted = {one.organization_id for _, one in found if one.organization_id}
    wanted |= {at.location_id for _, one in found for at in one.at}
    parts = {part.id: part for part in await session.scalars(select(Entry).where(Entry.id.in_(wanted)))}
    # One organization has many services: each part is read once.
    read = {part.id: record for part in parts.values() if (record := _may_leave(part, demo))}
    made = (_leaving(row, service, parts, read) for row, service in found if demo or not service.is_demo)
    by_id = {one.service.id: one for one in made if one}
    return {identity: by_id[identity] for identity in ids if identity in by_id}


async def load_organizations(
    session: AsyncSession, ids: Sequence[UUID], *, demo: bool
) -> dict[UUID, records.Organization]:
    """The organizations of these ids that may leave."""
    rows = {row.id: row for row in await session.scalars(select(Entry).where(Entry.id.in_(ids)))}
    read = {identity: _may_leave(rows[identity], demo) for identity in ids if identity in rows}
    return {identity: one for identity, one in read.items() if isinstance(one, records.Organization)}


async def find_at(session: AsyncSession, identity: UUID, *, demo: bool) -> tuple[Leaving, records.At] | None:
    """The service and where it is given, by the id of its service_at_location."""
    first, last = (UUID(bytes=identity.bytes[:6] + end * 10) for end in (b"\x00", b"\xff"))
    ids = (await session.scalars(services(Filters(), demo=demo).where(Listing.service_id.between(first, last)))).all()
    for one in (await load(session, ids, demo=demo)).values():
        for at in one.service.at:
            if at.location_id in one.locations and at_id(one.service.id, at.location_id) == identity:
                return one, at
    return None


def _leaving(
    row: Entry, service: records.Service, parts: dict[UUID, Entry], read: dict[UUID, records.Record]
) -> Leaving | None:
    organization = read.get(service.organization_id) if service.organization_id else None
    at = [one.location_id for one in service.at]
    locations = {one: place for one in at if isinstance(place := read.get(one), records.Location)}
    if not isinstance(organization, records.Organization) or not locations:
        return None
    # Of a part that left meanwhile, too: who copies the service must hear of it.
    changed = [parts[one].changed_at for one in (organization.id, *at) if one in parts]
    return Leaving(service, organization, locations, max(row.changed_at, *changed))


def _may_leave(row: Entry, demo: bool) -> records.Record | None:
    if row.status != "published" or row.document is None:
        return None
    record = records.read(row.kind, row.document)
    return record if demo or not record.is_demo else None


def _asked(filters: Filters, demo: bool) -> Iterator[ColumnElement[bool]]:
    """What must be true of a listing; there are listings of what is published, with its parts, only."""
    if not demo:
        yield Listing.is_demo.is_(False)
    if filters.ids is not None:
        yield Listing.service_id.in_(filters.ids)
    if filters.needs is not None:
        wanted = [f"{need}@" for need in filters.needs]
        yield Listing.keys.overlap(wanted) if wanted else false()
    if filters.places is not None:
        yield Listing.place_code.in_(filters.places)
    if filters.organization_id:
        yield Listing.organization_id == filters.organization_id
    if filters.modified_after:
        yield Listing.changed_at >= filters.modified_after
    if filters.near:
        yield from _near(*filters.near)


def _near(latitude: float, longitude: float, metres: float) -> Iterator[ColumnElement[bool]]:
    """Within so many metres; first of all within a box around, which an index answers."""
    north = metres / METRES_A_DEGREE
    # A degree of longitude is shortest in the north of the box, and nowhere in Iraq is near a pole.
    east = north / cos(radians(min(latitude + north, 60.0)))
    yield Listing.latitude.between(latitude - north, latitude + north)
    yield Listing.longitude.between(longitude - east, longitude + east)
    yield _distance(latitude, longitude) <= metres


def _distance(latitude: float, longitude: float) -> ColumnElement[float]:
    """Metres (haversine)."""
    half_chord = func.power(func.sin(func.radians(Listing.latitude - latitude) / 2), 2) + func.cos(
        func.radians(latitude)
    ) * func.cos(func.radians(Listing.latitude)) * func.power(
        func.sin(func.radians(Listing.longitude - longitude) / 2), 2
    )
    return 2 * EARTH_METRES * func.asin(func.sqrt(func.least(half_chord, 1.0)))
