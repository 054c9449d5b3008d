"""Finding services: which needs they meet, where they are, and in which order people see them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from difflib import get_close_matches
from functools import lru_cache
from math import cos, radians
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Select, String, cast, exists, func, literal, or_, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from directory.models import Listing, Place, Word
from directory.needs import NEEDS
from directory.opening import Rule, is_open, read_rules
from directory.places import find_place, kilometres
from directory.records import GROUPS, STATUSES_OF_PEOPLE
from directory.results import Found, Page, Text, found
from infrastructure.local_time import day_in_iraq
from orthography.folding import fold

# A misspelt word may mean the likest of our words (difflib's ratio, 0 to 1). They are looked for among those that share
# some of its letters in a row (pg_trgm's similarity).
LIKEST, ALIKE = 4, 0.75
COMPARED, SHARING = 30, 0.25
# What begins with a word stands, in the order of letters' numbers, between it and it followed by the last of them.
LAST_LETTER = "\U0010ffff"
# More words than these are no search.
WORDS = 12
# Among how many services that a text names the best are looked for: what more have in common tells none apart.
RANKED = 200
# Among how many results those that are open are looked for.
CANDIDATES = 40


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for: needs (any of them) or organizations, where, and who asks (codes of `records.ELIGIBLE`).

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
    # Only what one of these offers; then all of it if no need is named.
    organizations: Sequence[UUID] = ()


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
    recently assured. Rows marked demo are found only if `demo`. Unknown codes, or nothing asked, are a ValueError.
    """
    if unknown := set(wanted.needs) - set(NEEDS):
        raise ValueError(f"unknown needs: {sorted(unknown)}")
    if not wanted.needs and not wanted.organizations:
        raise ValueError("no need and no organization to search for")
    today = today or day_in_iraq()
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
    page = Page(results, total, offset, tuple(wanted.needs), wanted.place, _told_place(where, results))
    page = replace(page, none_open=none_open, organization_name=_told_organization(wanted, results))
    if total or where is None:
        return page
    point = wanted.point or (where.latitude, where.longitude)
    elsewhere = _matching(wanted, "", demo, today).order_by(_distance(point), *_LAST)
    results, total = await _page(session, elsewhere, offset, limit, demo, today)
    results = _from_pin(results, wanted.point)
    page = replace(page, results=results, total=total, place_name=where.name, is_nearby=bool(results))
    return replace(page, organization_name=_told_organization(wanted, results))


async def by_words(
    session: AsyncSession, text: str, *, limit: int = 20, demo: bool, today: date | None = None
) -> tuple[Found, ...]:
    """Services that a text in either language names, the best match first (`limit`: at most `RANKED`).

    Those with all its words or, if there are none, with any. A word finds what begins with it; one that nothing begins
    with is misspelt, and finds what it is like.
    """
    today = today or day_in_iraq()
    meant = await _meant(session, fold(text[:200]).split()[:WORDS])
    for joined in (" & ", " | "):
        query = func.to_tsquery("simple", joined.join(meant))
        if meant and (found := (await _page(session, _best(query, demo, today), 0, limit, demo, today))[0]):
            return found
    return ()


async def _meant(session: AsyncSession, asked: Sequence[str]) -> list[str]:
    """For each word what it may find, as a part of a tsquery; words that are like none of ours are left out."""
    words = func.unnest(cast(list(asked), ARRAY(String))).column_valued("asked")
    begins = Word.word.between(words, words.concat(LAST_LETTER))
    others = exists().where(begins, Word.word != words)
    known: dict[str, bool] = dict(
        tuple(row) for row in await session.execute(select(words, others).where(exists().where(begins)))
    )
    if not known.keys() >= set(asked):
        await session.execute(select(func.set_config("pg_trgm.similarity_threshold", str(SHARING), True)))
    meant = []
    for one in dict.fromkeys(asked):
        sharing = select(Word.word).where(Word.word.op("%")(one)).order_by(func.similarity(Word.word, one).desc())
        if one in known:
            # Looking for all that begins with it takes twice as long.
            meant.append(f"{one}:*" if known[one] else one)
        elif alike := get_close_matches(one, await session.scalars(sharing.limit(COMPARED)), LIKEST, ALIKE):
            meant.append(f"({' | '.join(alike)})")
    return meant


