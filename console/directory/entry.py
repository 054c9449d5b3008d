"""One entry: what it says, what is being written of it, what it said before, and the moves between them."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from console.access import Admin, Reviewer, SignedIn
from console.accounts import Staff
from console.directory import choices
from console.pages import language_of, render
from directory import opening, preview, publishing, records
from directory.checking import Problem
from directory.completeness import Incomplete, open_revision
from directory.differences import differences
from directory.finding import using
from directory.models import Entry, Revision
from directory.publishing import Conflict, NotAllowed
from infrastructure.local_time import day_in_iraq
from infrastructure.resources import Resources

router = APIRouter(prefix="/console/directory")

PAGE = "/console/directory"
# How much of an entry's history one page shows.
REVISIONS = 50


class Stale(Exception):
    """The page that somebody decided on no longer shows what is open."""


@router.get("/{entry_id:uuid}")
async def entry_page(
    request: Request, staff: SignedIn, entry_id: UUID, done: Annotated[str, Query(max_length=20)] = ""
) -> Response:
    return await _page(request, entry_id, done=done)


@router.get("/{entry_id:uuid}/revisions/{number}")
async def revision_page(request: Request, staff: SignedIn, entry_id: UUID, number: int) -> Response:
    """What one revision said, beside the published one and the one before it."""
    async with request.app.state.resources.sessions() as session:
        entry, revision = await _entry(session, entry_id), await _revision(session, entry_id, number)
        base = await _revision(session, entry_id, revision.base) if revision.base else None
        before, now = base.document if base else {}, entry.document or {}
        names = await choices.names(session, entry.kind, revision.document, before, now)  # type: ignore[arg-type]
        return render(
            request,
            "directory/revision.html",
            entry=entry,
            revision=revision,
            document=_ordered(entry.kind, revision.document),
            hours=_hours(request, revision.document),
            changed=list(differences(before, revision.document)) if base else [],
            since=list(differences(revision.document, now)) if entry.document and number != entry.published else [],
            names=names,
            can_restore=await open_revision(session, entry_id) is None,
        )


@router.post("/{entry_id:uuid}/submit")
async def submit(request: Request, admin: Admin, entry_id: UUID) -> Response:
    async def move(session: AsyncSession, revision: Revision) -> None:
        await publishing.submit(session, revision)

    return await _move(request, entry_id, move, "submitted")


@router.post("/{entry_id:uuid}/publish")
async def publish(request: Request, reviewer: Reviewer, entry_id: UUID, seen: Annotated[str, Form()]) -> Response:
    """Let what the reviewer saw stand; something saved meanwhile is shown to them first."""
    alone = request.app.state.resources.settings.publish_alone

    async def move(session: AsyncSession, revision: Revision) -> None:
        await publishing.publish(session, revision, by=reviewer.id, alone=alone)

    return await _move(request, entry_id, move, "published", seen)


@router.post("/{entry_id:uuid}/reject")
async def reject(
    request: Request,
    reviewer: Reviewer,
    entry_id: UUID,
    seen: Annotated[str, Form()],
    note: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    async def move(session: AsyncSession, revision: Revision) -> None:
        await publishing.reject(session, revision, by=reviewer.id, note=note.strip())

    return await _move(request, entry_id, move, "rejected", seen)


@router.post("/{entry_id:uuid}/discard")
async def discard(request: Request, admin: Admin, entry_id: UUID, seen: Annotated[str, Form()]) -> Response:
    async def move(session: AsyncSession, revision: Revision) -> None:
        await publishing.discard(session, revision, by=admin.id)

    return await _move(request, entry_id, move, "discarded", seen)


@router.post("/{entry_id:uuid}/archive")
async def archive(request: Request, admin: Admin, entry_id: UUID) -> Response:
    """One admin is enough to take something out of answers: a wrong address can't wait for a colleague."""
    async with request.app.state.resources.sessions() as session:
        await _entry(session, entry_id)
        try:
            await publishing.archive(session, entry_id, by=admin.id)
        except NotAllowed:
            return await _page(request, entry_id, 409, refused="stale")
        await session.commit()
    return RedirectResponse(f"{PAGE}/{entry_id}?done=archived", 303)


