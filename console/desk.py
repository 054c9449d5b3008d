"""Where staff take a conversation over, write to the person and hand it back; below each thread."""

import re
import uuid
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.exc import NoResultFound
from sqlalchemy.ext.asyncio import AsyncSession

from console.access import Answering
from console.accounts import Staff
from console.inbox import list_context, thread_context
from console.pages import render
from conversations import desk
from conversations.desk import LONGEST, SaidOtherwise
from conversations.handover import Conflict
from conversations.models import STAFF_OUTCOMES
from infrastructure import events
from infrastructure.resources import Resources

router = APIRouter(prefix="/console/conversations/{conversation_id}")

REPLY = re.compile(r"(/console/conversations/[0-9a-f-]{36})/reply")
# Why something was not done, and with which status that is told.
STATUS = {"empty": 422, "too_long": 422}

Act = Callable[[AsyncSession], Awaitable[None]]


@router.post("/take-over")
async def take_over(
    request: Request,
    conversation_id: uuid.UUID,
    staff: Answering,
    relieving: Annotated[uuid.UUID | None, Form()] = None,
) -> Response:
    """Take it over; from a colleague only where the page showed that they have it. 409 where that isn't so any more."""
    wording = request.app.state.resources.wording

    async def act(session: AsyncSession) -> None:
        await desk.take_over(session, wording, conversation_id, staff.id, staff.name, relieving)

    return await _done(request, staff, conversation_id, act)


@router.post("/reply")
async def reply(
    request: Request,
    conversation_id: uuid.UUID,
    staff: Answering,
    key: Annotated[uuid.UUID, Form()],
    text: Annotated[str, Form()] = "",
) -> Response:
    """Send what was written, once for each form. What isn't sent stays in the box: 422 for no text or too much of it,
    409 from who doesn't have the conversation in hand.
    """
    text = _typed(text)
    if not text or len(text) > LONGEST:
        return await _shown(request, staff, conversation_id, text, "too_long" if text else "empty")

    async def act(session: AsyncSession) -> None:
        await desk.reply(session, conversation_id, staff.id, key, text)

    return await _done(request, staff, conversation_id, act, text)


@router.post("/hand-back")
async def hand_back(
    request: Request, conversation_id: uuid.UUID, staff: Answering, outcome: Annotated[str, Form()] = ""
) -> Response:
    """Hand it back to the bot, or end the waiting without a word. 409 when a colleague was faster."""
    if outcome not in STAFF_OUTCOMES:
        return await _shown(request, staff, conversation_id, "", "no_outcome")
    wording = request.app.state.resources.wording

    async def act(session: AsyncSession) -> None:
        await desk.hand_back(session, wording, conversation_id, staff.id, outcome)

    return await _done(request, staff, conversation_id, act)


async def unsent(request: Request) -> dict[str, Any]:
    """What somebody without scripts had written when their session was over, and where to: for the sign-in page."""
    conversation = REPLY.fullmatch(request.url.path)
    if request.method != "POST" or not conversation:
        return {}
    text = _typed(str((await request.form()).get("text", "")))
    return {"unsent": text, "next": conversation[1]} if text else {}


async def _done(request: Request, staff: Staff, conversation_id: uuid.UUID, act: Act, text: str = "") -> Response:
    """Do something and show the conversation as it is then; what couldn't be done is said."""
    resources: Resources = request.app.state.resources
    try:
        async with resources.sessions() as session:
            await act(session)
            await session.commit()
    except NoResultFound:
        raise HTTPException(404) from None
    except Conflict:
        return await _shown(request, staff, conversation_id, text, "conflict")
    except SaidOtherwise:
        return await _shown(request, staff, conversation_id, text, "said_otherwise")
    await events.publish(resources.redis, "conversation_changed", conversation=str(conversation_id))
    if "hx-request" in request.headers:
        return await _shown(request, staff, conversation_id, "", None)
    return RedirectResponse(f"/console/conversations/{conversation_id}", 303)


async def _shown(
    request: Request, staff: Staff, conversation_id: uuid.UUID, text: str, problem: str | None
) -> Response:
    """The desk and the thread anew, or without scripts the page; what was typed is in the box."""
    status = STATUS.get(problem, 409) if problem else 200
    async with request.app.state.resources.sessions() as session:
        context = await thread_context(session, staff, conversation_id, text=text, problem=problem)
        if "hx-request" in request.headers:
            return render(request, "_acted.html", status, **context)
        return render(
            request, "inbox.html", status, **context, **await list_context(session, staff, selected=conversation_id)
        )


def _typed(text: str) -> str:
    """A text as it was meant: browsers send other line ends, and nobody types a null character."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").strip()
