"""Checking one service: what people are told of it, and keeping that somebody called and all of it is right."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from console.access import SignedIn
from console.directory.due import PAGE, keepers
from console.directory.told import told
from console.pages import language_of, render
from directory import confirming
from directory.models import Entry
from directory.tasks import ChangedMeanwhile, NotPublished
from infrastructure.local_time import day_in_iraq

router = APIRouter(prefix=PAGE)


@router.get("/{service_id}")
async def check_page(request: Request, service_id: UUID, staff: SignedIn) -> Response:
    return await _page(request, service_id)


@router.post("/{service_id}/right")
async def all_is_right(
    request: Request,
    service_id: UUID,
    staff: SignedIn,
    seen: Annotated[str, Form()] = "",
    called: Annotated[str, Form()] = "",
) -> Response:
    """Keep that a member of staff called today and that all they saw here is right."""
    if not called:
        return await _page(request, service_id, 422, problem="not_called")
    async with request.app.state.resources.sessions() as session:
        try:
            await confirming.assure(session, service_id, seen, by=staff.id, today=day_in_iraq())
        except ChangedMeanwhile:
            return await _page(request, service_id, 409, problem="changed")
        except NotPublished:
            raise HTTPException(404) from None
        await session.commit()
    return RedirectResponse(f"{PAGE}/{service_id}", 303)


async def _page(request: Request, service_id: UUID, status: int = 200, *, problem: str = "") -> Response:
    resources = request.app.state.resources
    async with resources.sessions() as session:
        shown = await confirming.shown(session, [service_id])
        if not shown:
            raise HTTPException(404)
        entry = await session.get_one(Entry, service_id)
        context = {
            "told": await told(session, resources, shown[0], language_of(request)),
            "keeper_id": entry.keeper_id,
            "keepers": await keepers(session, [entry.keeper_id] if entry.keeper_id else []),
        }
    return render(request, "directory/check.html", status, problem=problem, today=day_in_iraq(), **context)
