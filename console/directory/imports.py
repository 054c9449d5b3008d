"""Importing a spreadsheet of services: what it would change is looked at, applied by an admin, published by another."""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import UploadFile

from console.access import Admin, Reviewer
from console.directory import import_pages
from console.pages import language_of
from directory.exchange.tables import MAX_BYTES
from directory.exchange.template import template
from directory.importing import batches, deciding
from directory.importing.rows import OUTCOMES
from directory.publishing import NotAllowed

router = APIRouter(prefix="/console/directory/import")

PAGE = "/console/directory/import"
# A file and the form around it.
MAX_UPLOAD = MAX_BYTES + 64 * 1024
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("")
async def imports_page(request: Request, staff: Reviewer) -> Response:
    return await import_pages.listing(request)


@router.post("")
async def upload(request: Request, admin: Admin) -> Response:
    """Store a file and look through it, or say why it can't be read."""
    form = await request.form()
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return await import_pages.listing(request, [(None, None, "no_file", "")])
    async with request.app.state.resources.sessions() as session:
        try:
            batch = await batches.upload(session, await file.read(), file.filename, by=admin.id)
        except batches.Unusable as unusable:
            return await import_pages.listing(
                request, [(one.row, one.column, one.code, one.detail) for one in unusable.problems]
            )
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
    return await import_pages.page(request, batch_id, show=show)


@router.post("/{batch_id}/columns")
async def choose_columns(request: Request, admin: Admin, batch_id: UUID) -> Response:
    """Take the file's columns for what the form says. Fields are numbered: a column's name may be anything."""
    form = await request.form()
    async with request.app.state.resources.sessions() as session:
        batch = await import_pages.find(session, batch_id)
        names = list(await batches.first_cells(session, batch))
        mapping = {name: str(form.get(f"column_{number}", "")) for number, name in enumerate(names)}
        try:
            await batches.choose_columns(session, batch, mapping)
        except batches.TakenTwice:
            return await import_pages.page(request, batch_id, said="taken_twice", mapping=mapping)
        except (NotAllowed, ValueError):
            return await import_pages.page(request, batch_id, said="not_now")
        await session.commit()
    return RedirectResponse(f"{PAGE}/{batch_id}", 303)


@router.post("/{batch_id}/check")
async def check_again(request: Request, admin: Admin, batch_id: UUID) -> Response:
    """Look through a file again, as the directory stands now."""
    async with request.app.state.resources.sessions() as session:
        batch = await import_pages.find(session, batch_id)
        if batch.state != "uploaded":
            return await import_pages.page(request, batch_id, said="not_now")
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
        await import_pages.find(session, batch_id)
        try:
            await batches.apply(session, batch_id, by=admin.id, mark=mark, leave_out=leave_out)
        except batches.Changed:
            await session.rollback()
            await batches.check(session, await import_pages.find(session, batch_id))
            await session.commit()
            return await import_pages.page(request, batch_id, said="changed")
        except (NotAllowed, *said) as refused:
            await session.rollback()
            return await import_pages.page(request, batch_id, said=said.get(type(refused), "not_now"))
        await session.commit()
    return RedirectResponse(f"{PAGE}/{batch_id}", 303)


@router.post("/{batch_id}/publish")
async def publish(request: Request, reviewer: Reviewer, batch_id: UUID) -> Response:
    """Publish all that is in review, or the one revision that the form names."""
    only = _id(str((await request.form()).get("revision", "")))
    alone = request.app.state.resources.settings.publish_alone
    async with request.app.state.resources.sessions() as session:
        await import_pages.find(session, batch_id)
        try:
            await deciding.publish(session, batch_id, by=reviewer.id, only=only, alone=alone)
        except deciding.Stopped as stopped:
            await session.rollback()
            return await import_pages.page(
                request, batch_id, said="stopped", stopped=[one[1:] for one in stopped.entries]
            )
        except NotAllowed:
            await session.rollback()
            return await import_pages.page(request, batch_id, said="not_now")
        await session.commit()
    return RedirectResponse(f"{PAGE}/{batch_id}", 303)


@router.post("/{batch_id}/undo")
async def undo(request: Request, admin: Admin, batch_id: UUID) -> Response:
    """Take an import back; what had to be left is on its page."""
    async with request.app.state.resources.sessions() as session:
        await import_pages.find(session, batch_id)
        try:
            await deciding.undo(session, batch_id, by=admin.id)
        except NotAllowed:
            return await import_pages.page(request, batch_id, said="not_now")
        await session.commit()
    return RedirectResponse(f"{PAGE}/{batch_id}", 303)


@router.post("/{batch_id}/remove")
async def remove(request: Request, admin: Admin, batch_id: UUID) -> Response:
    """Throw an upload away that was never applied."""
    async with request.app.state.resources.sessions() as session:
        await import_pages.find(session, batch_id)
        try:
            await batches.remove(session, batch_id, by=admin.id)
        except NotAllowed:
            return await import_pages.page(request, batch_id, said="not_now")
        await session.commit()
    return RedirectResponse(PAGE, 303)


def _id(text: str) -> UUID | None:
    """The revision that a form names; None if it names none. Anything else is a page that we don't have."""
    try:
        return UUID(text) if text else None
    except ValueError:
        raise HTTPException(404) from None
