"""The lists under /hsds: a page of one, or all of it a few at a time, so that no list is ever held in memory."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from directory import search
from directory.exchange import hsds, leaving, outgoing
from directory.exchange.leaving import Filters
from directory.exchange.outgoing import Known, Leaving
from directory.exchange.parameters import Wanted
from directory.models import Listing, Place
from directory.needs import NEEDS
from directory.records import At
from directory.results import Found
from infrastructure.local_time import day_in_iraq
from infrastructure.resources import Resources

# Objects made at a time; a full service is a few kilobytes.
BATCH = 100
# Results of a search by words: behind these are only those that are less and less like it.
MOST_FOUND = 200

Row = Sequence[Any]
Make = Callable[[AsyncSession, Sequence[Row], Known], Awaitable[list[hsds.Hsds]]]


@dataclass(frozen=True)
class Collection:
    """A list: the query of its keys, what they are, in which order pages show it, and how its objects are made."""

    query: Select[Any]
    keys: tuple[Any, ...]
    order: Sequence[ColumnElement[Any]]
    make: Make

    async def page(self, session: AsyncSession, offset: int, limit: int) -> tuple[int, Sequence[Row]]:
        """How many things are in the list, and the keys of some of them."""
        total = await session.scalar(select(func.count()).select_from(self.query.subquery())) or 0
        if offset >= total:
            return total, []
        query = self.query.order_by(*self.order, *self.keys).offset(offset).limit(limit)
        return total, [tuple(row) for row in await session.execute(query)]

    async def after(self, session: AsyncSession, last: Row | None) -> Sequence[Row]:
        """The next keys after some, in the order of the keys: what is added or archived meanwhile moves none."""
        query = self.query if last is None else self.query.where(tuple_(*self.keys) > tuple_(*last))
        return [tuple(row) for row in await session.execute(query.order_by(*self.keys).limit(BATCH))]


async def known(session: AsyncSession, resources: Resources) -> Known:
    """What everything that leaves is said with, today."""
    places = {place.code: place for place in await session.scalars(select(Place))}
    return Known(places, resources.wording, resources.settings.demo, day_in_iraq())


async def lines(resources: Resources, collection: Collection) -> AsyncIterator[str]:
    """All of a list, one object a line. No connection is held while a slow reader reads."""
    last: Row | None = None
    while True:
        async with resources.sessions() as session:
            rows = await collection.after(session, last)
            made = await collection.make(session, rows, await known(session, resources))
        for one in made:
            yield line(one)
        if len(rows) < BATCH:
            return
        last = rows[-1]


def line(one: hsds.Hsds) -> str:
    """An object as a line."""
    return json.dumps(one.dump(), ensure_ascii=False) + "\n"


async def filters(resources: Resources, wanted: Wanted) -> Filters:
    """What is wanted in our own terms; a term or a list of terms that isn't ours finds nothing."""
    ids = None
    if wanted.search is not None:
        ids = list(dict.fromkeys(one.service_id for one in await _by_words(resources, wanted.search)))
    needs: set[str] | None = None
    if wanted.taxonomy_id:
        needs = set(NEEDS) if wanted.taxonomy_id == outgoing.NEEDS_ID else set()
    if wanted.taxonomy_term_id:
        term = outgoing.need_of(wanted.taxonomy_term_id)
        needs = (set(NEEDS) if needs is None else needs) & {term or ""}
    codes = None if needs is None else sorted(needs)
    return Filters(ids, codes, wanted.organization_id, wanted.modified_after, wanted.near)


async def searched_organizations(resources: Resources, text: str | None) -> list[UUID] | None:
    """The organizations of the services that a search finds; None without a search."""
    if text is None:
        return None
    return list(dict.fromkeys(one.organization_id for one in await _by_words(resources, text)))


def services(filters: Filters, *, demo: bool, full: bool) -> Collection:
    """Services that may leave."""

    async def make(session: AsyncSession, rows: Sequence[Row], known: Known) -> list[hsds.Hsds]:
        found = await leaving.load(session, [row[0] for row in rows], demo=demo)
        return [outgoing.service(one, known, full=full) for one in found.values()]

    query = leaving.services(filters, demo=demo)
    return Collection(query, leaving.SERVICE_KEY, leaving.best_first(filters, of_services=True), make)


async def minimal(resources: Resources, filters: Filters) -> list[dict[str, str]]:
    """The ids of all services that may leave, with when they last changed."""
    query = leaving.services(filters, demo=resources.settings.demo).add_columns(func.max(Listing.changed_at))
    async with resources.sessions() as session:
        rows = await session.execute(query.order_by(*leaving.SERVICE_KEY))
        return [{"id": str(one), "modified_date": changed.isoformat(timespec="milliseconds")} for one, changed in rows]


def pairs(filters: Filters, *, demo: bool, full: bool) -> Collection:
    """Services at locations that may leave."""

    async def make(session: AsyncSession, rows: Sequence[Row], known: Known) -> list[hsds.Hsds]:
        found = await leaving.load(session, list({row[0] for row in rows}), demo=demo)
        made: list[hsds.Hsds] = []
        for service_id, location_id in rows:
            one = found.get(service_id)
            if one and location_id in one.locations:
                at = next(at for at in one.service.at if at.location_id == location_id)
                made.append(standing_alone(one, at, known, full=full))
        return made

    return Collection(leaving.pairs(filters, demo=demo), leaving.PAIR_KEY, leaving.best_first(filters), make)


def standing_alone(one: Leaving, at: At, known: Known, *, full: bool) -> hsds.ServiceAtLocation:
    """A service at a location with the service in it; not `full`: with its name only."""
    made = outgoing.service_at_location(one, at, known, full=full)
    inner = outgoing.service(one, known, inside="service_at_location") if full else outgoing.brief(one, known)
    return made.model_copy(update={"service": inner})


def organizations(ids: Sequence[UUID] | None, *, demo: bool, full: bool, full_service: bool) -> Collection:
    """Organizations that may leave, with their services in brief (`full`) or whole (`full_service`)."""

    async def make(session: AsyncSession, rows: Sequence[Row], known: Known) -> list[hsds.Hsds]:
        found = await leaving.load_organizations(session, [row[0] for row in rows], demo=demo)
        made: list[hsds.Hsds] = []
        for identity, one in found.items():
            its = await _services_of(session, identity, demo) if full or full_service else []
            inner = [_inner(service, known, full_service) for service in its]
            made.append(outgoing.organization(one, known, services=inner))
        return made

    return Collection(leaving.organizations(ids, demo=demo), leaving.ORGANIZATION_KEY, [], make)


def _inner(one: Leaving, known: Known, full: bool) -> hsds.Service:
    return outgoing.service(one, known, inside="organization") if full else outgoing.brief(one, known)


async def _services_of(session: AsyncSession, organization: UUID, demo: bool) -> list[Leaving]:
    query = leaving.services(Filters(organization_id=organization), demo=demo).order_by(*leaving.SERVICE_KEY)
    return list((await leaving.load(session, (await session.scalars(query)).all(), demo=demo)).values())


async def _by_words(resources: Resources, text: str) -> Sequence[Found]:
    async with resources.sessions() as session:
        return await search.by_words(session, text, limit=MOST_FOUND, demo=resources.settings.demo)