def _best(query: ColumnElement[Any], demo: bool, today: date) -> Select[UUID, UUID, int]:
    """The listings that match a tsquery, the best first, of as many as are compared."""
    columns = Listing.service_id, Listing.location_id, Listing.words, Listing.assured_date
    some = select(*columns).where(*shown(demo, today), Listing.words.op("@@")(query)).limit(RANKED).subquery().c
    best = func.ts_rank(some.words, query).desc(), some.assured_date.desc().nulls_last()
    named = select(some.service_id, some.location_id, func.count().over())
    return named.order_by(*best, some.service_id, some.location_id)


async def of_service(session: AsyncSession, service_id: UUID, *, demo: bool, today: date) -> tuple[Found, ...]:
    """A published service at each of its locations as answers say it, also when it isn't shown (any more)."""
    rows = await session.scalars(select(Listing).where(Listing.service_id == service_id).order_by(Listing.location_id))
    return tuple(found(row, demo, today) for row in rows)


def shown(demo: bool, today: date) -> list[ColumnElement[bool]]:
    """What may be told today."""
    shown = [Listing.shown_from <= today, Listing.shown_until >= today]
    return shown if demo else [*shown, ~Listing.is_demo]


def _matching(wanted: Wanted, governorate: str, demo: bool, today: date) -> Select[UUID, UUID, int]:
    query = select(Listing.service_id, Listing.location_id, func.count().over())
    query = query.where(*shown(demo, today))
    if wanted.needs:
        query = query.where(Listing.keys.overlap([f"{need}@{governorate}" for need in wanted.needs]))
    elif governorate:
        query = query.where(Listing.governorate == governorate)
    if wanted.organizations:
        query = query.where(Listing.organization_id.in_(wanted.organizations))
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
    return await _told(session, [row[:2] for row in rows], demo, today), rows[0][2] if rows else 0


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
    keys = [row[:2] for row in await session.execute(query.limit(CANDIDATES))]
    hours = select(Listing.service_id, Listing.location_id, Listing.found["schedules"].astext).where(_KEY.in_(keys))
    kept = {row[:2]: row[2] for row in await session.execute(hours)}
    # Many keep the same hours, and each pattern is looked at once.
    is_shut = {schedules: is_open(_rules(schedules), at) is False for schedules in set(kept.values())}
    are_open = [key for key in keys if key in kept and not is_shut[kept[key]]]
    return await _told(session, are_open[offset : offset + limit], demo, today), len(are_open)


@lru_cache(maxsize=4096)
def _rules(schedules: str) -> tuple[Rule, ...]:
    return read_rules(json.loads(schedules))


_KEY = tuple_(Listing.service_id, Listing.location_id)


async def _told(session: AsyncSession, keys: Sequence[Any], demo: bool, today: date) -> tuple[Found, ...]:
    """What is said of listings, in the order of their keys."""
    listings = {
        (row.service_id, row.location_id): row for row in await session.scalars(select(Listing).where(_KEY.in_(keys)))
    }
    # One may have left since the keys were read.
    return tuple(found(listings[key], demo, today) for key in keys if key in listings)


def _told_place(where: Place | None, results: Sequence[Found]) -> Text | None:
    """The place to head these results with: the asked district only if one of them is there, else its governorate."""
    if where and where.parent and results and all(found.place_name != where.name for found in results):
        return find_place(where.parent).name
    return where.name if where else None


def _told_organization(wanted: Wanted, results: Sequence[Found]) -> Text | None:
    """The one organization that was asked for; two may have the same short name."""
    several = len({found.organization_id for found in results}) != 1
    return None if several or not wanted.organizations else results[0].organization_name
