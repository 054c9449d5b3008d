"""What the directory says now of the entries that a table may be about."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, String, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from directory.exchange.standing import DOCUMENT, Known, add, among, stream, with_drafts
from directory.importing.rows import ID_KEYS, Row, id_of
from directory.models import Entry, Revision
from orthography.folding import fold


async def look_up(session: AsyncSession, rows: Sequence[Row]) -> Known:
    """What stands of all entries that rows name, by id or by their organization's name, and of what belongs to them.

    Whatever goes through all rows does so in a thread.
    """
    known = Known()
    await add(session, known, Entry.id == among(await asyncio.to_thread(_ids, rows)))
    await _add_names(session, known)
    organizations = await asyncio.to_thread(_organizations, known, rows)
    if any(not row.cells.get("service_id") for row in rows):
        owners = cast([str(one) for one in organizations], ARRAY(String))
        await add(session, known, (Entry.kind == "service") & (DOCUMENT["organization_id"].astext == func.any(owners)))
    await add(session, known, Entry.id == among(await asyncio.to_thread(known.parts) | organizations))
    await asyncio.to_thread(known.sort_services)
    await _add_earlier(session, known, await asyncio.to_thread(_earlier, known, rows))
    return known


async def _add_names(session: AsyncSession, known: Known) -> None:
    query = with_drafts(Entry.id, DOCUMENT["name"])
    query = query.where(Entry.kind == "organization", Entry.status != "archived", DOCUMENT.is_not(None))
    async for identity, name in stream(session, query):
        for folded in filter(None, map(fold, name.values())):
            known.named.setdefault(folded, set()).add(identity)


async def _add_earlier(session: AsyncSession, known: Known, wanted: set[tuple[UUID, int]]) -> None:
    entries = among({entry for entry, _ in wanted})
    query = select(Revision.entry_id, Revision.number, Revision.document).where(Revision.entry_id == entries)
    async for entry, number, document in stream(session, query):
        if (entry, number) in wanted:
            known.earlier[entry, number] = document


def _ids(rows: Sequence[Row]) -> set[UUID]:
    return {found for row in rows for key in ID_KEYS if (found := id_of(row.cells.get(key, "")))}


def _organizations(known: Known, rows: Sequence[Row]) -> set[UUID]:
    names = {fold(name) for row in rows for name in row.cell("organization_ar", "organization_en")}
    found = {one for name in names for one in known.named.get(name, ())}
    return found | {one for one, standing in known.entries.items() if standing.kind == "organization"}


def _earlier(known: Known, rows: Sequence[Row]) -> set[tuple[UUID, int]]:
    """The revisions that rows were made of, where these aren't what stands now."""
    wanted: set[tuple[UUID, int]] = set()
    for row in rows:
        for key, kind in ID_KEYS.items():
            entry = id_of(row.cells.get(key, ""))
            standing = known.entries.get(entry) if entry else None
            number = getattr(row.numbers, kind, 0)
            if entry and standing and 0 < number < standing.published:
                wanted.add((entry, number))
    return wanted