@router.post("/{entry_id:uuid}/restore/{number}")
async def restore(request: Request, admin: Admin, entry_id: UUID, number: int) -> Response:
    """An older version as a new draft, opened for a look before it goes to review."""
    async with request.app.state.resources.sessions() as session:
        revision = await _revision(session, entry_id, number)
        try:
            await publishing.restore(session, revision, author=admin.id)
        except Conflict:
            return await _page(request, entry_id, 409, refused="open")
        await session.commit()
    return RedirectResponse(f"{PAGE}/{entry_id}?done=restored", 303)


async def _move(
    request: Request,
    entry_id: UUID,
    move: Callable[[AsyncSession, Revision], Awaitable[None]],
    done: str,
    seen: str | None = None,
) -> Response:
    """Make a move with the open revision, or show the page again with what is in its way."""
    async with request.app.state.resources.sessions() as session:
        await _entry(session, entry_id)
        revision = await open_revision(session, entry_id)
        try:
            if revision is None or (seen is not None and publishing.mark(revision) != seen):
                raise Stale
            await move(session, revision)
        except Incomplete as incomplete:
            await session.rollback()
            return await _page(request, entry_id, 422, problems=incomplete.problems)
        except (Stale, Conflict, NotAllowed) as error:
            await session.rollback()
            own = isinstance(error, NotAllowed) and "another member" in str(error)
            return await _page(request, entry_id, 409, refused="own" if own else "stale")
        await session.commit()
    return RedirectResponse(f"{PAGE}/{entry_id}?done={done}", 303)


async def _page(
    request: Request,
    entry_id: UUID,
    status: int = 200,
    *,
    done: str = "",
    refused: str = "",
    problems: list[Problem] | None = None,
) -> Response:
    resources: Resources = request.app.state.resources
    async with resources.sessions() as session:
        entry = await _entry(session, entry_id)
        revision = await open_revision(session, entry_id)
        newest = revision.document if revision else entry.document
        if newest is None:
            history = await _history(session, entry_id)
            newest = history[0][0].document
        names = await choices.names(session, entry.kind, newest, entry.document or {})  # type: ignore[arg-type]
        return render(
            request,
            "directory/entry.html",
            status,
            entry=entry,
            document=_ordered(entry.kind, entry.document or newest),
            hours=_hours(request, entry.document or newest),
            revision=revision,
            seen=publishing.mark(revision),
            author=await session.get(Staff, revision.author_id) if revision and revision.author_id else None,
            changed=list(differences(entry.document, revision.document)) if revision and entry.document else [],
            said=await _said(session, entry.kind, newest, resources),
            history=await _history(session, entry_id),
            uses=await using(session, entry_id) if entry.kind in ("organization", "location") else [],
            names=names,
            alone=resources.settings.publish_alone,
            done=done,
            refused=refused,
            problems=problems or [],
        )


def _ordered(kind: str, document: dict[str, Any]) -> dict[str, Any]:
    """A document in the order of its record: the database keeps another."""
    return records.read(kind, document).document()


def _hours(request: Request, document: dict[str, Any]) -> list[str]:
    """The opening hours of each of a service's places, in words."""
    wording, language = request.app.state.resources.wording, language_of(request)
    rules = (opening.read_those_that_read(at["schedules"]) for at in document.get("at", []))
    return [opening.describe(one, language, wording) for one in rules]


async def _said(
    session: AsyncSession, kind: str, document: dict[str, Any], resources: Resources
) -> dict[str, preview.Said]:
    today = day_in_iraq()
    return await preview.said(session, [records.read(kind, document)], resources.wording, today)


async def _history(session: AsyncSession, entry_id: UUID) -> list[tuple[Revision, str | None, str | None]]:
    """The newest revisions with the names of who wrote and who decided them."""
    decider = aliased(Staff)
    rows = await session.execute(
        select(Revision, Staff.name, decider.name)
        .outerjoin(Staff, Staff.id == Revision.author_id)
        .outerjoin(decider, decider.id == Revision.decided_by)
        .where(Revision.entry_id == entry_id)
        .order_by(Revision.number.desc())
        .limit(REVISIONS)
    )
    return [(revision, author, by) for revision, author, by in rows]


async def _entry(session: AsyncSession, entry_id: UUID) -> Entry:
    entry = await session.get(Entry, entry_id)
    if entry is None:
        raise HTTPException(404)
    return entry


async def _revision(session: AsyncSession, entry_id: UUID, number: int) -> Revision:
    revision = await session.scalar(
        select(Revision).where(Revision.entry_id == entry_id, Revision.number == min(number, 2**31 - 1))
    )
    if revision is None:
        raise HTTPException(404)
    return revision
