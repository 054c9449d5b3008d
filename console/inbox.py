"""The pages of conversations: the list and one thread, side by side on a wide screen, one at a time on a phone."""

import uuid
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from console import access, conversations
from console.access import SignedIn
from console.accounts import Staff
from console.pages import render
from console.referrals.listing import in_thread
from conversations.desk import LONGEST
from conversations.models import STAFF_OUTCOMES
from infrastructure.segments import parts

router = APIRouter(prefix="/console")

# How many lines or messages are shown: "more" and "earlier" ask for a page more, and live refreshes keep it so.
Shown = Annotated[int, Query(ge=conversations.PAGE, le=3000)]
Show = Literal["all", "waiting", "mine"]


@router.get("/conversations")
async def conversations_page(
    request: Request, staff: SignedIn, shown: Shown = conversations.PAGE, show: Show = "all"
) -> Response:
    async with request.app.state.resources.sessions() as session:
        return render(request, "inbox.html", thread=None, **await list_context(session, staff, show, shown))


@router.get("/conversations/list")
async def conversation_list(
    request: Request,
    staff: SignedIn,
    shown: Shown = conversations.PAGE,
    selected: uuid.UUID | None = None,
    show: Show = "all",
) -> Response:
    """The list alone, for pages that are open already."""
    async with request.app.state.resources.sessions() as session:
        return render(request, "_list.html", **await list_context(session, staff, show, shown, selected))


@router.get("/conversations/{conversation_id}")
async def conversation_page(
    request: Request,
    conversation_id: uuid.UUID,
    staff: SignedIn,
    shown: Shown = conversations.PAGE,
    show: Show = "all",
) -> Response:
    async with request.app.state.resources.sessions() as session:
        context = await thread_context(session, staff, conversation_id, shown)
        context |= await list_context(session, staff, show, selected=conversation_id)
        return render(request, "inbox.html", **context)


@router.get("/conversations/{conversation_id}/thread")
async def conversation_thread(
    request: Request,
    conversation_id: uuid.UUID,
    staff: SignedIn,
    shown: Shown = conversations.PAGE,
    desk: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """The thread alone, for pages that are open already; with the desk below it, where that isn't as `desk` says.

    The desk is left alone otherwise: somebody may be typing there.
    """
    async with request.app.state.resources.sessions() as session:
        context = await thread_context(session, staff, conversation_id, shown)
    with_desk = desk not in ("", context["desk"]["state"])
    return render(request, "_refreshed.html", with_desk=with_desk, **context)


async def list_context(
    session: AsyncSession,
    staff: Staff,
    show: Show = "all",
    shown: int = conversations.PAGE,
    selected: uuid.UUID | None = None,
) -> dict[str, Any]:
    """What `_list.html` shows."""
    listing = await conversations.listing(session, staff.id, shown, show)
    return {"listing": listing, "list_shown": shown, "selected": selected, "show": show}


async def thread_context(
    session: AsyncSession,
    staff: Staff,
    conversation_id: uuid.UUID,
    shown: int = conversations.PAGE,
    *,
    text: str = "",
    problem: str | None = None,
) -> dict[str, Any]:
    """What `_thread.html` and `_desk.html` show; `text` is what stays in the box, `problem` why it wasn't sent."""
    thread = await conversations.thread(session, conversation_id, shown)
    if thread is None:
        raise HTTPException(404)
    period = thread.period
    desk = {
        "state": f"{period.id} {period.taken_by}" if period else "nobody",
        "may_answer": staff.role in access.ANSWERING,
        "is_mine": period is not None and period.taken_by == staff.id,
        # Becomes the id of the message: sent twice, it is one.
        "key": uuid.uuid4(),
        "text": text,
        "characters": len(text),
        "parts": parts(text),
        "longest": LONGEST,
        "outcomes": STAFF_OUTCOMES,
        "problem": problem,
    }
    referrals = await in_thread(session, conversation_id, staff)
    return {"thread": thread, "thread_shown": shown, "desk": desk, "referrals": referrals}
