"""The learning list: what the bot was unsure of or did not answer, and one click to say what it means."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData

from console import taxonomy
from console.access import SignedIn
from console.accounts import Staff
from console.pages import render
from conversations import learning, misconduct
from conversations.learning import Lesson, Wanted
from conversations.models import MISCONDUCT, Message

router = APIRouter(prefix="/console/learning")

LAST_POSITION = 2**63 - 1


def wanted(
    state: learning.State = "all",
    language: Literal["", "ar", "en", "ckb", "kmr", "other"] = "",
    band: learning.Band = "",
    before: Annotated[int | None, Query(ge=1, le=LAST_POSITION)] = None,
) -> Wanted:
    """The list's filters, as they stand in its addresses."""
    return Wanted(state, language, band, before)


Filters = Annotated[Wanted, Depends(wanted)]


@router.get("")
async def learning_page(request: Request, staff: SignedIn, filters: Filters) -> Response:
    async with request.app.state.resources.sessions() as session:
        found, more = await learning.lessons(session, filters)
        older = replace(filters, before=found[-1].message.position) if more else None
        return render(
            request,
            "learning.html",
            lessons=found,
            filters=filters,
            newest=_query(replace(filters, before=None)),
            older=_query(older) if older else None,
            bound=f"{learning.DOUBTFUL:.0%}",
            languages=taxonomy.LANGUAGES,
            **await _shown(session, found, filters),
        )


@router.get("/{message_id}")
async def lesson_page(request: Request, message_id: uuid.UUID, staff: SignedIn, filters: Filters) -> Response:
    """One message by itself: where a form leads without scripts, and a thread to what was misread with confidence."""
    async with request.app.state.resources.sessions() as session:
        return await _page(request, session, await _found(session, message_id), filters)


@router.get("/{message_id}/details")
async def lesson_details(request: Request, message_id: uuid.UUID, staff: SignedIn, intent: str = "") -> Response:
    """What an intent can name, with what is known ticked; for a form that is open already."""
    async with request.app.state.resources.sessions() as session:
        lesson = await _found(session, message_id)
    return render(
        request, "_details.html", intent=intent, known=_known(lesson, intent), details=taxonomy.details_of(intent)
    )


@router.post("/{message_id}")
async def correct(
    request: Request, message_id: uuid.UUID, staff: SignedIn, filters: Filters, seen: Annotated[str, Form()] = ""
) -> Response:
    """Keep what a message means. When a colleague was faster: 409 with theirs, and nothing changes."""
    sessions, form = request.app.state.resources.sessions, await request.form()
    async with sessions() as session:
        intent, meant = _meaning(await _found(session, message_id), form)
        kept = await learning.correct(session, message_id, intent, meant, staff.id, seen=_moment(seen))
        if kept and intent == MISCONDUCT:
            await misconduct.recall(session, await session.get_one(Message, message_id, with_for_update=True))
        await session.commit()
    if kept and intent == MISCONDUCT:
        template = "_lesson_apart.html" if "hx-request" in request.headers else "lesson_apart.html"
        return render(request, template, query=_query(filters))
    if kept and "hx-request" not in request.headers:
        return RedirectResponse(f"/console/learning/{message_id}?{_query(filters)}", 303)
    async with sessions() as session:
        return await _page(request, session, await _found(session, message_id), filters, colleague_was_faster=not kept)


def _meaning(lesson: Lesson, form: FormData) -> tuple[str, dict[str, list[str]]]:
    """What a form says that a message means: `right` keeps the bot's reading, else it is chosen from the lists."""
    if "right" in form and lesson.turn.intent:
        return lesson.turn.intent, taxonomy.details(lesson.turn.entities)
    intent = str(form.get("intent", ""))
    given = {kind: [str(code) for code in form.getlist(kind)] for kind in taxonomy.DETAILS}
    if not taxonomy.is_intent(intent) or not taxonomy.are_details(given):
        raise HTTPException(400)
    if form.get("details_for") != intent:
        # The form did not show this intent's details (yet): what is known stands until they are looked at.
        return intent, _known(lesson, intent)
    return intent, taxonomy.details(given, taxonomy.details_of(intent))


async def _page(
    request: Request, session: AsyncSession, lesson: Lesson, filters: Wanted, *, colleague_was_faster: bool = False
) -> Response:
    """A lesson as a page, or as the row of the list that a script puts in place."""
    context = await _shown(session, [lesson], filters) | {"colleague_was_faster": colleague_was_faster}
    template = "_lesson.html" if "hx-request" in request.headers else "lesson.html"
    return render(request, template, 409 if colleague_was_faster else 200, lesson=lesson, **context)


async def _shown(session: AsyncSession, lessons: Sequence[Lesson], filters: Wanted) -> dict[str, Any]:
    """What rows need besides themselves: names of colleagues, the codes to choose from, where to go back to."""
    authors = {lesson.correction.corrected_by for lesson in lessons if lesson.correction}
    rows = await session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(authors)))
    return {
        "names": dict(rows.all()),
        "known_details": _known,
        "details_of": taxonomy.details_of,
        "groups": taxonomy.INTENTS,
        "query": _query(filters),
        "colleague_was_faster": False,
    }


async def _found(session: AsyncSession, message_id: uuid.UUID) -> Lesson:
    lesson = await learning.lesson(session, message_id)
    if lesson is None:
        raise HTTPException(404)
    return lesson


def _known(lesson: Lesson, intent: str) -> dict[str, list[str]]:
    """The details of an intent as far as they are known: from staff if they chose this intent, else from the bot."""
    corrected = lesson.correction is not None and lesson.correction.intent == intent
    entities = lesson.correction.entities if lesson.correction and corrected else lesson.turn.entities
    return taxonomy.details(entities, taxonomy.details_of(intent))


def _query(filters: Wanted) -> str:
    return urlencode({name: value for name, value in asdict(filters).items() if value})


def _moment(seen: str) -> datetime | None:
    """When the correction was made that somebody looked at; empty when there was none."""
    try:
        return datetime.fromisoformat(seen) if seen else None
    except ValueError:
        raise HTTPException(400) from None
