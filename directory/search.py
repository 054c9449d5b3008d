"""Finding services: which needs they meet, where they are, and in which order people see them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from math import cos, radians
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Select, func, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from directory.models import Listing, Place
from directory.needs import NEEDS
from directory.opening import BAGHDAD, is_open
from directory.places import find_place, kilometres
from directory.records import GROUPS, STATUSES_OF_PEOPLE
from directory.results import Found, Page, Text, found
from orthography.folding import fold

# How like a misspelt word must be to a word of a listing (pg_trgm's word similarity, 0 to 1).
ALIKE = 0.5
# More words than these are no search.
WORDS = 12
# Among how many results those that are open are looked for.
CANDIDATES = 60


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for: needs (any of them), where, and who asks (codes of `records.ELIGIBLE`).

    Being a refugee leaves out what is for returnees only, being a woman what is for children only; but nobody says all
    that they are, so a service that names no status, or no group, is for them too.
    """

    needs: Sequence[str]
    place: str | None = None
    # A pin (latitude, longitude in degrees): the nearest first, within the place's governorate.
    point: tuple[float, float] | None = None
    eligible: Sequence[str] = ()
    # Open at this moment, among the first of the results (of no hours known: perhaps). If none is: all of them.
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
    where = None if wanted.place is None else find_place(wanted.place)
    matching = _matching(wanted, (where.parent or where.code) if where else "", demo, today)
    order = [_met(wanted.needs).desc(), *_order(wanted, where)]
    ordered, total = matching.order_by(*order), 0
    if wanted.open_at:
        results, total = await _open_page(session, ordered, wanted.open_at, offset, limit, demo, today)
    none_open = wanted.open_at is not None and not total
    if not total:
        results, total = await _page(session, ordered, offset, limit, demo, today)
    results = _from_pin(results, wanted.point)
    place_name = _told_place(where, results)
    if total or where is None:
        return Page(results, total, offset, tuple(wanted.needs), wanted.place, place_name, none_open=none_open)
    point = wanted.point or (where.latitude, where.longitude)
    elsewhere = _matching(wanted, "", demo, today).order_by(_distance(point), *_LAST)
    results, total = await _page(session, elsewhere, offset, limit, demo, today)
    results = _from_pin(results, wanted.point)
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
    for kind in (STATUSES_OF_PEOPLE, GROUPS):
        if asking := [one for one in wanted.eligible if one in kind]:
            query = query.where(or_(~Listing.eligible.overlap(list(kind)), Listing.eligible.overlap(asking)))
    return query


def _from_pin(results: Sequence[Found], pin: tuple[float, float] | None) -> tuple[Found, ...]:
    """Results with how far they are from a pin."""
    if pin is None:
        return tuple(results)
    return tuple(replace(one, kilometres=kilometres(*pin, *one.point) if one.point else None) for one in results)


def _met(needs: Sequence[str]) -> ColumnElement[int]:
    """How many of the needs a listing meets."""
    met: ColumnElement[int] = literal(0)
    for need in needs:
        met = met + Listing.needs.contains([need]).cast(Integer)
    return met


def _order(wanted: Wanted, where: Place | None) -> list[ColumnElement[Any]]:
    order: list[ColumnElement[Any]] = [Listing.is_full.asc()]
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


def _told_place(where: Place | None, results: Sequence[Found]) -> Text | None:
    """The place to head these results with: the asked district only if one of them is there, else its governorate."""
    if where and where.parent and results and all(found.place_name != where.name for found in results):
        return find_place(where.parent).name
    return where.name if where else None
