"""Which of our entries may leave: published ones whose parts are published, demo ones only in a demo, and no others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Float,
    Select,
    Uuid,
    and_,
    case,
    cast,
    column,
    exists,
    false,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from directory import records
from directory.exchange.outgoing import Leaving, at_id
from directory.models import Entry, Place

EARTH_METRES = 6_371_000
_Organization, _Location = aliased(Entry), aliased(Entry)
_Where, _Governorate = aliased(Place), aliased(Place)
# The elements of a service's `at`.
_at = func.jsonb_array_elements(Entry.document["at"]).table_valued(column("value", JSONB)).render_derived(name="at")
_LOCATION_ID = cast(_at.c.value["location_id"].astext, Uuid)
SERVICE_KEY: tuple[Any, ...] = (Entry.id,)
PAIR_KEY: tuple[Any, ...] = (Entry.id, _Location.id)


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


def services(filters: Filters, *, demo: bool) -> Select[Any]:
    """The ids of services that may leave."""
    there = _there(_Location, "location", demo)
    at_locations = select(1).select_from(_at.join(_Location, _Location.id == _LOCATION_ID))
    somewhere = exists(at_locations.where(there))
    query: Select[Any] = _services(select(Entry.id), filters, demo).where(somewhere.correlate(Entry))
    if since := filters.modified_after:
        moved = exists(at_locations.where(_Location.changed_at >= since)).correlate(Entry)
        query = query.where(or_(_newest() >= since, moved))
    return query


def pairs(filters: Filters, *, demo: bool) -> Select[Any]:
    """The ids of services and of their locations that may leave, `near` a point if there is one."""
    where = and_(_Location.id == _LOCATION_ID, _there(_Location, "location", demo))
    query: Select[Any] = _services(select(Entry.id, _Location.id), filters, demo)
    query = query.join(_at, true()).join(_Location, where)
    if since := filters.modified_after:
        query = query.where(or_(_newest() >= since, _Location.changed_at >= since))
    if filters.near:
        latitude, longitude, metres = filters.near
        query = query.join(_Where, _Where.code == _Location.document["place"].astext)
        query = query.outerjoin(_Governorate, _Governorate.code == _Where.parent)
        query = query.where(_distance(latitude, longitude) <= metres)
    return query


def organizations(ids: Sequence[UUID] | None, *, demo: bool) -> Select[Any]:
    """The ids of organizations that may leave."""
    query = select(Entry.id).where(_there(Entry, "organization", demo))
    return query if ids is None else query.where(Entry.id.in_(ids))


def best_first(filters: Filters) -> list[ColumnElement[Any]]:
    """The order of a search's results, or by distance; nothing when neither was asked."""
    if filters.ids is not None:
        return [func.array_position(cast(list(filters.ids), ARRAY(Uuid)), Entry.id)]
    return [_distance(*filters.near[:2])] if filters.near else []


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
    ids = (await session.scalars(services(Filters(), demo=demo).where(Entry.id.between(first, last)))).all()
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


def _there(entry: Any, kind: str, demo: bool) -> ColumnElement[bool]:
    published = and_(entry.kind == kind, entry.status == "published")
    return published if demo else and_(published, entry.document["is_demo"].astext == "false")


def _services(query: Any, filters: Filters, demo: bool) -> Any:
    owner = and_(
        _Organization.id == cast(Entry.document["organization_id"].astext, Uuid),
        _there(_Organization, "organization", demo),
    )
    query = query.select_from(Entry).join(_Organization, owner).where(_there(Entry, "service", demo))
    if filters.ids is not None:
        query = query.where(Entry.id.in_(filters.ids))
    if filters.needs is not None:
        query = query.where(or_(false(), *(Entry.document.contains({"needs": [need]}) for need in filters.needs)))
    if filters.organization_id:
        query = query.where(Entry.document.contains({"organization_id": str(filters.organization_id)}))
    return query


def _newest() -> ColumnElement[Any]:
    return func.greatest(Entry.changed_at, _Organization.changed_at)


def _distance(latitude: float, longitude: float) -> ColumnElement[float]:
    """Metres (haversine). A confidential location counts as in the middle of its governorate: no search tells more."""
    is_secret = _Location.document["is_confidential"].astext == "true"

    def degrees(name: str) -> ColumnElement[float]:
        known = cast(_Location.document[name].astext, Float)
        governorate = func.coalesce(getattr(_Governorate, name), getattr(_Where, name))
        return case((is_secret, governorate), else_=func.coalesce(known, getattr(_Where, name)))

    north, east = degrees("latitude"), degrees("longitude")
    half_chord = func.power(func.sin(func.radians(north - latitude) / 2), 2) + func.cos(
        func.radians(latitude)
    ) * func.cos(func.radians(north)) * func.power(func.sin(func.radians(east - longitude) / 2), 2)
    return 2 * EARTH_METRES * func.asin(func.sqrt(func.least(half_chord, 1.0)))
