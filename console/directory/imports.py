"""Importing a spreadsheet of services: what it would change is looked at, applied by an admin, published by another."""

import asyncio
from collections.abc import Iterable
from datetime import datetime
from functools import cache, partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import exists, func, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import UploadFile

from console.access import Admin, Reviewer
from console.accounts import Staff
from console.pages import language_of, render
from directory.exchange.columns import COLUMNS
from directory.exchange.sheet_codes import CODES
from directory.exchange.tables import MAX_BYTES, MAX_ROWS
from directory.exchange.template import template
from directory.importing import batches, deciding
from directory.importing.findings import SHOWN
from directory.importing.rows import OUTCOMES
from directory.models import OPEN_STATES, ImportBatch, Revision
from directory.places import read_places
from directory.publishing import NotAllowed

router = APIRouter(prefix="/console/directory/import")

PAGE = "/console/directory/import"
# A file and the form around it.
MAX_UPLOAD = MAX_BYTES + 64 * 1024
LISTED = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("")
async def imports_page(request: Request, staff: Reviewer) -> Response:
    return await _list(request)


@router.post("")
async def upload(request: Request, admin: Admin) -> Response:
    """Store a file and look through it, or say why it can't be read."""
    form = await request.form()
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return await _list(request, [(None, None, "no_file", "")])
    async with request.app.state.resources.sessions() as session:
        try:
            batch = await batches.upload(session, await file.read(), file.filename, by=admin.id)
        except batches.Unusable as unusable:
            return await _list(request, [(one.row, one.column, one.code, one.detail) for one in unusable.problems])
        await session.commit()
    return RedirectResponse(f"{PAGE}/{batch.id}", 303)


@router.get("/template.xlsx")
async def template_file(request: Request, staff: Reviewer) -> Response:
    """An empty spreadsheet to fill in."""
    data = await asyncio.to_thread(template, language_of(request))
    return Response(data, media_type=XLSX, headers={"Content-Disposition": 'attachment; filename="daleel-import.xlsx"'})


@router.get("/{batch_id}")
async def import_page(
    request: Request, staff: Reviewer, batch_id: UUID, show: Annotated[str, Query(max_length=20)] = ""
) -> Response:
    """What a file would change, or did; `show` is an outcome of rows."""
    if show and show not in OUTCOMES:
        raise HTTPException(404)
    return await _page(request, batch_id, show=show)


@router.post("/{batch_id}/columns")
async def choose_columns(request: Request, admin: Admin, batch_id: UUID) -> Response:
    """Take the file's columns for what the form says. Fields are numbered: a column's name may be anything."""
    form = await request.form()
    async with request.app.state.resources.sessions() as session:
        batch = await _find(session, batch_id)
        names = list(await batches.first_cells(session, batch))
        mapping = {name: str(form.get(f"column_{number}", "")) for number, name in enumerate(names)}
        try:
            await batches.choose_columns(session, batch, mapping)
        except batches.TakenTwice:
            return await _page(request, batch_id, said="taken_twice", mapping=mapping)
        except (NotAllowed, ValueError):
            return await _page(request, batch_id, said="not_now")
        await session.commit()
    return RedirectResponse(f"{PAGE}/{batch_id}", 303)


@router.post("/{batch_id}/check")
async def check_again(request: Request, admin: Admin, batch_id: UUID) -> Response:
    """Look through a file again, as the directory stands now."""
    async with request.app.state.resources.sessions() as session:
        batch = await _find(session, batch_id)
        if batch.state != "uploaded":
            return await _page(request, batch_id, said="not_now")
        await batches.check(session, batch)
        await session.commit()
    return RedirectResponse(f"{PAGE}/{batch_id}", 303)


@router.post("/{batch_id}/apply")
async def apply(request: Request, admin: Admin, batch_id: UUID) -> Response:
    """Propose what the page that was looked at says."""
    form = await request.form()
    mark, leave_out = str(form.get("mark", "")), "leave_out" in form
    said = {batches.HasErrors: "has_errors", batches.NothingToDo: "nothing_to_do", batches.TooMany: "too_many_changes"}
    async with request.app.state.resources.sessions() as session:
        await _find(session, batch_id)
        try:
            await batches.apply(session, batch_id, by=admin.id, mark=mark, leave_out=leave_out)
        except batches.Changed:
            await session.rollback()
            await batches.check(session, await _find(session, batch_id))
            await session.commit()
            return await _page(request, batch_id, said="changed")
        except (NotAllowed, *said) as refused:
            await session.rollback()
            return await _page(request, batch_id, said=said.get(type(refused), "not_now"))
        await session.commit()
    return RedirectResponse(f"{PAGE}/{batch_id}", 303)


@router.post("/{batch_id}/publish")
async def publish(request: Request, reviewer: Reviewer, batch_id: UUID) -> Response:
    """Publish all that is in review, or the one revision that the form names."""
    only = _id(str((await request.form()).get("revision", "")))
    async with request.app.state.resources.sessions() as session:
        await _find(session, batch_id)
        try:
            await deciding.publish(session, batch_id, by=reviewer.id, only=only)
        except deciding.Stopped as stopped:
            await session.rollback()
            return await _page(request, batch_id, said="stopped", stopped=[one[1:] for one in stopped.entries])
        except NotAllowed:
            await session.rollback()
            return await _page(request, batch_id, said="not_now")
        await session.commit()
    return RedirectResponse(f"{PAGE}/{batch_id}", 303)


