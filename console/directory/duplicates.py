"""Duplicates: pairs of entries that may be the same, side by side, and what becomes of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Form, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access import Admin, SignedIn
from console.pages import render
from directory import duplicates, merging, records
from directory.differences import differences, outermost
from directory.duplicates import Pair
from directory.models import Entry, Listing, NotDuplicate
from directory.publishing import NotAllowed
from directory.records import Record, Service
from infrastructure.resources import Resources

router = APIRouter(prefix="/console/directory/duplicates")

PAGE, LAST_PAGE = 10, duplicates.MOST // 10
# What stands side by side, in this order; where anything else differs, it is only named.
SHOWN = {
    "organization": ("name", "description", "website", "email"),
    "location": ("name", "place", "address", "latitude", "is_confidential"),
    "service": ("name", "organization_id", "needs", "summary", "at", "assured_date"),
}
# Shown with another one, or no difference.
SILENT = {"id", "longitude"}

Kind = Literal["organization", "location", "service"]
One = Annotated[UUID, Form()]


@dataclass(frozen=True)
class Comparison:
    """A pair with the fields (the outermost) that it says differently."""

    pair: Pair
    different: frozenset[str]
    # Those of them that don't stand side by side.
    besides: tuple[str, ...]


@router.get("")
async def duplicates_page(
    request: Request,
    staff: SignedIn,
    kind: Kind = "organization",
    page: Annotated[int, Query(ge=1, le=LAST_PAGE)] = 1,
) -> Response:
    return await _page(request, kind, page)


@router.post("/not-the-same")
async def not_the_same(
    request: Request, staff: SignedIn, kind: Annotated[Kind, Form()], first: One, second: One
) -> Response:
    """Keep that two entries only look alike: nobody is asked again."""
    async with request.app.state.resources.sessions() as session:
        await _published(session, kind, first, second)
        await duplicates.set_apart(session, first, second, by=staff.id)
        await session.commit()
    return _back(kind)


@router.post("/maybe-the-same")
async def maybe_the_same(
    request: Request, staff: SignedIn, kind: Annotated[Kind, Form()], first: One, second: One
) -> Response:
    """Take that back."""
    async with request.app.state.resources.sessions() as session:
        await duplicates.put_back(session, first, second, by=staff.id)
        await session.commit()
    return _back(kind)


@router.post("/move")
async def move(request: Request, admin: Admin, kind: Annotated[Kind, Form()], stays: One, goes: One) -> Response:
    """Hand in for review that everything of one belongs to the other."""
    try:
        async with request.app.state.resources.sessions() as session:
            await merging.move(session, goes, stays, by=admin.id)
            await session.commit()
    except NotAllowed:
        return await _page(request, kind, 1, too_late=True)
    return _back(kind)


@router.post("/archive")
async def archive(request: Request, admin: Admin, kind: Annotated[Kind, Form()], stays: One, goes: One) -> Response:
    """Archive one because it is the other, once nothing hangs on it."""
    try:
        async with request.app.state.resources.sessions() as session:
            await merging.archive(session, goes, stays, by=admin.id)
            await session.commit()
    except NotAllowed:
        return await _page(request, kind, 1, too_late=True)
    return _back(kind)


def _back(kind: str) -> Response:
    return RedirectResponse(f"/console/directory/duplicates?kind={kind}", 303)


async def _page(request: Request, kind: Kind, page: int, *, too_late: bool = False) -> Response:
    resources: Resources = request.app.state.resources
    async with resources.sessions() as session:
        found = await duplicates.pairs(session, kind, demo=resources.settings.demo)
        shown = found[(page - 1) * PAGE : page * PAGE]
        both = [record for pair in shown for record in (pair.first, pair.second)]
        apart = await _set_apart(session, kind)
        return render(
            request,
            "directory/duplicates.html",
            409 if too_late else 200,
            kind=kind,
            kinds=tuple(SHOWN),
            fields=SHOWN[kind],
            comparisons=[_compared(kind, pair) for pair in shown],
            apart=apart,
            parts=await _parts(session, both),
            governorates=await _governorates(session, [record.id for record in both]),
            hanging=await merging.hanging(session, {record.id for record in both} if kind != "service" else ()),
            total=len(found),
            most=duplicates.MOST,
            page=page,
            more=page * PAGE < len(found),
            too_late=too_late,
        )


def _compared(kind: Kind, pair: Pair) -> Comparison:
    found = differences(pair.first.document(), pair.second.document())
    different = dict.fromkeys(outermost(difference.field) for difference in found)
    besides = tuple(field for field in different if field not in SHOWN[kind] and field not in SILENT)
    return Comparison(pair, frozenset(different), besides)


async def _published(session: AsyncSession, kind: Kind, *ids: UUID) -> None:
    """404 unless these are different published entries of a kind."""
    query = select(func.count()).where(Entry.id.in_(ids), Entry.kind == kind, Entry.status == "published")
    if await session.scalar(query) != len(ids):
        raise HTTPException(404)


async def _set_apart(session: AsyncSession, kind: Kind) -> list[tuple[Record, Record]]:
    """What isn't the same, as somebody said: the last few, to take it back."""
    query = select(NotDuplicate).join(Entry, Entry.id == NotDuplicate.first_id).where(Entry.kind == kind)
    rows = list(await session.scalars(query.order_by(NotDuplicate.said_at.desc()).limit(PAGE)))
    entries = await session.scalars(
        select(Entry).where(Entry.id.in_([one for row in rows for one in (row.first_id, row.second_id)]))
    )
    found = {entry.id: records.read(entry.kind, entry.document or {}) for entry in entries}
    return [(found[row.first_id], found[row.second_id]) for row in rows]


async def _parts(session: AsyncSession, both: Sequence[Record]) -> dict[UUID, Record]:
    """The organizations and locations of services, by id."""
    ids = {part for record in both if isinstance(record, Service) for part in merging.parts(record)}
    entries = await session.scalars(select(Entry).where(Entry.id.in_(ids), Entry.document.is_not(None)))
    return {entry.id: records.read(entry.kind, entry.document or {}) for entry in entries}


async def _governorates(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """Where organizations offer something, as codes."""
    query = select(Listing.organization_id, func.array_agg(Listing.governorate.distinct()))
    rows = await session.execute(query.where(Listing.organization_id.in_(ids)).group_by(Listing.organization_id))
    found: dict[UUID, Any] = dict(rows.all())
    return found
