"""Finding services: which needs they meet, where they are, and in which order people see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import cos, radians
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Select, case, func, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from directory import freshness
from directory.models import Listing, Place
from directory.needs import NEEDS
from directory.opening import BAGHDAD, Rule, is_open, read_rules
from directory.places import find_place
from orthography.folding import fold

Text = dict[str, str]
# How like a misspelt word must be to a word of a listing (pg_trgm's word similarity, 0 to 1).
ALIKE = 0.5
# More words than these are no search.
WORDS = 12
# Among how many results those that are open are looked for.
CANDIDATES = 60


@dataclass(frozen=True)
class Found:
    """A service at a location as an answer needs it; texts by language code."""

    service_id: UUID
    location_id: UUID
    organization_id: UUID
    service_name: Text
    organization_name: Text
    summary: Text
    place_name: Text
    # None: the address is not given out, people call first.
    address: Text | None
    schedules: tuple[Rule, ...]
    phone: str | None
    # "Closed this week"; empty when there is nothing to say.
    alert: Text
    access: str
    capacity: str
    assured_date: date | None
    # It should have been assured again by now: an answer says when it last was.
    is_due: bool
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
    # Nothing is in the place's governorate: these are the nearest elsewhere.
    is_nearby: bool = False

    @property
    def has_more(self) -> bool:
        """Whether there are results after these."""
        return self.offset + len(self.results) < self.total


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for: needs (any of them), where, and for whom (codes of `records.ELIGIBLE`)."""

    needs: Sequence[str]
    place: str | None = None
    # A pin (latitude, longitude in degrees): the nearest first, within the place's governorate.
    point: tuple[float, float] | None = None
    eligible: Sequence[str] = ()
    # Open at this moment, among the first of the results; what is said of no hours may be open.
    open_at: datetime | None = None


async def search(
    session: AsyncSession,
    wanted: Wanted,
    *,
    offset: int = 0,
    limit: int = 2,
    demo: bool,
    today: date | None = None,
) -> Page:
    """Published, fresh services in the place's governorate (no place: in all of Iraq), or the nearest elsewhere.

    Order: most needs met, not full, the asked district before the rest of its governorate (a pin: the nearest), most
    recently assured. Rows marked demo are found only if `demo`. Unknown codes, or no need at all, are a ValueError.
    """
    if not wanted.needs or (unknown := set(wanted.needs) - set(NEEDS)):
        raise ValueError(f"unknown needs: {sorted(unknown)}" if wanted.needs else "no need to search for")
    today = today or datetime.now(BAGHDAD).date()
    where = None if wanted.place is None else await find_place(session, wanted.place)
    matching = _matching(wanted, (where.parent or where.code) if where else "", demo, today)
    order = [_met(wanted.needs).desc(), *_order(wanted, where)]
    if wanted.open_at:
        results, total = await _open_page(
            session, matching.order_by(*order), wanted.open_at, offset, limit, demo, today
        )
    else:
        results, total = await _page(session, matching.order_by(*order), offset, limit, demo, today)
    place_name = await _told_place(session, where, results)
    if total or where is None:
        return Page(results, total, offset, tuple(wanted.needs), wanted.place, place_name)
    point = wanted.point or (where.latitude, where.longitude)
    elsewhere = _matching(wanted, "", demo, today).order_by(_distance(point), *_LAST)
    results, total = await _page(session, elsewhere, offset, limit, demo, today)
    return Page(results, total, offset, tuple(wanted.needs), wanted.place, where.name, is_nearby=bool(results))


async def by_words(
    session: AsyncSession, text: str, *, limit: int = 20, demo: bool, today: date | None = None
) -> tuple[Found, ...]:
    """Services that a text in either language names, the best match first; misspelt words find what they are like."""
    asked = fold(text[:200]).split()[:WORDS]
    if not asked:
        return ()
    today = today or datetime.now(BAGHDAD).date()
    shown = _shown(demo, today)
    query = func.to_tsquery("simple", " | ".join(f"{word}:*" for word in asked))
    named = shown.where(Listing.words.op("@@")(query)).order_by(func.ts_rank(Listing.words, query).desc(), *_LAST)
    if found := (await _page(session, named, 0, limit, demo, today))[0]:
        return found
    await session.execute(select(func.set_config("pg_trgm.word_similarity_threshold", str(ALIKE), True)))
    likeness = sum((func.word_similarity(word, Listing.folded) for word in asked), start=literal(0.0))
    alike = shown.where(or_(*(literal(word).op("<%")(Listing.folded) for word in asked)))
    return (await _page(session, alike.order_by(likeness.desc(), *_LAST), 0, limit, demo, today))[0]


