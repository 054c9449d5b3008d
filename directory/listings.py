"""Listings: what search reads, made from published entries and made again whenever one of them changes."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from directory import freshness
from directory.checking import texts
from directory.models import Entry, Listing, Place, Word
from directory.records import At, Location, Organization, Record, Service
from orthography.folding import fold

EVER = (date.min.replace(year=1900), date.max)
# What search looks for words in, besides the names of needs (which understanding reads).
_SEARCHED = ("name", "summary", "description", "eligibility")
# What staff know an entry by: articles have a title, locations often an address only.
_NAMED = ("name", "title", "address")
# Services made anew at a time when all are.
BATCH = 500


async def renew(session: AsyncSession, changed: Iterable[UUID]) -> None:
    """Make the listings of every service that one of these entries is part of; the caller commits."""
    changed = list(changed)
    services = await _services_of(session, changed)
    await session.execute(delete(Listing).where(Listing.service_id.in_([*changed, *(one.id for one in services)])))
    await session.execute(
        delete(Listing).where(Listing.location_id.in_(changed) | Listing.organization_id.in_(changed))
    )
    await _add(session, services)


async def make_if_none(session: AsyncSession) -> None:
    """Make all listings after a migration that threw them away; the caller commits."""
    if await session.scalar(select(exists(select(Listing)))):
        return
    published = select(Entry.id).where(Entry.kind == "service", Entry.status == "published")
    ids = list(await session.scalars(published))
    for first in range(0, len(ids), BATCH):
        await _add(session, list(await session.scalars(select(Entry).where(Entry.id.in_(ids[first : first + BATCH])))))
        session.expunge_all()


async def _services_of(session: AsyncSession, changed: Sequence[UUID]) -> Sequence[Entry]:
    """The published services among these entries, of these organizations and at these locations."""
    parts = [{"organization_id": str(one)} for one in changed] + [
        {"at": [{"location_id": str(one)}]} for one in changed
    ]
    having = [Entry.document.contains(part) for part in parts]
    rows = await session.scalars(
        select(Entry).where(Entry.kind == "service", Entry.status == "published", or_(Entry.id.in_(changed), *having))
    )
    return rows.all()


async def _add(session: AsyncSession, rows: Sequence[Entry]) -> None:
    services = {row.id: Service.model_validate(row.document) for row in rows}
    parts = await _parts_of(session, services.values())
    published = _published(parts.values())
    places = {place.code: place for place in await session.scalars(select(Place))}
    made: list[Listing] = []
    for row in rows:
        service = services[row.id]
        # Of a part that left meanwhile, too: who copies the service must hear of it.
        own = [parts[one] for one in (service.organization_id, *(at.location_id for at in service.at)) if one in parts]
        changed_at = max([row.changed_at, *(part.changed_at for part in own)])
        made += _listings(service, published, places, changed_at)
    await add(session, made)


async def add(session: AsyncSession, made: Sequence[Listing]) -> None:
    """Store listings, and their words for who misspells one; the caller commits."""
    session.add_all(made)
    await session.flush()
    # In one order, so that of two who publish at once one waits for the other, not both.
    words = select(func.unnest(func.tsvector_to_array(Listing.words)).label("word")).distinct().order_by("word")
    words = words.where(Listing.service_id.in_([one.service_id for one in made]))
    await session.execute(insert(Word).from_select(["word"], words).on_conflict_do_nothing())


async def published_parts(session: AsyncSession, services: Iterable[Service]) -> dict[UUID, Organization | Location]:
    """The published organizations and locations of services, by id."""
    return _published((await _parts_of(session, services)).values())


async def _parts_of(session: AsyncSession, services: Iterable[Service]) -> dict[UUID, Entry]:
    """The organizations and locations of services, by id."""
    wanted = {
        part for service in services for part in (service.organization_id, *(at.location_id for at in service.at))
    }
    return {row.id: row for row in await session.scalars(select(Entry).where(Entry.id.in_(wanted - {None})))}


def _listings(
    service: Service,
    published: Mapping[UUID, Organization | Location],
    places: Mapping[str, Place],
    changed_at: datetime,
) -> Iterator[Listing]:
    organization = published.get(service.organization_id) if service.organization_id else None
    for at in service.at:
        location = published.get(at.location_id)
        if isinstance(organization, Organization) and isinstance(location, Location):
            yield listing(service, organization, at, location, places, changed_at)


def _published(parts: Iterable[Entry]) -> dict[UUID, Organization | Location]:
    """What is published of these parts; an organization has many services, so each is read once."""
    types: dict[str, Any] = {"organization": Organization, "location": Location}
    there = [part for part in parts if part.status == "published" and part.kind in types]
    return {part.id: types[part.kind].model_validate(part.document) for part in there}


def listing(
    service: Service,
    organization: Organization,
    at: At,
    location: Location,
    places: Mapping[str, Place],
    changed_at: datetime,
) -> Listing:
    """A service at one of its locations, as search and /hsds read it; search never shows what nobody ever assured."""
    place = places[location.place]
    governorate = place.parent or place.code
    point = location.latitude, location.longitude
    if location.is_confidential or None in point:
        middle = places[governorate] if location.is_confidential else place
        point = middle.latitude, middle.longitude
    spoken = [text for part in (service, organization) for field, text in texts(part.document()) if _is_searched(field)]
    return Listing(
        service_id=service.id,
        location_id=location.id,
        organization_id=organization.id,
        place_code=place.code,
        governorate=governorate,
        keys=[f"{need}@{where}" for need in service.needs for where in (governorate, "")],
        needs=service.needs,
        eligible=service.eligible,
        latitude=point[0],
        longitude=point[1],
        assured_date=service.assured_date,
        due_after=_believed(service, freshness.due_after),
        changed_at=changed_at,
        shown_from=service.valid_from or EVER[0],
        shown_until=min(service.valid_until or EVER[1], _believed(service, freshness.last_shown)),
        is_demo=service.is_demo or organization.is_demo or location.is_demo,
        folded=fold(" ".join(spoken)),
        found=_found(service, organization, at, location, place),
    )


def folded_names(record: Record) -> str:
    """What staff know a record by, in all its languages, folded."""
    return fold(" ".join(text for field, text in texts(record.document()) if field.split(".")[0] in _NAMED))


def _believed(service: Service, last: Callable[[Sequence[str], date | None], date | None]) -> date:
    """The last day that a rule of freshness gives a service. The demo's files don't grow older."""
    return EVER[1] if service.is_demo else last(service.needs, service.assured_date) or EVER[0]


def _is_searched(field: str) -> bool:
    return field.split(".")[0] in _SEARCHED


def _found(service: Service, organization: Organization, at: At, location: Location, place: Place) -> dict[str, Any]:
    """What an answer may say, as JSON: of a confidential location nothing but its place and its numbers."""
    return {
        "service_name": service.name.spoken(),
        "organization_name": organization.name.spoken(),
        "summary": service.summary.spoken(),
        "place_name": place.name,
        "point": None
        if location.is_confidential or location.latitude is None
        else [location.latitude, location.longitude],
        "address": None if location.is_confidential or not location.address else location.address.spoken(),
        "schedules": [hours.document() for hours in at.schedules],
        "phones": [{"number": phone.number, "is_demo": phone.is_demo} for phone in at.phones],
        "alert": service.alert.spoken(),
        "access": service.access,
        "capacity": service.capacity,
        "assured_date": service.assured_date.isoformat() if service.assured_date else None,
    }
