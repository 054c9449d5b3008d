"""The pages of conversations: the list and one thread, side by side on a wide screen, one at a time on a phone."""

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from console import conversations
from console.access import SignedIn
from console.accounts import Staff
from console.pages import render
from console.referrals.listing import in_thread
from conversations import handover
from infrastructure import events

router = APIRouter(prefix="/console")

# How many lines or messages are shown: "more" and "earlier" ask for a page more, and live refreshes keep it so.
Shown = Annotated[int, Query(ge=conversations.PAGE, le=3000)]


@router.get("/conversations")
async def conversations_page(request: Request, staff: SignedIn, shown: Shown = conversations.PAGE) -> Response:
    async with request.app.state.resources.sessions() as session:
        return render(request, "inbox.html", thread=None, **await _list(session, shown, None))


@router.get("/conversations/list")
async def conversation_list(
    request: Request, staff: SignedIn, shown: Shown = conversations.PAGE, selected: uuid.UUID | None = None
) -> Response:
    """The list alone, for pages that are open already."""
    async with request.app.state.resources.sessions() as session:
        return render(request, "_list.html", **await _list(session, shown, selected))


@router.get("/conversations/{conversation_id}")
async def conversation_page(
    request: Request, conversation_id: uuid.UUID, staff: SignedIn, shown: Shown = conversations.PAGE
) -> Response:
    async with request.app.state.resources.sessions() as session:
        context = await _thread(session, conversation_id, shown, staff)
        return render(request, "inbox.html", **context, **await _list(session, conversations.PAGE, conversation_id))


@router.get("/conversations/{conversation_id}/thread")
async def conversation_thread(
    request: Request, conversation_id: uuid.UUID, staff: SignedIn, shown: Shown = conversations.PAGE
) -> Response:
    """The thread alone, for pages that are open already."""
    async with request.app.state.resources.sessions() as session:
        return render(request, "_thread.html", **await _thread(session, conversation_id, shown, staff))


@router.post("/conversations/{conversation_id}/handled")
async def mark_as_handled(request: Request, conversation_id: uuid.UUID, staff: SignedIn) -> Response:
    """End the waiting. When a colleague was faster: 409 with a note, and nothing changes."""
    resources = request.app.state.resources
    async with resources.sessions() as session:
        closed = await handover.close(session, conversation_id, staff.id)
        await session.commit()
        context = await _thread(session, conversation_id, conversations.PAGE, staff)
    if closed:
        await events.publish(resources.redis, "conversation_changed", conversation=str(conversation_id))
    if "hx-request" not in request.headers:
        # Without scripts the page itself shows that nobody waits here any more.
        return RedirectResponse(f"/console/conversations/{conversation_id}", 303)
    return render(request, "_thread.html", 200 if closed else 409, **context | {"colleague_was_faster": not closed})


async def _list(session: AsyncSession, shown: int, selected: uuid.UUID | None) -> dict[str, Any]:
    listing = await conversations.listing(session, shown)
    return {"listing": listing, "list_shown": shown, "selected": selected}


async def _thread(session: AsyncSession, conversation_id: uuid.UUID, shown: int, staff: Staff) -> dict[str, Any]:
    thread = await conversations.thread(session, conversation_id, shown)
    if thread is None:
        raise HTTPException(404)
    referrals = await in_thread(session, conversation_id, staff)
    return {"thread": thread, "thread_shown": shown, "colleague_was_faster": False, "referrals": referrals}