async def of_service(session: AsyncSession, service_id: UUID, *, demo: bool, today: date) -> tuple[Found, ...]:
    """A published service at each of its locations as answers say it, also when it isn't shown (any more)."""
    rows = await session.scalars(select(Listing).where(Listing.service_id == service_id).order_by(Listing.location_id))
    return tuple(found(row, demo, today) for row in rows)


def _shown(demo: bool, today: date) -> Select[UUID, UUID, int]:
    query = select(Listing.service_id, Listing.location_id, func.count().over())
    query = query.where(Listing.shown_from <= today, Listing.shown_until >= today)
    return query if demo else query.where(~Listing.is_demo)


def _matching(wanted: Wanted, governorate: str, demo: bool, today: date) -> Select[UUID, UUID, int]:
    query = _shown(demo, today).where(Listing.keys.overlap([f"{need}@{governorate}" for need in wanted.needs]))
    if wanted.eligible:
        query = query.where(or_(Listing.eligible == [], Listing.eligible.overlap(list(wanted.eligible))))
    return query


def _met(needs: Sequence[str]) -> ColumnElement[int]:
    """How many of the needs a listing meets."""
    met: ColumnElement[int] = literal(0)
    for need in needs:
        met = met + Listing.needs.contains([need]).cast(Integer)
    return met


def _order(wanted: Wanted, where: Place | None) -> list[ColumnElement[Any]]:
    order: list[ColumnElement[Any]] = [case((Listing.found["capacity"].astext == "full", 1), else_=0)]
    if wanted.point:
        order.append(_distance(wanted.point))
    elif where:
        order.append((Listing.place_code == where.code).desc())
    return [*order, Listing.assured_date.desc().nulls_last(), *_LAST]


# What is alike otherwise comes in an order that doesn't change from page to page.
_LAST: tuple[Any, ...] = (Listing.service_id, Listing.location_id)


def _distance(point: tuple[float, float]) -> ColumnElement[float]:
    """How far a listing is from a point, for ordering: squared degrees of latitude, right to a few per cent in Iraq."""
    latitude, longitude = point
    north = Listing.latitude - latitude
    east = (Listing.longitude - longitude) * cos(radians(latitude))
    return north * north + east * east


async def _page(
    session: AsyncSession, query: Select[UUID, UUID, int], offset: int, limit: int, demo: bool, today: date
) -> tuple[tuple[Found, ...], int]:
    """Some rows of a query, and how many it has: ids are sorted and counted first, what is said is read of a few."""
    rows = (await session.execute(query.offset(offset).limit(limit))).all()
    if not rows and offset:
        # Behind the last one nothing tells the count.
        total = await session.scalar(select(func.count()).select_from(query.order_by(None).subquery()))
        return (), total or 0
    keys = [(service, location) for service, location, _ in rows]
    wanted = select(Listing).where(tuple_(Listing.service_id, Listing.location_id).in_(keys))
    listings = {(row.service_id, row.location_id): row for row in await session.scalars(wanted)}
    return tuple(found(listings[key], demo, today) for key in keys), rows[0][2] if rows else 0


async def _open_page(
    session: AsyncSession,
    query: Select[UUID, UUID, int],
    at: datetime,
    offset: int,
    limit: int,
    demo: bool,
    today: date,
) -> tuple[tuple[Found, ...], int]:
    """As `_page`, of those among the first that aren't closed at a moment: hours recur, which SQL can't tell."""
    candidates, _ = await _page(session, query, 0, CANDIDATES, demo, today)
    are_open = [found for found in candidates if is_open(found.schedules, at) is not False]
    return tuple(are_open[offset : offset + limit]), len(are_open)


async def _told_place(session: AsyncSession, where: Place | None, results: Sequence[Found]) -> Text | None:
    """The place to head these results with: the asked district only if one of them is there, else its governorate."""
    if where and where.parent and results and all(found.place_name != where.name for found in results):
        return (await find_place(session, where.parent)).name
    return where.name if where else None


def found(row: Listing, demo: bool, today: date) -> Found:
    """What an answer says of a listing."""
    told = row.found
    phone = next((phone for phone in told["phones"] if demo or not phone["is_demo"]), None)
    return Found(
        service_id=row.service_id,
        location_id=row.location_id,
        organization_id=row.organization_id,
        service_name=told["service_name"],
        organization_name=told["organization_name"],
        summary=told["summary"],
        place_name=told["place_name"],
        address=told["address"],
        schedules=read_rules(told["schedules"]),
        phone=phone["number"] if phone else None,
        alert=told["alert"],
        access=told["access"],
        capacity=told["capacity"],
        assured_date=row.assured_date,
        is_due=not row.is_demo and freshness.is_due(row.needs, row.assured_date, today),
        is_demo=row.is_demo or bool(phone and phone["is_demo"]),
    )
