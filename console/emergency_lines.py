"""Emergency lines: what somebody in danger is told to call. Everybody reads them, admins keep them."""

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData

from console.access import Admin, SignedIn
from console.accounts import Staff
from console.pages import render
from conversations import danger, emergency_lines
from conversations.emergency_lines import Draft, Problem
from conversations.models import DANGERS, EmergencyLine
from directory.models import Place
from infrastructure.local_time import day_in_iraq
from infrastructure.resources import Resources

router = APIRouter(prefix="/console/emergency-lines")

PAGE = "/console/emergency-lines"


@router.get("")
async def emergency_lines_page(
    request: Request, staff: SignedIn, place: Annotated[str, Query(max_length=20)] = ""
) -> Response:
    """All lines, and the answers they lead to for somebody who named this governorate, or none."""
    resources: Resources = request.app.state.resources
    today = day_in_iraq()
    async with resources.sessions() as session:
        rows = await session.execute(
            select(EmergencyLine, Staff.name)
            .outerjoin(Staff, Staff.id == EmergencyLine.verified_by)
            .order_by(EmergencyLine.verified_on, EmergencyLine.number)
        )
        governorates = await _governorates(session)
        if place and place not in governorates:
            raise HTTPException(404)
        answers = await emergency_lines.preview(session, resources.wording, place, today, demo=resources.settings.demo)
        return render(
            request,
            "emergency_lines.html",
            rows=rows.all(),
            governorates=governorates,
            said_after=today - timedelta(days=danger.VERIFIED_DAYS),
            days=danger.VERIFIED_DAYS,
            place=place,
            answers=answers,
        )


@router.get("/new")
async def new_line(request: Request, admin: Admin) -> Response:
    return await _form(request, Draft(), None)


@router.post("/new")
async def add_line(request: Request, admin: Admin) -> Response:
    return await _keep(request, admin, None)


@router.get("/{line_id}")
async def line_page(request: Request, line_id: uuid.UUID, admin: Admin) -> Response:
    async with request.app.state.resources.sessions() as session:
        line = await _line(session, line_id)
    return await _form(request, Draft(line.number, line.name, line.dangers, line.governorates), line_id)


@router.post("/{line_id}")
async def change_line(request: Request, line_id: uuid.UUID, admin: Admin) -> Response:
    return await _keep(request, admin, line_id)


@router.post("/{line_id}/remove")
async def remove_line(request: Request, line_id: uuid.UUID, admin: Admin) -> Response:
    async with request.app.state.resources.sessions() as session:
        await emergency_lines.remove(session, await _line(session, line_id), admin.id)
        await session.commit()
    return RedirectResponse(PAGE, 303)


async def _keep(request: Request, admin: Staff, line_id: uuid.UUID | None) -> Response:
    """Save what the form says, or show it again with what is wrong."""
    resources: Resources = request.app.state.resources
    draft = _draft(await request.form())
    async with resources.sessions() as session:
        line = await _line(session, line_id) if line_id else None
        problems = list(emergency_lines.problems(draft, line, await _governorates(session)))
        if not problems:
            today = day_in_iraq()
            late = await emergency_lines.save(session, resources.wording, draft, line, admin.id, today)
            if late is None:
                await session.commit()
                return RedirectResponse(PAGE, 303)
            problems = [late]
    return await _form(request, draft, line_id, problems)


async def _form(
    request: Request, draft: Draft, line_id: uuid.UUID | None, problems: Sequence[Problem] = ()
) -> Response:
    async with request.app.state.resources.sessions() as session:
        context: dict[str, Any] = {"draft": draft, "line_id": line_id, "problems": problems, "dangers": DANGERS}
        context["governorates"] = await _governorates(session)
    context["longest_name"] = emergency_lines.LONGEST_NAME
    return render(request, "emergency_line.html", 422 if problems else 200, **context)


def _draft(form: FormData) -> Draft:
    def words(field: str) -> list[str]:
        return [str(value) for value in form.getlist(field)]

    names = {"ar": str(form.get("name_ar", "")), "en": str(form.get("name_en", ""))}
    called = "called" in form
    number = str(form.get("number", ""))
    return emergency_lines.draft_of(number, names, words("danger"), words("governorate"), called)


async def _line(session: AsyncSession, line_id: uuid.UUID) -> EmergencyLine:
    """A line that admins keep; a demo line belongs to the demo, which would bring it back."""
    line = await session.get(EmergencyLine, line_id)
    if line is None or line.is_demo:
        raise HTTPException(404)
    return line


async def _governorates(session: AsyncSession) -> dict[str, dict[str, str]]:
    """The names of the governorates by code."""
    rows = await session.execute(
        select(Place.code, Place.name).where(Place.level == "governorate").order_by(Place.code)
    )
    return dict(rows.all())
