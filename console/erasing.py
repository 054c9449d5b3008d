"""An admin erases somebody who asked for it by voice; by text people do it themselves (actions/erasure.py)."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access import Admin
from console.pages import render
from conversations import erasure
from conversations.models import Address, Conversation
from infrastructure import events

router = APIRouter(prefix="/console")


@router.get("/conversations/{conversation_id}/erase")
async def erase_page(request: Request, conversation_id: uuid.UUID, admin: Admin) -> Response:
    """What goes, what stays, and whether they really asked."""
    return await _page(request, conversation_id)


@router.post("/conversations/{conversation_id}/erase")
async def erase(
    request: Request, conversation_id: uuid.UUID, admin: Admin, asked: Annotated[str, Form()] = ""
) -> Response:
    """Begin it; it is done within moments, behind what is being said to them now."""
    if not asked:
        return await _page(request, conversation_id, 422)
    resources = request.app.state.resources
    async with resources.sessions() as session:
        if not await erasure.begin(session, conversation_id, asked_by=admin.id):
            raise HTTPException(404)
        await session.commit()
    await events.publish(resources.redis, "conversation_changed", conversation=str(conversation_id))
    return RedirectResponse("/console/erased", 303)


@router.get("/erased")
async def erased_page(request: Request, admin: Admin) -> Response:
    return render(request, "erased.html")


async def _page(request: Request, conversation_id: uuid.UUID, status: int = 200) -> Response:
    async with request.app.state.resources.sessions() as session:
        addresses = await _addresses(session, conversation_id)
    if not addresses:
        raise HTTPException(404)
    address = f"/console/conversations/{conversation_id}"
    return render(request, "erase.html", status, addresses=addresses, back=address, not_asked=status == 422)


async def _addresses(session: AsyncSession, conversation_id: uuid.UUID) -> list[Address]:
    """All addresses of whoever a conversation is with; none when there is no such conversation."""
    person = select(Address.person_id).join(Conversation).where(Conversation.id == conversation_id).scalar_subquery()
    return list(await session.scalars(select(Address).where(Address.person_id == person).order_by(Address.channel)))
