"""Finding services: which needs they meet, where they are, and in which order people see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, selectinload

from directory.hours import Opening, read_opening
from directory.models import Location, Organization, Place, Service, ServiceAtLocation, ServiceNeed
from directory.needs import NEEDS
from directory.places import find_place

Text = dict[str, str]


@dataclass(frozen=True)
class Found:
    """A service at a location as an answer needs it; texts by language code."""

    service_at_location_id: UUID
    service_id: UUID
    organization_id: UUID
    service_name: Text
    organization_name: Text
    summary: Text
    place_name: Text
    # None: the address is not given out, people call first.
    address: Text | None
    hours: tuple[Opening, ...]
    phone: str | None
    assured_date: date | None
    # Anything shown here is made up: the service, its organization, location or phone.
    is_demo: bool


@dataclass(frozen=True)
class Page:
    """Some results of a search and how many there are in all; without a `place` all of Iraq was searched."""

    results: tuple[Found, ...]
    total: int
    offset: int
    needs: tuple[str, ...]
    place: str | None
    place_name: Text | None

    @property
    def has_more(self) -> bool:
        """Whether there are results after these."""
        return self.offset + len(self.results) < self.total


async def search(
    session: AsyncSession,
    *,
    needs: Sequence[str],
    place: str | None,
    offset: int = 0,
    limit: int = 2,
    demo: bool,
) -> Page:
    """Published services for any of the needs in the place's governorate (None: in all of Iraq).

    Order: most needs met, the asked district before the rest of its governorate, most recently assured.
    Rows marked demo are found only if `demo`. Unknown codes, or no need at all, are a ValueError.
    """
    if not needs or (unknown := set(needs) - set(NEEDS)):
        raise ValueError(f"unknown needs: {sorted(unknown)}" if needs else "no need to search for")
    where = None if place is None else await find_place(session, place)
    matching = _matching(needs, where, demo)
    total = await session.scalar(select(func.count()).select_from(matching.subquery()))
    rows = await session.scalars(_as_shown(matching, where).offset(offset).limit(limit))
    results = tuple(_found(row, demo) for row in rows)
    return Page(results, total or 0, offset, tuple(needs), place, await _told_place(session, where, results))


async def _told_place(session: AsyncSession, where: Place | None, results: Sequence[Found]) -> Text | None:
    """The place to head these results with: the asked district only if one of them is there, else its governorate."""
    if where and where.parent and results and all(found.place_name != where.name for found in results):
        return (await find_place(session, where.parent)).name
    return where.name if where else None


def _matching(needs: Sequence[str], where: Place | None, demo: bool) -> Select[ServiceAtLocation]:
    met = (
        select(ServiceNeed.service_id, func.count().label("needs"))
        .where(ServiceNeed.need.in_(needs))
        .group_by(ServiceNeed.service_id)
        .subquery("met")
    )
    query = (
        select(ServiceAtLocation)
        .join(ServiceAtLocation.service)
        .join(Service.organization)
        .join(ServiceAtLocation.location)
        .join(Location.place)
        .join(met, met.c.service_id == Service.id)
        .where(Service.status == "published")
        .order_by(met.c.needs.desc())
    )
    if where:
        query = query.where(_inside(where.parent or where.code))
    if not demo:
        query = query.where(~Organization.is_demo, ~Service.is_demo, ~Location.is_demo)
    return query


def _inside(governorate: str) -> ColumnElement[bool]:
    return or_(Place.code == governorate, Place.parent == governorate)


def _as_shown(matching: Select[ServiceAtLocation], where: Place | None) -> Select[ServiceAtLocation]:
    if where:
        matching = matching.order_by((Location.place_code == where.code).desc())
    return matching.order_by(Service.assured_date.desc().nulls_last(), ServiceAtLocation.id).options(
        contains_eager(ServiceAtLocation.service).contains_eager(Service.organization),
        contains_eager(ServiceAtLocation.location).contains_eager(Location.place),
        selectinload(ServiceAtLocation.phones),
        selectinload(ServiceAtLocation.schedules),
    )


def _found(row: ServiceAtLocation, demo: bool) -> Found:
    service, location = row.service, row.location
    phone = next((phone for phone in row.phones if demo or not phone.is_demo), None)
    return Found(
        service_at_location_id=row.id,
        service_id=service.id,
        organization_id=service.organization_id,
        service_name=service.name,
        organization_name=service.organization.name,
        summary=service.summary,
        place_name=location.place.name,
        address=location.address,
        hours=tuple(read_opening(s.byday, s.opens_at, s.closes_at) for s in row.schedules),
        phone=phone.number if phone else None,
        assured_date=service.assured_date,
        is_demo=service.is_demo or service.organization.is_demo or location.is_demo or bool(phone and phone.is_demo),
    )
