"""Twilio's Messages resource: send, fetch, list."""

import asyncio
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse

from channels.emulator import rules
from channels.emulator.account import check_account
from channels.emulator.delivery import deliver
from channels.emulator.errors import TwilioError
from channels.emulator.faults import Fault
from channels.emulator.outside import TheWire, TheWorld
from channels.emulator.world import Message, World

router = APIRouter(prefix="/2010-04-01/Accounts/{account_sid}/Messages", dependencies=[Depends(check_account)])

# What Twilio calls a bare HTTP status.
CODES = {400: 20001, 401: 20003, 404: 20404, 429: 20429}


@router.post(".json", status_code=201)
async def send(request: Request, world: TheWorld, wire: TheWire) -> JSONResponse:
    """Accept a message, or refuse it as Twilio does; its way to the phone begins after the answer."""
    async with request.form() as form:
        message = rules.accept(world, form)
    fault = world.take_fault("send", message.number)
    if fault and fault.refuses:
        await asyncio.sleep(fault.delay_ms / 1000)
        raise refusal(fault)
    resource = as_twilio(world, message)
    world.add(message)
    on_the_way = fault if fault and fault.then_status else world.take_fault("callback", message.number)
    wire.start(deliver(world, wire, message, on_the_way))
    if fault:
        await asyncio.sleep(fault.delay_ms / 1000)
    if fault and fault.effect == "accept_then_drop":
        raise refusal(fault)
    return JSONResponse(resource, status_code=201)


def refusal(fault: Fault) -> TwilioError:
    """The error a fault answers with; a bare status gets the code Twilio gives it."""
    return TwilioError(fault.code or CODES.get(fault.status or 500, 20500), fault.status)


@router.get("/{sid}.json")
async def fetch(sid: str, world: TheWorld) -> dict[str, Any]:
    """One message."""
    if sid not in world.messages:
        raise TwilioError(20404)
    return as_twilio(world, world.messages[sid])


@router.get(".json")
async def page(
    request: Request,
    world: TheWorld,
    size: Annotated[int, Query(alias="PageSize", ge=1, le=1000)] = 50,
    number: Annotated[int, Query(alias="Page", ge=0)] = 0,
    token: Annotated[str, Query(alias="PageToken")] = "",
) -> dict[str, Any]:
    """One page of the messages that match, newest first; a page token names the last message already read."""
    found = matching(world, dict(request.query_params))
    start = next((i + 1 for i, m in enumerate(found) if "PA" + m.sid == token), 0)
    shown = found[start : start + size]
    path = f"{path_of(world)}.json"
    query = {k: v for k, v in request.query_params.items() if k not in ("Page", "PageToken")}
    following = None
    if start + size < len(found):
        turn = {**query, "PageSize": size, "Page": number + 1, "PageToken": "PA" + shown[-1].sid}
        following = f"{path}?{urlencode(turn)}"
    return {
        "messages": [as_twilio(world, message) for message in shown],
        "page": number,
        "page_size": size,
        "start": number * size,
        "end": number * size + max(0, len(shown) - 1),
        "uri": f"{path}?{request.url.query}",
        "first_page_uri": f"{path}?{urlencode({**query, 'PageSize': size, 'Page': 0})}",
        "next_page_uri": following,
        "previous_page_uri": None,
    }


def matching(world: World, query: dict[str, str]) -> list[Message]:
    """Messages by recipient, sender and day or time sent, as Twilio's list filters them."""
    after, before, on = (moment(query.get(name)) for name in ("DateSent>", "DateSent<", "DateSent"))
    return [
        message
        for message in reversed(world.messages.values())
        if query.get("To") in (None, address(world, message, "outbound"))
        and query.get("From") in (None, address(world, message, "inbound"))
        and (after is None or sent(message) >= after)
        and (before is None or sent(message) <= before)
        and (on is None or sent(message).date() == on.date())
    ]


def sent(message: Message) -> datetime:
    """When a message was sent, to the second as Twilio says it; one still queued counts from its creation."""
    return (message.sent_at or message.at).replace(microsecond=0)


def moment(written: str | None) -> datetime | None:
    """A filter's date or date and time, UTC."""
    if written is None:
        return None
    try:
        read = datetime.fromisoformat(written)
    except ValueError as error:
        raise TwilioError(20001) from error
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def address(world: World, message: Message, phones_direction: str) -> str:
    """The To of a message when asked for "outbound", the From when asked for "inbound"."""
    prefix = "whatsapp:" if message.channel == "whatsapp" else ""
    person = message.direction == phones_direction
    return prefix + (message.number if person else world.sender(message.channel))


def path_of(world: World) -> str:
    """The resource's path, as `uri` fields carry it."""
    return f"/2010-04-01/Accounts/{world.config.account_sid}/Messages"


def as_twilio(world: World, message: Message) -> dict[str, Any]:
    """The Message resource."""
    uri = f"{path_of(world)}/{message.sid}"
    failed = message.error_code is not None
    return {
        "sid": message.sid,
        "account_sid": world.config.account_sid,
        "messaging_service_sid": message.service_sid,
        "to": address(world, message, "outbound"),
        "from": address(world, message, "inbound"),
        "body": message.body,
        "status": message.status,
        "direction": "outbound-api" if message.direction == "outbound" else "inbound",
        "num_segments": str(message.segments),
        "num_media": str(len(message.media)),
        "error_code": message.error_code,
        "error_message": TwilioError(message.error_code or 0).message if failed else None,
        "date_created": format_datetime(message.at),
        "date_sent": format_datetime(message.sent_at) if message.sent_at else None,
        "date_updated": format_datetime(message.updated_at or message.at),
        "api_version": "2010-04-01",
        "price": None,
        "price_unit": "USD",
        "uri": f"{uri}.json",
        "subresource_uris": {"media": f"{uri}/Media.json"},
    }
