"""Entries as they stand, for tables: what is published of each, or, if nothing ever was, what is being written."""

import gc
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Executable, Uuid, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from directory.exchange.sheet import Document
from directory.models import OPEN_STATES, Entry, Revision

# Rows are fetched a few at a time: between them the server does other things.
AT_A_TIME = 500
# Of a query of entries that `with_drafts` joins the drafts to.
DOCUMENT = func.coalesce(Entry.document, Revision.document)


@dataclass(frozen=True, slots=True)
class Standing:
    """An entry: what it says, the number of its published revision, and who is writing or reviewing a change of it."""

    kind: str
    status: str
    published: int
    document: Document
    is_open: bool
    author: UUID | None


@dataclass(slots=True)
class Known:
    """The entries by id, organizations by their folded names, and each organization's services."""

    entries: dict[UUID, Standing] = field(default_factory=dict)
    named: dict[str, set[UUID]] = field(default_factory=dict)
    services_of: dict[UUID, list[UUID]] = field(default_factory=dict)
    # What was published before, by entry and number: a table may be older than what stands.
    earlier: dict[tuple[UUID, int], Document] = field(default_factory=dict)

    def document(self, entry: UUID | None) -> Document | None:
        """What stands of an entry; None for one that isn't there yet."""
        found = self.entries.get(entry) if entry else None
        return found.document if found else None

    def base(self, entry: UUID | None, number: int | None) -> Document | None:
        """What an entry said when a row was made of it, if the row tells; else what stands."""
        earlier = self.earlier.get((entry, number)) if entry and number else None
        return earlier or self.document(entry)

    def parts(self) -> set[UUID]:
        """The organizations and locations of the services that aren't here yet."""
        services = [one.document for one in self.entries.values() if one.kind == "service"]
        owners = {UUID(one["organization_id"]) for one in services if one["organization_id"]}
        places = {UUID(at["location_id"]) for one in services for at in one["at"]}
        return (owners | places) - self.entries.keys()

    def sort_services(self) -> None:
        """Fill in each organization's services, without archived ones."""
        for identity, one in self.entries.items():
            if one.kind == "service" and one.status != "archived" and one.document["organization_id"]:
                self.services_of.setdefault(UUID(one.document["organization_id"]), []).append(identity)


@contextmanager
def uncollected() -> Iterator[None]:
    """Without Python's garbage collector: while a hundred thousand documents are held, each of its rounds looks at
    millions of objects and stops the whole server for seconds. None of them is in a circle, so nothing piles up."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


async def add(session: AsyncSession, known: Known, which: ColumnElement[bool]) -> None:
    """Read some entries (conditions on `Entry` and `DOCUMENT`); a draft that was given up says nothing."""
    columns = (Entry.id, Entry.kind, Entry.status, Entry.published, DOCUMENT, Revision.id, Revision.author_id)
    query = with_drafts(*columns).where(which, DOCUMENT.is_not(None))
    async for identity, kind, status, published, document, revision, author in stream(session, query):
        known.entries[identity] = Standing(kind, status, published, document, revision is not None, author)


def with_drafts(*columns: Any) -> Any:
    """A query of entries and of the change of each that somebody is writing or reviewing."""
    is_open = (Revision.entry_id == Entry.id) & Revision.state.in_(OPEN_STATES)
    return select(*columns).select_from(Entry).outerjoin(Revision, is_open)


def among(ids: Iterable[UUID]) -> ColumnElement[Any]:
    """One array, however many: a statement has room for 65,535 values only."""
    return func.any(cast(list(ids), ARRAY(Uuid)))


async def stream(session: AsyncSession, query: Executable) -> AsyncIterator[Any]:
    """The rows of a query, a few at a time."""
    async for part in (await session.stream(query)).partitions(AT_A_TIME):
        for row in part:
            yield row
