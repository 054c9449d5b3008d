"""What Twilio calls: inbound messages and the status of outbound ones. Verify, parse, hand on; nothing slow.

Fields: https://www.twilio.com/docs/messaging/guides/webhook-request
"""

import asyncio
import logging
import uuid
from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from sqlalchemy.exc import InterfaceError, OperationalError

from channels.twilio.parsing import Fields, Malformed, inbound, status_update
from channels.twilio.signature import fields, is_signed
from conversations import inbox, outbox
from infrastructure import events
from infrastructure.resources import Resources

logger = logging.getLogger(__name__)
router = APIRouter(prefix="/twilio")

# A restart of PostgreSQL takes a second or two.
STORING_TRIES, STORING_PAUSE_SECONDS = 20, 0.5
EMPTY_TWIML = Response("<Response/>", media_type="text/xml")


async def verified_form(request: Request) -> Fields:
    """The posted fields, if Twilio signed them for our public URL; 403 otherwise."""
    body = await request.body()
    resources: Resources = request.app.state.resources
    # The configured URL, never the Host header: a header is the caller's word.
    query = f"?{request.url.query}" if request.url.query else ""
    url = f"{resources.settings.public_base}{request.url.path}{query}"
    signature = request.headers.get("X-Twilio-Signature", "")
    if not is_signed(url, body, signature, resources.settings.required("twilio_auth_token")):
        logger.warning("a call to %s was refused: its signature is missing or wrong", request.url.path)
        raise HTTPException(403)
    return fields(body)


Form = Annotated[Fields, Depends(verified_form)]


@router.post("/messages")
async def receive(form: Form, request: Request) -> Response:
    """Store an inbound message once; a replay of the same MessageSid changes nothing."""
    resources: Resources = request.app.state.resources
    try:
        message = inbound(form)
    except Malformed as reason:
        raise HTTPException(400, str(reason)) from reason
    conversation = await _stored(resources, message)
    if conversation:
        await events.publish(resources.redis, "conversation_changed", conversation=str(conversation))
    return EMPTY_TWIML


@router.post("/status")
async def status(form: Form, request: Request, message: uuid.UUID | None = None) -> Response:
    """Move an outbound message forward; `message` is our own id, which we gave to Twilio with the message."""
    resources: Resources = request.app.state.resources
    update = status_update(form)
    if update:
        async with resources.sessions() as session:
            changed = await outbox.record_status(session, message, update.sid, update.status, update.error_code)
        if changed:
            await events.publish(resources.redis, "conversation_changed", conversation=str(changed))
    return EMPTY_TWIML


async def _stored(resources: Resources, message: inbox.InboundMessage) -> uuid.UUID | None:
    """Take a message in, waiting out a restart of the database: Twilio waits 15 s and may not call again."""
    for _ in range(STORING_TRIES):
        with suppress(OperationalError, InterfaceError):
            async with resources.sessions() as session:
                return await inbox.accept(session, message)
        await asyncio.sleep(STORING_PAUSE_SECONDS)
    raise HTTPException(503)
