"""The rows of the table that leaves: of services for others, or of all there is for staff to work on.

What others get is what may leave at all (`directory.exchange.leaving`), and of a confidential location its governorate
only. What staff work on says which versions it was made of: brought back, it undoes nobody's later change.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from uuid import UUID

from sqlalchemy import false, or_
from sqlalchemy.ext.asyncio import AsyncSession

from directory.exchange import leaving, sheet
from directory.exchange.columns import COLUMNS
from directory.exchange.leaving import Filters
from directory.exchange.outgoing import Leaving
from directory.exchange.sheet import Numbers, Pair
from directory.exchange.sheet_places import Places
from directory.exchange.standing import DOCUMENT, Known, add, among, uncollected
from directory.models import Entry

Row = Mapping[str, str]
# Services read at a time.
_BATCH = 500
_ORDER = ("organization_en", "organization_ar", "service_en", "service_ar", "district_code", "location_id")


async def rows_for_others(
    session: AsyncSession, filters: Filters, places: Places, language: str, *, demo: bool
) -> list[Row]:
    """The published services that may leave at locations that may, without what others must not know."""
    found = (await session.execute(leaving.pairs(filters, demo=demo))).all()
    of_service: dict[UUID, set[UUID]] = {}
    for service, location in found:
        of_service.setdefault(service, set()).add(location)
    rows: list[Row] = []
    ids = list(of_service)
    for start in range(0, len(ids), _BATCH):
        loaded = (await leaving.load(session, ids[start : start + _BATCH], demo=demo)).values()
        rows += await asyncio.to_thread(lambda some: list(_leaving(some, of_service, places, language, demo)), loaded)
    return await asyncio.to_thread(_in_order, rows)


async def rows_to_work_on(
    session: AsyncSession, filters: Filters, places: Places, language: str, *, published_only: bool
) -> list[Row]:
    """All services at all their locations, unfinished and archived ones too unless `published_only`."""
    which = Entry.kind == "service"
    if filters.needs is not None:
        which &= or_(false(), *(DOCUMENT.contains({"needs": [need]}) for need in filters.needs))
    if filters.organization_id:
        which &= DOCUMENT["organization_id"].astext == str(filters.organization_id)
    if published_only:
        which &= Entry.status == "published"
    known = Known()
    with uncollected():
        await add(session, known, which)
        await add(session, known, Entry.id == among(await asyncio.to_thread(known.parts)))
        return await asyncio.to_thread(lambda: _in_order(_standing(known, filters.places, places, language)))


def columns_for(rows: Sequence[Row]) -> list[str]:
    """The columns of a table: those for people always, the others where a row has something in them."""
    return [key for key, column in COLUMNS.items() if column.kind != "info" or any(key in row for row in rows)]


def _leaving(
    some: Iterable[Leaving], at: Mapping[UUID, set[UUID]], places: Places, language: str, demo: bool
) -> Iterator[Row]:
    for one in some:
        service, organization = one.service.document(), one.organization.document()
        for there in one.service.at:
            if there.location_id in at[one.service.id] & one.locations.keys():
                told = there.document()
                told["phones"] = [phone for phone in told["phones"] if demo or not phone["is_demo"]]
                pair = Pair(service, organization, one.locations[there.location_id].document(), told)
                yield sheet.cells(sheet.hide(pair, places), places, language)


def _standing(known: Known, codes: Sequence[str] | None, places: Places, language: str) -> Iterator[Row]:
    for one in known.entries.values():
        if one.kind != "service":
            continue
        owner = known.entries.get(UUID(one.document["organization_id"])) if one.document["organization_id"] else None
        # A draft may have no location yet.
        for at in one.document["at"] or [sheet.BLANK_AT]:
            where = known.entries.get(UUID(at["location_id"])) if "location_id" in at else None
            if codes is not None and (where is None or where.document["place"] not in codes):
                continue
            pair = Pair(one.document, owner.document if owner else None, where.document if where else None, at)
            numbers = Numbers(one.published, owner.published if owner else 0, where.published if where else 0)
            yield sheet.cells(pair, places, language) | {"version": str(numbers), "status": one.status}


def _in_order(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: [row.get(key, "") for key in _ORDER])
