"""What stands across from the worker in tests: a Rasa that does as it is told, and a provider that takes everything."""

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from sqlalchemy import select

from conversations import outbox
from conversations.assistant import Assistant
from conversations.danger import is_danger
from conversations.models import Message
from conversations.outbox import Outgoing
from conversations.turns import take_turn
from infrastructure.resources import Resources
from tests.conversations.context import Context, Job
from tests.emulator.running import serving

UNDERSTOOD = {"intent": "find_service", "confidence": 0.9, "sure": True, "entities": {}}


@dataclass
class Rasa:
    """A Rasa that answers every text alike, reads what it is told to read, and remembers until it must forget."""

    url: str = ""
    # What every text means, and what these mean instead (or a part of it).
    intent: str = "find_service"
    reads: dict[str, dict[str, Any]] = field(default_factory=dict)
    buttons: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    remembers: set[str] = field(default_factory=set)
    resumable: bool = True
    forgets: bool = True

    @property
    def assistant(self) -> Assistant:
        return Assistant(self.url, self.url)

    def meaning(self, said: str) -> dict[str, Any]:
        return UNDERSTOOD | {"intent": self.intent} | self.reads.get(said, {})

    def turn(self, turn: dict[str, Any]) -> dict[str, Any]:
        """What bot/connector.py answers: of danger, and of misconduct where it is sure, it keeps and says nothing."""
        self.asked.append(turn["text"])
        understood = self.meaning(turn["text"])
        left_to_us = is_danger(understood["intent"])
        left_to_us |= understood["intent"] == "report_misconduct" and understood["sure"]
        if not left_to_us:
            self.remembers.add(turn["conversation"])
        replies = [] if left_to_us else [{"text": "the bot answers", "buttons": self.buttons}]
        return {"replies": replies, "understood": understood}


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
        return told.turn(await request.json())

    @app.post("/webhooks/daleel/understand")
    async def understand(request: Request) -> dict[str, Any]:
        return told.meaning((await request.json())["text"])

    @app.post("/webhooks/daleel/resume")
    async def resume(request: Request) -> JSONResponse:
        told.asked.append(f"resume {(await request.json())['language']}")
        return JSONResponse({}, 200 if told.resumable else 500)

    @app.post("/webhooks/daleel/forget")
    async def forget(request: Request) -> JSONResponse:
        if not told.forgets:
            return JSONResponse({"error": "told to fail"}, 500)
        told.remembers.discard((await request.json())["conversation"])
        return JSONResponse({})

    with serving(app) as told.url:
        yield told


@pytest.fixture
async def assistant(rasa: Rasa) -> AsyncIterator[Assistant]:
    assistant = rasa.assistant
    yield assistant
    await assistant.close()


@dataclass
class Provider:
    """A provider that takes what it is given, refuses it with a code, or can't be reached."""

    took: list[Outgoing] = field(default_factory=list)
    refuses: int | None = None
    is_down: bool = False
    templates: bool = False
    before_taking: Callable[[], Awaitable[object]] | None = None

    @property
    def sent(self) -> list[str]:
        """What was sent, as words."""
        return [f"template {message.template}" if message.template else message.text for message in self.took]

    async def send(self, message: Outgoing) -> str:
        if self.before_taking:
            await self.before_taking()
        if self.is_down:
            raise outbox.NotReached("told to fail")
        if self.refuses:
            raise outbox.Refused(self.refuses)
        self.took.append(message)
        return f"SM{uuid.uuid4().hex}"

    async def find(self, message: Outgoing, since: datetime) -> list[str]:
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
