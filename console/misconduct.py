"""Reports of misconduct by aid workers. Only PSEA focal points open these pages, and every look is in the log.

Nothing here leads to a conversation. A number is shown where the person said that the focal point may call.
"""

import json
import uuid
from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Form, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select

from console.access import FocalPoint
from console.accounts import Staff
from console.conversations import kinds_of_media
from console.pages import render
from conversations import focal_point
from conversations.misconduct import STATES, MisconductReport

router = APIRouter(prefix="/console/misconduct")

PAGE = "/console/misconduct"
Which = Literal["open", "all", "new", "in_review", "passed_on", "closed"]


@router.get("")
async def reports_page(
    request: Request, staff: FocalPoint, which: Which = "open", page: Annotated[int, Query(ge=1, le=10_000)] = 1
) -> Response:
    states = {"open": focal_point.OPEN_STATES, "all": STATES}.get(which, (which,))
    async with request.app.state.resources.sessions() as session:
        found = await focal_point.reports(session, states, page, by=staff.id)
        counts = await focal_point.counts(session)
        await session.commit()
    return render(
        request,
        "misconduct/reports.html",
        reports=found[: focal_point.PAGE],
        which=which,
        counts=counts,
        newer=_query(which, page - 1) if page > 1 else None,
        older=_query(which, page + 1) if len(found) > focal_point.PAGE else None,
    )


@router.get("/{report_id}")
async def report_page(request: Request, report_id: uuid.UUID, staff: FocalPoint) -> Response:
    return await _page(request, report_id, staff)


@router.post("/{report_id}")
async def note(
    request: Request,
    report_id: uuid.UUID,
    staff: FocalPoint,
    state: Annotated[str, Form()] = "",
    words: Annotated[str, Form()] = "",
    seen: Annotated[str, Form()] = "",
) -> Response:
    """Keep a note and where the report stands. 409 with what was typed when it has changed since it was opened."""
    words = words.replace("\0", "").strip()
    if state not in focal_point.CHOICES:
        raise HTTPException(400)
    if not words or len(words) > focal_point.LONGEST_NOTE:
        problem = "too_long" if words else "empty"
        return await _page(request, report_id, staff, 422, problem=problem, words=words, chosen=state)
    async with request.app.state.resources.sessions() as session:
        noted = await focal_point.note(session, report_id, state, words, seen=_moment(seen), by=staff.id)
        await session.commit()
    if not noted:
        return await _page(request, report_id, staff, 409, problem="changed", words=words, chosen=state)
    return RedirectResponse(f"{PAGE}/{report_id}", 303)


async def _page(
    request: Request,
    report_id: uuid.UUID,
    staff: Staff,
    status: int = 200,
    *,
    problem: str = "",
    words: str = "",
    chosen: str = "",
) -> Response:
    async with request.app.state.resources.sessions() as session:
        report = await focal_point.read(session, report_id, by=staff.id)
        if report is None:
            raise HTTPException(404)
        authors = {written.written_by for written in report.notes}
        rows = await session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(authors)))
        names = dict(rows.all())
        await session.commit()
    return render(
        request,
        "misconduct/report.html",
        status,
        report=report,
        attached=_attached(report),
        names=names,
        choices=focal_point.CHOICES,
        longest=focal_point.LONGEST_NOTE,
        problem=problem,
        words=words,
        chosen=chosen or report.state,
    )


def _attached(report: MisconductReport) -> dict[str, Any]:
    """What was sent along: kinds of media, and pins."""
    return {"media": kinds_of_media(report.media), "locations": json.loads(report.locations or "[]")}


def _query(which: str, page: int) -> str:
    return urlencode({"which": which, "page": page})


def _moment(seen: str) -> datetime:
    try:
        moment = datetime.fromisoformat(seen)
    except ValueError:
        raise HTTPException(400) from None
    if moment.tzinfo is None:
        raise HTTPException(400)
    return moment
