"""The phones: what a person does with one, what is on its screen, and the faults a test orders."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from channels.emulator import inbound
from channels.emulator.delivery import mark_read
from channels.emulator.faults import Fault
from channels.emulator.outside import TheWire, TheWorld
from channels.emulator.phone_json import NumberInPath, PhoneNumber, json_body
from channels.emulator.world import Channel, World

router = APIRouter()
# A quiet stream says something now and then, so that a page that went away is noticed.
HEARTBEAT_SECONDS = 15


class NewPhone(BaseModel):
    """A number the page adds."""

    number: PhoneNumber


class Look(BaseModel):
    """Which of a phone's two conversations is looked at; both when not said."""

    channel: Channel | None = None


@router.get("/phones")
async def phones(world: TheWorld) -> list[dict[str, Any]]:
    """The known phones with their unread counts."""
    return world.phones()


@router.post("/phones", status_code=201)
async def add_phone(new: Annotated[NewPhone, Depends(json_body(NewPhone))], world: TheWorld) -> dict[str, str]:
    """Make a phone known."""
    world.add_number(new.number)
    return {"number": new.number}


@router.post("/phones/{number}/messages", status_code=201)
async def send(
    number: NumberInPath,
    draft: Annotated[inbound.PhoneMessage, Depends(json_body(inbound.PhoneMessage))],
    request: Request,
    world: TheWorld,
    wire: TheWire,
) -> dict[str, Any]:
    """Send a message from the phone; answered once the product answered: status delivered or failed."""
    if draft.channel == "sms" and (draft.location or draft.button or not number.startswith("+")):
        raise HTTPException(422, "only WhatsApp has locations, quick replies and people without a number")
    message = await inbound.send(world, wire, number, draft, str(request.base_url).rstrip("/"))
    return message.as_json()


@router.get("/phones/{number}/messages")
async def transcript(number: NumberInPath, world: TheWorld, channel: Channel | None = None) -> list[dict[str, Any]]:
    """What is on the phone's screen, oldest first."""
    return [message.as_json() for message in world.transcript(number, channel)]


@router.post("/phones/{number}/read")
async def read(
    number: NumberInPath, look: Annotated[Look, Depends(json_body(Look))], world: TheWorld, wire: TheWire
) -> dict[str, int]:
    """Look at what arrived; says how many messages were new."""
    return {"read": await mark_read(world, wire, number, look.channel)}


@router.get("/phones/{number}/events")
async def events_of_one(number: NumberInPath, world: TheWorld) -> StreamingResponse:
    """New and changed messages of one phone, as server-sent events."""
    return StreamingResponse(stream(world, number), media_type="text/event-stream")


@router.get("/events")
async def events_of_all(world: TheWorld) -> StreamingResponse:
    """The same for all phones: a browser keeps only few connections to one server."""
    return StreamingResponse(stream(world, None), media_type="text/event-stream")


async def stream(world: World, number: str | None) -> AsyncIterator[str]:
    """Events of one phone or of all, each one message."""
    with world.listening(number) as queue:
        yield ": listening\n\n"
        while True:
            try:
                event = await asyncio.wait_for(queue.get(), HEARTBEAT_SECONDS)
                yield f"event: message\ndata: {json.dumps(event)}\n\n"
            except TimeoutError:
                yield ": still here\n\n"


@router.post("/faults", status_code=201)
async def order_fault(fault: Annotated[Fault, Depends(json_body(Fault))], world: TheWorld) -> Fault:
    """Order a failure."""
    world.faults.append(fault)
    return fault


@router.delete("/faults", status_code=204)
async def clear_faults(world: TheWorld) -> None:
    """Forget every failure ordered."""
    world.faults.clear()