@router.post("/{batch_id}/undo")
async def undo(request: Request, admin: Admin, batch_id: UUID) -> Response:
    """Take an import back; what had to be left is on its page."""
    async with request.app.state.resources.sessions() as session:
        await _find(session, batch_id)
        try:
            await deciding.undo(session, batch_id, by=admin.id)
        except NotAllowed:
            return await _page(request, batch_id, said="not_now")
        await session.commit()
    return RedirectResponse(f"{PAGE}/{batch_id}", 303)


@router.post("/{batch_id}/remove")
async def remove(request: Request, admin: Admin, batch_id: UUID) -> Response:
    """Throw an upload away that was never applied."""
    async with request.app.state.resources.sessions() as session:
        await _find(session, batch_id)
        try:
            await batches.remove(session, batch_id, by=admin.id)
        except NotAllowed:
            return await _page(request, batch_id, said="not_now")
        await session.commit()
    return RedirectResponse(PAGE, 303)


async def _list(request: Request, problems: Iterable[tuple[int | None, str | None, str, str]] = ()) -> Response:
    """All imports, and why a file that was just sent isn't among them."""
    async with request.app.state.resources.sessions() as session:
        waits = exists().where(Revision.batch_id == ImportBatch.id, Revision.state.in_(OPEN_STATES))
        columns = (ImportBatch.id, ImportBatch.filename, ImportBatch.state, ImportBatch.created_at, Staff.name)
        query = select(*columns, ImportBatch.findings["counts"].label("counts"), waits.label("waits"))
        query = query.join(Staff, Staff.id == ImportBatch.created_by).order_by(ImportBatch.created_at.desc())
        rows = (await session.execute(query.limit(LISTED))).all()
    problems = list(problems)
    context: dict[str, Any] = {"rows": rows, "problems": problems, "columns": COLUMNS}
    context |= {"most_rows": MAX_ROWS, "most_megabytes": MAX_BYTES // 1024**2}
    return render(request, "directory/imports.html", 422 if problems else 200, **context)


async def _page(
    request: Request,
    batch_id: UUID,
    *,
    show: str = "",
    said: str = "",
    mapping: dict[str, str] | None = None,
    stopped: Iterable[Any] = (),
) -> Response:
    """One import; with what kept something from being done, if `said`."""
    async with request.app.state.resources.sessions() as session:
        batch = await _find(session, batch_id)
        counts, first_cells = batch.findings["counts"], await batches.first_cells(session, batch)
        mapping = mapping or batch.mapping
        context: dict[str, Any] = {
            "batch": batch,
            "findings": batch.findings,
            "checked_at": datetime.fromisoformat(batch.findings["checked_at"]),
            "first_cells": first_cells,
            "mapping": mapping,
            "left_out": [name for name in first_cells if not mapping[name]],
            "show": show or next((outcome for outcome in OUTCOMES if counts[outcome]), OUTCOMES[0]),
            "said": said,
            "stopped": list(stopped),
            "columns": COLUMNS,
            "numbers": {name: number for number, name in enumerate(first_cells)},
            "told": partial(_told, language=language_of(request)),
            "outcomes": OUTCOMES,
            "shown": SHOWN,
            "most_changes": batches.MOST_CHANGES,
            "states": await _states(session, batch_id),
            "revisions": await deciding.revisions_of(session, batch_id, most=SHOWN),
            "names": await _names(session),
        }
    return render(request, "directory/import.html", 409 if said else 200, **context)


async def _find(session: AsyncSession, batch_id: UUID) -> ImportBatch:
    try:
        return await session.get_one(ImportBatch, batch_id, populate_existing=True)
    except NoResultFound:
        raise HTTPException(404) from None


async def _states(session: AsyncSession, batch_id: UUID) -> dict[str, int]:
    """How many of an import's revisions are in each state."""
    query = select(Revision.state, func.count()).where(Revision.batch_id == batch_id).group_by(Revision.state)
    return dict((await session.execute(query)).all())


async def _names(session: AsyncSession) -> dict[str, str]:
    """The names of staff by id."""
    return {str(identity): name for identity, name in await session.execute(select(Staff.id, Staff.name))}


def _told(key: str, text: str, language: str) -> str:
    """A cell as people read it: codes of lists and of places by their names."""
    kind = COLUMNS[key].kind if key in COLUMNS else key
    names = _names_of_codes(language).get(kind.removeprefix("codes:").removeprefix("code:"), {})
    return " · ".join(names.get(part, part) for part in text.split(", ")) if names else text


@cache
def _names_of_codes(language: str) -> dict[str, dict[str, str]]:
    """Names by list and code."""
    places = {place["code"]: place["name"][language] for place in read_places()}
    names = {"place": places, "places": places}
    for code in CODES:
        names.setdefault(code.list, {})[code.code] = code.ar if language == "ar" else code.en
    return names


def _id(text: str) -> UUID | None:
    """The revision that a form names; None if it names none. Anything else is a page that we don't have."""
    try:
        return UUID(text) if text else None
    except ValueError:
        raise HTTPException(404) from None
