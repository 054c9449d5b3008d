"""When the bot can't answer: tried again, apologised for once, passed to a person, never in anybody's way."""

import asyncio
import uuid
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from sqlalchemy import select

from conversations import handover
from conversations.assistant import Assistant, AssistantFailed, AssistantUnavailable, Reply
from conversations.inbox import InboundMessage, accept
from conversations.models import Message, Turn
from conversations.turns import FLOOD, Answer, _settle, take_turn
from infrastructure.engines import free_port
from infrastructure.resources import Resources
from tests.conversations.context import Context, Job
from tests.emulator.running import serving

LATE = 2  # tries that went before, when patience ends


@pytest.fixture
async def nobody() -> Assistant:
    """A Rasa that is not there."""
    return Assistant(f"http://127.0.0.1:{free_port()}", f"http://127.0.0.1:{free_port()}")


@pytest.fixture
def broken_url() -> Iterator[str]:
    """A Rasa that is well and fails at every turn."""
    app = FastAPI()

    @app.get("/webhooks/daleel/")
    @app.get("/health")
    async def well() -> dict[str, str]:
        return {"status": "ok"}

    app.add_api_route("/webhooks/daleel/turns", lambda: JSONResponse({"replies": []}, 500), methods=["POST"])
    with serving(app) as url:
        yield url


async def texted(resources: Resources, number: str, body: str = "hello") -> uuid.UUID:
    async with resources.sessions() as session:
        conversation = await accept(session, InboundMessage("sms", f"SM{uuid.uuid4().hex}", number, body))
        found = await session.scalars(
            select(Message.id).where(Message.conversation_id == conversation).order_by(Message.position.desc()).limit(1)
        )
        return found.one()


async def turn(resources: Resources, assistant: Assistant, message: uuid.UUID, attempts: int) -> None:
    context = Context(Job(attempts), {"resources": resources, "assistant": assistant})
    await take_turn(context, str(message))


async def said(resources: Resources, message: uuid.UUID) -> list[str]:
    async with resources.sessions() as session:
        stored = await session.get_one(Message, message)
        texts = select(Message.text).where(
            Message.conversation_id == stored.conversation_id, Message.direction == "outbound"
        )
        return list(await session.scalars(texts.order_by(Message.position)))


async def waits(resources: Resources, message: uuid.UUID) -> str | None:
    async with resources.sessions() as session:
        stored = await session.get_one(Message, message)
        period = await handover.open_period(session, stored.conversation_id)
        return period.reason if period else None


async def outcome(resources: Resources, message: uuid.UUID) -> str:
    async with resources.sessions() as session:
        return (await session.get_one(Turn, message)).outcome


async def test_a_hiccup_passes_unnoticed(resources: Resources, number: str, nobody: Assistant) -> None:
    message = await texted(resources, number)
    with pytest.raises(AssistantUnavailable):
        await turn(resources, nobody, message, attempts=0)
    assert (await said(resources, message), await waits(resources, message)) == ([], None)


async def test_an_outage_is_apologised_for_once_and_tried_on(
    resources: Resources, number: str, nobody: Assistant
) -> None:
    message = await texted(resources, number)
    for attempts in (LATE, LATE + 1, LATE + 20):
        with pytest.raises(AssistantUnavailable):
            await turn(resources, nobody, message, attempts)
    [apology] = await said(resources, message)
    assert "went wrong" in apology
    assert await waits(resources, message) == "failure"
    assert await outcome(resources, message) == "waiting"


async def test_what_fails_for_good_is_passed_on_and_does_not_stay_in_the_way(
    resources: Resources, number: str, broken_url: str
) -> None:
    assistant = Assistant(broken_url, broken_url)
    message = await texted(resources, number, "مرحبا")
    with pytest.raises(AssistantFailed):
        await turn(resources, assistant, message, attempts=0)
    await turn(resources, assistant, message, LATE)
    [apology] = await said(resources, message)
    assert "خلل" in apology
    assert (await outcome(resources, message), await waits(resources, message)) == ("failed", "failure")
    await turn(resources, assistant, message, LATE + 1)
    assert len(await said(resources, message)) == 1


async def test_two_workers_with_one_turn_give_one_answer(resources: Resources, number: str, nobody: Assistant) -> None:
    message_id = await texted(resources, number)
    with pytest.raises(AssistantUnavailable):
        await turn(resources, nobody, message_id, attempts=0)
    async with resources.sessions() as session:
        message = await session.get_one(Message, message_id)
    answer = Answer([Reply("an answer")])
    await asyncio.gather(*(_settle(resources, message, "answered", answer) for _ in range(5)))
    assert await said(resources, message_id) == ["an answer"]


async def test_another_machine_that_answers_us_is_not_answered_for_ever(
    resources: Resources, number: str, broken_url: str
) -> None:
    assistant = Assistant(broken_url, broken_url)
    messages = [await texted(resources, number, "auto reply: I am on leave") for _ in range(FLOOD + 3)]
    for message in messages[FLOOD:]:
        await turn(resources, assistant, message, attempts=0)
    [notice] = await said(resources, messages[-1])
    assert "many messages" in notice
    assert await waits(resources, messages[-1]) == "flood"


async def test_kurdish_is_answered_kindly_and_a_person_called(resources: Resources, number: str) -> None:
    app = FastAPI()
    understood = {"intent": "find_service", "confidence": 0.2, "sure": False, "entities": {}}
    told = {"replies": [{"text": "?", "buttons": []}], "understood": understood}
    app.add_api_route("/webhooks/daleel/turns", lambda: told, methods=["POST"])  # type: ignore[arg-type]
    with serving(app) as url:
        first = await texted(resources, number, "سڵاو، چۆنی؟ پێویستم بە یارمەتییە")
        await turn(resources, Assistant(url, url), first, attempts=0)
        again = await texted(resources, number, "لە هەولێرم، کارم نییە")
        await turn(resources, Assistant(url, url), again, attempts=0)
    note, then = await said(resources, first)
    assert "کوردی" in note
    assert then == "?"  # a person is called already; the note isn't said twice
    assert await waits(resources, first) == "language"
