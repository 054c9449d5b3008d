"""What the directory covers: need by governorate, what is getting old, and what people asked for in vain."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, log
from typing import Annotated, Any, Literal
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access import SignedIn
from console.pages import language_of, render
from conversations import demand
from conversations.demand import Asked
from directory.coverage import Count, Coverage, coverage, oldest
from directory.exchange.tables import write_csv
from directory.models import Entry, Place
from directory.needs import NEEDS
from infrastructure.local_time import day_in_iraq
from infrastructure.resources import Resources

router = APIRouter(prefix="/console/directory/coverage")

# How many shades the table has, and how many organizations the last plot shows.
SHADES, ORGANIZATIONS = 4, 15
COLUMNS = ("need", "need_name", "place", "place_name", "checked", "due", "not_shown")


@dataclass(frozen=True)
class Filters:
    """Whose services, and how far back what people asked for counts."""

    organization: UUID | None
    days: int

    def query(self) -> str:
        """As they stand in an address."""
        chosen = {"organization": self.organization, "days": self.days}
        return urlencode({name: value for name, value in chosen.items() if value})


def filters(organization: UUID | Literal[""] = "", days: int = demand.PERIODS[0]) -> Filters:
    """The page's filters; a period that the page doesn't offer is no page."""
    if days not in demand.PERIODS:
        raise HTTPException(404)
    return Filters(organization or None, days)


Chosen = Annotated[Filters, Depends(filters)]


@dataclass(frozen=True)
class Bar:
    """A bar of a plot in parts that lie end to end; where they begin and how long they are is in per cent."""

    key: Any
    count: Count
    parts: tuple[tuple[str, float, float], ...]


@dataclass(frozen=True)
class Missing:
    """What people asked for where nobody offers it; `anywhere`: nor elsewhere in Iraq."""

    asked: Asked
    anywhere: bool


@router.get("")
async def coverage_page(request: Request, staff: SignedIn, chosen: Chosen) -> Response:
    resources: Resources = request.app.state.resources
    demo = resources.settings.demo
    async with resources.sessions() as session:
        names = await _organizations(session)
        found = await _found(session, chosen, names, demo)
        all_of_iraq = await coverage(session, demo=demo) if chosen.organization else found
        places = await _governorates(session)
        asked = await demand.asked(session, chosen.days)
        checked = await oldest(session, demo=demo, organization=chosen.organization)
    needs, governorates = _by_size(found.needs, NEEDS), _by_size(found.governorates, places)
    to_check = sorted(found.organizations.items(), key=lambda one: (-one[1].due - one[1].hidden, -one[1].shown, one[0]))
    return render(
        request,
        "directory/coverage.html",
        found=found,
        chosen=chosen,
        periods=demand.PERIODS,
        step=demand.STEP,
        names=names,
        needs=needs,
        governorates=governorates,
        nothing=Count(),
        shade=_shades(found),
        holes=sum(not found.cells.get((need, place), Count()).shown for need in needs for place in governorates),
        missing=list(_missing(asked, all_of_iraq, places)),
        plots={
            "need": _bars((need, found.needs.get(need, Count())) for need in needs),
            "place": _bars((place, found.governorates.get(place, Count())) for place in governorates),
            "organization": _bars(to_check[:ORGANIZATIONS]),
        },
        more_organizations=max(0, len(to_check) - ORGANIZATIONS),
        oldest=checked,
    )


@router.get(".csv")
async def coverage_table(request: Request, staff: SignedIn, chosen: Chosen) -> Response:
    """The table as a file. What people asked for stays out of it: it is nobody's to pass on."""
    resources: Resources = request.app.state.resources
    language, word = language_of(request), request.app.state.pages.word
    async with resources.sessions() as session:
        found = await _found(session, chosen, await _organizations(session), resources.settings.demo)
        places = await _governorates(session)
    rows = (
        dict(zip(COLUMNS, (need, word("need", need, language), place, name[language], *counts), strict=True))
        for need in NEEDS
        for place, name in places.items()
        for count in [found.cells.get((need, place), Count())]
        for counts in [(str(count.fresh), str(count.due), str(count.hidden))]
    )
    today = day_in_iraq()
    headers = {"Content-Disposition": f'attachment; filename="daleel-coverage-{today}.csv"'}
    return Response(write_csv(COLUMNS, rows), media_type="text/csv; charset=utf-8", headers=headers)


async def _found(session: AsyncSession, chosen: Filters, names: Mapping[UUID, Any], demo: bool) -> Coverage:
    if chosen.organization and chosen.organization not in names:
        raise HTTPException(404)
    return await coverage(session, demo=demo, organization=chosen.organization)


async def _organizations(session: AsyncSession) -> dict[UUID, dict[str, str]]:
    """The names of all organizations that were ever published."""
    query = select(Entry.id, Entry.document["name"]).where(Entry.kind == "organization", Entry.document.is_not(None))
    return {row.id: row[1] for row in await session.execute(query)}


async def _governorates(session: AsyncSession) -> dict[str, dict[str, str]]:
    rows = await session.execute(
        select(Place.code, Place.name).where(Place.level == "governorate").order_by(Place.code)
    )
    return dict(rows.all())


def _by_size(counts: Mapping[str, Count], codes: Iterable[str]) -> list[str]:
    """All codes, those with most services first: what is missing gathers in the table's far corner."""
    return sorted(codes, key=lambda code: -counts.get(code, Count()).shown)


def _shades(found: Coverage) -> Mapping[tuple[str, str], int]:
    """How dark each cell is, 1 to SHADES; by magnitude, since a capital has a hundred times what a district has."""
    most = max((count.shown for count in found.cells.values()), default=0)
    return {
        cell: ceil(SHADES * log(1 + count.shown) / log(1 + most)) for cell, count in found.cells.items() if count.shown
    }


def _bars(counts: Iterable[tuple[Any, Count]]) -> list[Bar]:
    counts = list(counts)
    longest = max((count.total for _, count in counts), default=0)
    return [Bar(key, count, tuple(_parts(count, longest))) for key, count in counts]


def _parts(count: Count, longest: int) -> Iterator[tuple[str, float, float]]:
    begins = 0.0
    for kind in ("fresh", "due", "hidden"):
        length = 100 * getattr(count, kind) / longest if longest else 0.0
        if length:
            yield kind, begins, length
        begins += length


def _missing(asked: Sequence[Asked], found: Coverage, places: Mapping[str, Any]) -> Iterator[Missing]:
    """Of what was asked for, in order, what nobody offers; never a code that the directory doesn't know."""
    for one in asked:
        nowhere = not found.needs.get(one.need, Count()).shown
        here = one.governorate in places and not found.cells.get((one.need, one.governorate or ""), Count()).shown
        if one.need in NEEDS and (here or (nowhere and one.governorate is None)):
            yield Missing(one, nowhere)
