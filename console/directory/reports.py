"""What is said to be wrong: everybody reads it and adds to it; reviewers, admins and a service's keeper close it."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Form, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.ext.asyncio import AsyncSession

from console.access import AdminsOnly, SignedIn
from console.accounts import Staff
from console.pages import render
from directory import tasks
from directory.models import OUTCOMES, REASONS, Entry, Task
from directory.tasks import ChangedMeanwhile, NotPublished

router = APIRouter(prefix="/console/directory")

PAGE = "/console/directory/reports"
Keeper = Literal["", "mine"]


@router.get("/reports")
async def reports_page(
    request: Request,
    staff: SignedIn,
    state: Literal["open", "closed"] = "open",
    keeper: Keeper = "",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Response:
    return await _page(request, staff, state=state, keeper=keeper, page=page)


@router.get("/reports/count")
async def count_of_reports(request: Request, staff: SignedIn) -> Response:
    """How many are open, for the tab; nothing when there are none."""
    async with request.app.state.resources.sessions() as session:
        count = await tasks.count_open(session)
    return HTMLResponse(str(count or ""))


@router.post("/reports/{task_id}/close")
async def close_report(
    request: Request,
    task_id: UUID,
    staff: SignedIn,
    outcome: Annotated[str, Form()] = "",
    seen: Annotated[int, Form()] = 0,
    keeper: Keeper = "",
) -> Response:
    """Close a task; if it isn't any more what somebody saw, the list is shown again and says so."""
    if outcome not in OUTCOMES:
        raise HTTPException(400)
    async with request.app.state.resources.sessions() as session:
        try:
            task = await session.get_one(Task, task_id)
            if not may_close(staff, await session.get_one(Entry, task.entry_id)):
                raise AdminsOnly(or_reviewers=True)
            await tasks.close_task(session, task_id, outcome, staff.id, seen=seen)
        except NoResultFound:
            raise HTTPException(404) from None
        except ChangedMeanwhile:
            return await _page(request, staff, keeper=keeper, changed=task_id, status=409)
        await session.commit()
    return RedirectResponse(f"{PAGE}?keeper={keeper}" if keeper else PAGE, 303)


@router.post("/{entry_id}/flag")
async def flag(
    request: Request,
    entry_id: UUID,
    staff: SignedIn,
    reason: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
) -> Response:
    """Keep what a member of staff says is wrong with an entry (_flag.html)."""
    problems = [] if reason in REASONS else ["reason"]
    if len(tasks.clean(note)) > tasks.LONGEST_NOTE:
        problems.append("note")
    async with request.app.state.resources.sessions() as session:
        entry = await session.get(Entry, entry_id)
        if entry is None or entry.status != "published":
            raise HTTPException(404)
        if problems:
            context: dict[str, Any] = {"entry": entry, "problems": problems, "reason": reason, "note": note}
            context["longest_note"] = tasks.LONGEST_NOTE
            return render(request, "directory/flag.html", 422, **context)
        try:
            task = await tasks.open_task(session, entry_id, reason, "staff", note, by=staff.id)
        except NotPublished:
            raise HTTPException(404) from None
        await session.commit()
    return RedirectResponse(f"{PAGE}#task-{task.id}", 303)


def may_close(staff: Staff, entry: Entry) -> bool:
    """Whether somebody decides what became of reports about an entry."""
    return staff.role in ("reviewer", "admin") or entry.keeper_id == staff.id


async def _page(
    request: Request,
    staff: Staff,
    *,
    state: Literal["open", "closed"] = "open",
    keeper: Keeper = "",
    page: int = 1,
    changed: UUID | None = None,
    status: int = 200,
) -> Response:
    async with request.app.state.resources.sessions() as session:
        offset = (page - 1) * tasks.PAGE
        found, total = await tasks.tasks(
            session, closed=state == "closed", keeper=staff.id if keeper else None, offset=offset
        )
        context: dict[str, Any] = {"names": await _names(session, found), "may_close": may_close}
    context |= {"tasks": found, "total": total, "page": page, "more": offset + len(found) < total}
    context |= {"state": state, "keeper": keeper, "changed": changed, "outcomes": OUTCOMES, "reasons": REASONS}
    return render(request, "directory/reports.html", status, **context)


async def _names(session: AsyncSession, found: Sequence[Task]) -> dict[UUID, str]:
    """The names of all staff that these tasks mention."""
    ids = {task.closed_by for task in found} | {task.entry.keeper_id for task in found}
    ids |= {report.created_by for task in found for report in task.reports}
    rows = await session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(filter(None, ids))))
    return dict(rows.all())
