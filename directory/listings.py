"""Listings: what search reads, made from published entries and made again whenever one of them changes."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from directory import freshness
from directory.checking import texts
from directory.models import Entry, Listing, Place
from directory.records import At, Location, Organization, Record, Service
from orthography.folding import fold

EVER = (date.min.replace(year=1900), date.max)
# What search looks for words in, besides the names of needs (which understanding reads).
_SEARCHED = ("name", "summary", "description", "eligibility")
# What staff know an entry by: articles have a title, locations often an address only.
_NAMED = ("name", "title", "address")


async def renew(session: AsyncSession, changed: Iterable[UUID]) -> None:
    """Make the listings of every service that one of these entries is part of; the caller commits."""
    changed = list(changed)
    services = await _services_of(session, changed)
    await session.execute(delete(Listing).where(Listing.service_id.in_([*changed, *(one.id for one in services)])))
    await session.execute(
        delete(Listing).where(Listing.location_id.in_(changed) | Listing.organization_id.in_(changed))
    )
    parts = await published_parts(session, services)
    places = {place.code: place for place in await session.scalars(select(Place))}
    for service in services:
        session.add_all(_listings(service, parts, places))
    await session.flush()


async def _services_of(session: AsyncSession, changed: Sequence[UUID]) -> list[Service]:
    """The published services among these entries, of these organizations and at these locations."""
    parts = [{"organization_id": str(one)} for one in changed] + [
        {"at": [{"location_id": str(one)}]} for one in changed
    ]
    having = [Entry.document.contains(part) for part in parts]
    rows = await session.scalars(
        select(Entry).where(Entry.kind == "service", Entry.status == "published", or_(Entry.id.in_(changed), *having))
    )
    return [Service.model_validate(row.document) for row in rows]


async def published_parts(session: AsyncSession, services: Sequence[Service]) -> dict[UUID, Organization | Location]:
    """The published organizations and locations of services, by id."""
    wanted = {at.location_id for service in services for at in service.at}
    wanted |= {service.organization_id for service in services if service.organization_id}
    rows = await session.scalars(select(Entry).where(Entry.id.in_(wanted), Entry.status == "published"))
    types: dict[str, Any] = {"organization": Organization, "location": Location}
    return {row.id: types[row.kind].model_validate(row.document) for row in rows if row.kind in types}


def _listings(
    service: Service, parts: dict[UUID, Organization | Location], places: dict[str, Place]
) -> Iterator[Listing]:
    organization = parts.get(service.organization_id) if service.organization_id else None
    for at in service.at:
        location = parts.get(at.location_id)
        if isinstance(organization, Organization) and isinstance(location, Location):
            yield listing(service, organization, at, location, places[location.place])


def listing(service: Service, organization: Organization, at: At, location: Location, place: Place) -> Listing:
    """A service at one of its locations as search reads it; one that nobody ever assured is never shown."""
    governorate = place.parent or place.code
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
        latitude=place.latitude if location.latitude is None else location.latitude,
        longitude=place.longitude if location.longitude is None else location.longitude,
        assured_date=service.assured_date,
        due_after=_believed(service, freshness.due_after),
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
        "address": None if location.is_confidential or not location.address else location.address.spoken(),
        "schedules": [hours.document() for hours in at.schedules],
        "phones": [{"number": phone.number, "is_demo": phone.is_demo} for phone in at.phones],
        "alert": service.alert.spoken(),
        "access": service.access,
        "capacity": service.capacity,
        "assured_date": service.assured_date.isoformat() if service.assured_date else None,
    }
