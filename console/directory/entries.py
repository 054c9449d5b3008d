"""The directory's list: every entry with where it stands, by words, need, place and status, and on a map."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from console.access import SignedIn
from console.directory import choices, maps
from console.pages import render
from directory import freshness
from directory.finding import Row, Sought, Standing, by_district, entries
from directory.records import KINDS, Kind
from infrastructure.local_time import day_in_iraq

router = APIRouter(prefix="/console/directory")

PAGE_SIZE = 50


def sought(
    kind: Kind = "service",
    words: Annotated[str, Query(max_length=200)] = "",
    need: Annotated[str, Query(max_length=40)] = "",
    place: Annotated[str, Query(max_length=20)] = "",
    standing: Standing = "",
) -> Sought:
    """The list's filters, as they stand in its addresses."""
    return Sought(kind, words, need, place, standing)


@router.get("")
async def entries_page(
    request: Request,
    staff: SignedIn,
    filters: Annotated[Sought, Depends(sought)],
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    async with request.app.state.resources.sessions() as session:
        rows, total = await entries(session, filters, offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE)
        places = await choices.places(session)
        return render(
            request,
            "directory/entries.html",
            rows=rows,
            total=total,
            filters=filters,
            kinds=KINDS,
            codes=choices.CODES,
            places=places,
            page=page,
            has_more=total > page * PAGE_SIZE,
            query=_query(filters),
            query_without_place=_query(replace(filters, place="")),
            is_due=_is_due,
            **await _of_services(session, rows),
            **await _map(session, filters, places),
        )


async def _of_services(session: AsyncSession, rows: Sequence[Row]) -> dict[str, Any]:
    """The names of what the services on this page point to."""
    documents = [row.document for row in rows if row.kind == "service"]
    return {"names": await choices.names(session, "service", *documents)}


async def _map(session: AsyncSession, filters: Sought, places: list[Any]) -> dict[str, Any]:
    """The points of all that the list has, whatever place is chosen: another one is a click away."""
    counts = await by_district(session, replace(filters, place=""))
    return {
        "points": maps.points(places, counts),
        "outline": maps.outline(),
        "width": maps.WIDTH,
        "height": maps.HEIGHT,
        "labels": [(place, *maps.project(place.longitude, place.latitude)) for place in places if not place.parent],
    }


def _is_due(row: Row) -> bool:
    """Whether a published service must be checked again; what is made up doesn't age."""
    if row.kind != "service" or row.status != "published" or row.document.get("is_demo"):
        return False
    return freshness.is_due(row.document["needs"], row.assured_date, day_in_iraq())


def _query(filters: Sought) -> str:
    return urlencode({name: value for name, value in asdict(filters).items() if value})
