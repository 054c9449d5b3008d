"""What stands across from the worker in tests: a Rasa that does as it is told, and a provider that takes everything."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from sqlalchemy import select

from conversations import outbox
from conversations.assistant import Assistant
from conversations.models import Message
from conversations.turns import take_turn
from infrastructure.resources import Resources
from tests.conversations.context import Context, Job
from tests.emulator.running import serving

UNDERSTOOD = {"intent": "find_service", "confidence": 0.9, "sure": True, "entities": {}}


@dataclass
class Rasa:
    """A Rasa that answers every text with the same words, and remembers what it was asked."""

    url: str = ""
    asked: list[str] = field(default_factory=list)
    intent: str = "find_service"
    resumable: bool = True

    @property
    def assistant(self) -> Assistant:
        return Assistant(self.url, self.url)


@pytest.fixture
def rasa() -> Iterator[Rasa]:
    told = Rasa()
    app = FastAPI()

    @app.get("/webhooks/daleel/")
    @app.get("/health")
    async def well() -> dict[str, str]:
        return {"status": "ok"}

    @app.post("/webhooks/daleel/turns")
    async def turns(request: Request) -> dict[str, Any]:
        told.asked.append((await request.json())["text"])
        replies = [] if told.intent == "gbv_disclosure" else [{"text": "the bot answers", "buttons": []}]
        return {"replies": replies, "understood": {**UNDERSTOOD, "intent": told.intent}}

    @app.post("/webhooks/daleel/resume")
    async def resume(request: Request) -> JSONResponse:
        told.asked.append(f"resume {(await request.json())['language']}")
        return JSONResponse({}, 200 if told.resumable else 500)

    with serving(app) as told.url:
        yield told


@dataclass
class Provider:
    """A provider that takes what it is given, or refuses it with a code."""

    sent: list[str] = field(default_factory=list)
    refuses: int | None = None
    templates: bool = False

    async def send(self, message: outbox.Outgoing) -> str:
        if self.refuses:
            raise outbox.Refused(self.refuses)
        self.sent.append(f"template {message.template}" if message.template else message.text)
        return f"SM{uuid.uuid4().hex}"

    async def find(self, message: outbox.Outgoing, since: datetime) -> list[str]:
        return []

    def has_template(self, language: str) -> bool:
        return self.templates


@pytest.fixture
def provider() -> Provider:
    return Provider()


async def turn(resources: Resources, assistant: Assistant, conversation: uuid.UUID, attempts: int = 0) -> None:
    """Take the turn of the last thing somebody wrote."""
    last = select(Message.id).where(Message.conversation_id == conversation, Message.direction == "inbound")
    async with resources.sessions() as session:
        message = await session.scalar(last.order_by(Message.position.desc()).limit(1))
    await take_turn(Context(Job(attempts), {"resources": resources, "assistant": assistant}), str(message))


async def turns(resources: Resources, assistant: Assistant, conversation: uuid.UUID) -> None:
    """Take the turns of all that somebody wrote, one after the other, as the queue does."""
    theirs = select(Message.id).where(Message.conversation_id == conversation, Message.direction == "inbound")
    async with resources.sessions() as session:
        written = list(await session.scalars(theirs.order_by(Message.position)))
    for message in written:
        await take_turn(Context(Job(0), {"resources": resources, "assistant": assistant}), str(message))


async def delivered(resources: Resources, provider: outbox.Provider, conversation: uuid.UUID) -> list[str]:
    """Deliver what is queued in a conversation, in its order; returns the statuses of our messages."""
    ours = select(Message).where(Message.conversation_id == conversation, Message.direction == "outbound")
    context = Context(Job(0), {"resources": resources, "provider": provider})
    while True:
        async with resources.sessions() as session:
            queued = ours.where(Message.status == "queued").order_by(Message.position).limit(1)
            message = await session.scalar(queued)
        if message is None:
            break
        await outbox.deliver(context, str(message.id))
    async with resources.sessions() as session:
        return [message.status for message in await session.scalars(ours.order_by(Message.position))]
