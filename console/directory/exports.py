"""Exporting services: as a spreadsheet or as HSDS, for others or, by admins, to work on and bring back."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData

from console.access import SignedIn
from console.accounts import Staff
from console.pages import language_of, render
from directory.exchange import collections, sheet_rows
from directory.exchange.columns import COLUMNS
from directory.exchange.leaving import Filters
from directory.exchange.sheet_places import Places
from directory.exchange.tables import write_csv, write_xlsx
from directory.models import Entry, Place
from directory.needs import NEEDS
from directory.places import read_places
from infrastructure import audit
from infrastructure.local_time import BAGHDAD
from infrastructure.resources import Resources

router = APIRouter(prefix="/console/directory/export")

FORMATS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}
# What the sheet is called says whom it is for.
SHEETS = {"others": {"ar": "الخدمات", "en": "Services"}, "work": {"ar": "نسخة عمل", "en": "Working copy"}}


@dataclass(frozen=True)
class Wanted:
    """What the form says; `problem` is the field that it can't be done with."""

    format: str = "xlsx"
    purpose: str = "others"
    everything: bool = False
    governorate: str = ""
    need: str = ""
    organization: str = ""
    problem: str = ""


@router.get("")
async def export_page(request: Request, staff: SignedIn) -> Response:
    return await _form(request, Wanted())


@router.post("")
async def export(request: Request, staff: SignedIn) -> Response:
    """The file, or the form again with what is wrong in it."""
    resources: Resources = request.app.state.resources
    wanted = _wanted(await request.form(), staff)
    if wanted.problem:
        return await _form(request, wanted)
    places = Places(read_places())
    inside = [code for code in places.parents if places.governorate_of(code) == wanted.governorate]
    filters = Filters(
        needs=[wanted.need] if wanted.need else None,
        organization_id=UUID(wanted.organization) if wanted.organization else None,
        places=inside if wanted.governorate else None,
    )
    if wanted.format == "json":
        data, count = await _hsds(resources, filters)
    else:
        async with resources.sessions() as session:
            rows = await _rows(session, wanted, filters, places, language_of(request), resources)
        data, count = await asyncio.to_thread(_table, wanted, rows, language_of(request)), len(rows)
    async with resources.sessions() as session:
        chosen = {name: value for name in ("governorate", "need", "organization") if (value := getattr(wanted, name))}
        audit.record(
            session, staff.id, "directory.exported", format=wanted.format, purpose=wanted.purpose, rows=count, **chosen
        )
        await session.commit()
    name = f"daleel-{datetime.now(BAGHDAD):%Y-%m-%d}{'-working' if wanted.purpose == 'work' else ''}.{wanted.format}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, media_type=FORMATS[wanted.format], headers=headers)


async def _rows(
    session: AsyncSession, wanted: Wanted, filters: Filters, places: Places, language: str, resources: Resources
) -> Sequence[sheet_rows.Row]:
    # Codes and tags are for other programs: those read English.
    language = "en" if wanted.format == "csv" else language
    if wanted.purpose == "work":
        published_only = not wanted.everything
        return await sheet_rows.rows_to_work_on(session, filters, places, language, published_only=published_only)
    return await sheet_rows.rows_for_others(session, filters, places, language, demo=resources.settings.demo)


async def _hsds(resources: Resources, filters: Filters) -> tuple[bytes, int]:
    """All services that may leave, as a list."""
    services = collections.services(filters, demo=resources.settings.demo, full=True)
    lines = [line.rstrip("\n") async for line in collections.lines(resources, services)]
    return f"[{','.join(lines)}]".encode(), len(lines)


def _table(wanted: Wanted, rows: Sequence[sheet_rows.Row], language: str) -> bytes:
    keys = sheet_rows.columns_for(rows)
    if wanted.format == "csv":
        return write_csv(keys, [{key: COLUMNS[key].tag for key in keys}, *rows])
    titles = {key: COLUMNS[key].title(language) for key in keys}
    told = [{titles[key]: text for key, text in row.items()} for row in rows]
    return write_xlsx(list(titles.values()), told, SHEETS[wanted.purpose][language], right_to_left=language == "ar")


def _wanted(form: FormData, staff: Staff) -> Wanted:
    said = {name: str(form.get(name, "")) for name in ("format", "purpose", "governorate", "need", "organization")}
    everything = "everything" in form
    return Wanted(**said, everything=everything, problem=_problem(said, everything, staff))


def _problem(said: dict[str, str], everything: bool, staff: Staff) -> str:
    """The field of a form that none of our pages makes, or that asks for more than somebody may have."""
    codes = [place["code"] for place in read_places() if place["parent"] is None]
    is_known = (
        ("format", said["format"] in FORMATS),
        ("purpose", said["purpose"] in SHEETS and (said["purpose"] == "others" or staff.role == "admin")),
        ("everything", not everything or said["purpose"] == "work"),
        ("format", said["format"] != "json" or said["purpose"] == "others"),
        ("governorate", said["governorate"] in ("", *codes)),
        ("need", said["need"] in ("", *NEEDS)),
        ("organization", not said["organization"] or _is_id(said["organization"])),
    )
    return next((field for field, fine in is_known if not fine), "")


def _is_id(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False


async def _form(request: Request, wanted: Wanted) -> Response:
    async with request.app.state.resources.sessions() as session:
        query = select(Place.code, Place.name).where(Place.level == "governorate").order_by(Place.code)
        context: dict[str, Any] = {
            "wanted": wanted,
            "governorates": (await session.execute(query)).all(),
            "needs": NEEDS,
            "organizations": await _organizations(session, language_of(request)),
        }
    return render(request, "directory/export.html", 422 if wanted.problem else 200, **context)


async def _organizations(session: AsyncSession, language: str) -> list[tuple[UUID, str]]:
    """The published organizations by name."""
    query = select(Entry.id, Entry.document["name"]).where(Entry.kind == "organization", Entry.status == "published")
    named = [(identity, name[language] or name["en"] or name["ar"]) for identity, name in await session.execute(query)]
    return sorted(named, key=lambda one: one[1].casefold())
