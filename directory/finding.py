"""The staff's list of entries: what is published and what is being written, by words, need, place and status."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, and_, cast, column, exists, func, or_, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from directory.models import OPEN_STATES, Entry, Revision
from directory.records import Kind
from orthography.folding import fold

Standing = Literal["", "published", "draft", "in_review", "archived"]
_Part, _PartRevision = aliased(Entry), aliased(Revision)
# What an entry will say if its open revision is published, else what it says.
_DOCUMENT = func.coalesce(Revision.document, Entry.document)
_PART_DOCUMENT = func.coalesce(_PartRevision.document, _Part.document)
_OPEN = and_(Revision.entry_id == Entry.id, Revision.state.in_(OPEN_STATES))
_PART_OPEN = and_(_PartRevision.entry_id == _Part.id, _PartRevision.state.in_(OPEN_STATES))


@dataclass(frozen=True)
class Sought:
    """What staff look for; empty strings ask nothing. A governorate's code finds what is in its districts too."""

    kind: Kind = "service"
    words: str = ""
    need: str = ""
    place: str = ""
    standing: Standing = ""
    organization: UUID | None = None


@dataclass(frozen=True)
class Row:
    """An entry as the list shows it: its newest document, and where that stands."""

    id: UUID
    kind: str
    status: str
    # The state of the open revision: "draft", "in_review", or None when nothing is open.
    open_state: str | None
    document: Mapping[str, Any]
    changed_at: datetime

    @property
    def assured_date(self) -> date | None:
        """When a service was last assured."""
        assured = self.document.get("assured_date")
        return date.fromisoformat(assured) if assured else None


async def entries(
    session: AsyncSession, sought: Sought, *, offset: int = 0, limit: int = 50
) -> tuple[Sequence[Row], int]:
    """Entries of one kind, those changed last first, and how many there are in all."""
    query: Select[Any] = _matching(sought, select(Entry, Revision.state, _DOCUMENT))
    newest = func.greatest(Entry.changed_at, Revision.saved_at)
    found = await session.execute(query.order_by(newest.desc(), Entry.id).offset(offset).limit(limit))
    rows = [
        Row(entry.id, entry.kind, entry.status, state, document, entry.changed_at) for entry, state, document in found
    ]
    total = await session.scalar(_matching(sought, select(func.count()).select_from(Entry)))
    return rows, total or 0


async def by_district(session: AsyncSession, sought: Sought) -> dict[str, int]:
    """How many services, or locations, the list has in each place: the points of its map."""
    if sought.kind == "location":
        place = _DOCUMENT["place"].astext
        query = _matching(sought, select(place, func.count()).select_from(Entry)).group_by(place)
    elif sought.kind == "service":
        place = _PART_DOCUMENT["place"].astext
        query = _matching(sought, select(place, func.count(Entry.id.distinct())).select_from(Entry))
        query = query.join(_at, _TRUE).join(_Part, _Part.id == _AT_LOCATION).outerjoin(_PartRevision, _PART_OPEN)
        query = query.group_by(place)
    else:
        return {}
    return {code: count for code, count in (await session.execute(query)).all() if code}


async def documents(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, Mapping[str, Any]]:
    """The newest documents of entries: what is being written of them, else what is published."""
    rows = await session.execute(
        select(Entry.id, _DOCUMENT).outerjoin(Revision, _OPEN).where(Entry.id.in_(ids), _DOCUMENT.is_not(None))
    )
    return dict(rows.all())


async def using(session: AsyncSession, entry_id: UUID, *, limit: int = 50) -> Sequence[Row]:
    """The services of an organization or at a location."""
    parts = ({"organization_id": str(entry_id)}, {"at": [{"location_id": str(entry_id)}]})
    query = select(Entry, Revision.state, _DOCUMENT).outerjoin(Revision, _OPEN)
    query = query.where(Entry.kind == "service", or_(*(_DOCUMENT.contains(part) for part in parts)))
    found = await session.execute(query.order_by(Entry.folded).limit(limit))
    return [
        Row(entry.id, entry.kind, entry.status, state, document, entry.changed_at) for entry, state, document in found
    ]


# The elements of a service's `at`.
_at = func.jsonb_array_elements(_DOCUMENT["at"]).table_valued(column("value", JSONB)).render_derived(name="at")
_AT_LOCATION = cast(_at.c.value["location_id"].astext, Uuid)
_TRUE: ColumnElement[bool] = func.coalesce(True)


def _matching(sought: Sought, query: Any) -> Any:
    query = query.outerjoin(Revision, _OPEN).where(Entry.kind == sought.kind, _DOCUMENT.is_not(None))
    if sought.standing in OPEN_STATES:
        query = query.where(Revision.state == sought.standing)
    elif sought.standing:
        query = query.where(Entry.status == sought.standing)
    if sought.need:
        query = query.where(_DOCUMENT.contains({"needs": [sought.need]}))
    if sought.organization:
        query = query.where(_DOCUMENT.contains({"organization_id": str(sought.organization)}))
    for word in fold(sought.words[:200]).split()[:12]:
        query = query.where(Entry.folded.contains(word, autoescape=True))
    return query.where(_in(sought.place, sought.kind)) if sought.place else query


def _in(place: str, kind: str) -> ColumnElement[bool]:
    """Whether an entry is in a place: services by their locations."""
    if kind != "service":
        here: ColumnElement[bool] = _DOCUMENT["place"].astext.startswith(place, autoescape=True)
        return here
    locations = select(1).select_from(_at).join(_Part, _Part.id == _AT_LOCATION).outerjoin(_PartRevision, _PART_OPEN)
    there: ColumnElement[bool] = exists(
        locations.where(_PART_DOCUMENT["place"].astext.startswith(place, autoescape=True)).correlate(Entry, Revision)
    )
    return there
