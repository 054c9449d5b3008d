"""While staff hold a conversation the bot is silent, whatever was under way when they took it over."""

import asyncio
import uuid
from dataclasses import replace
from datetime import datetime

import pytest
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from sqlalchemy import select

from conversations.assistant import Assistant, AssistantUnavailable
from conversations.models import Conversation, Message, Turn
from infrastructure.engines import free_port
from infrastructure.local_time import BAGHDAD
from infrastructure.resources import Resources
from infrastructure.working_hours import WEEK
from tests.conversations.far_ends import UNDERSTOOD, Rasa, turn, turns
from tests.conversations.staff import handed_back, periods, replied, said, taken_over, texted
from tests.emulator.running import serving

LATE = 2  # tries that went before, when patience ends


async def outcomes(resources: Resources, conversation: uuid.UUID) -> list[tuple[str, str | None]]:
    async with resources.sessions() as session:
        turns = (
            select(Turn)
            .join(Message, Message.id == Turn.message_id)
            .where(Message.conversation_id == conversation)
            .order_by(Message.position)
        )
        return [(one.outcome, one.intent) for one in await session.scalars(turns)]


async def test_rasa_is_not_asked_while_staff_hold(
    resources: Resources, number: str, zainab: uuid.UUID, rasa: Rasa
) -> None:
    conversation = await texted(resources, number, "I need a lawyer")
    await taken_over(resources, conversation, zainab)
    for count in range(10):
        if count:
            await texted(resources, number, f"message {count}")
        await turn(resources, rasa.assistant, conversation)
    assert rasa.asked == []
    assert await outcomes(resources, conversation) == [("held", None)] * 10
    assert len(await said(resources, conversation)) == 1  # that somebody is there


async def test_ten_at_once_while_staff_hold(resources: Resources, number: str, zainab: uuid.UUID, rasa: Rasa) -> None:
    conversation = await texted(resources, number, "0")
    await taken_over(resources, conversation, zainab)
    await asyncio.gather(*(texted(resources, number, str(count)) for count in range(1, 10)))
    await asyncio.gather(
        turns(resources, rasa.assistant, conversation),
        replied(resources, conversation, zainab, "I read all ten"),
    )
    assert rasa.asked == []
    assert await outcomes(resources, conversation) == [("held", None)] * 10
    assert (await said(resources, conversation))[1:] == ["I read all ten"]


async def test_an_answer_under_way_when_staff_take_over_is_dropped(
    resources: Resources, number: str, zainab: uuid.UUID
) -> None:
    thinking, done = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    app = FastAPI()

    @app.post("/webhooks/daleel/turns")
    async def think() -> dict[str, object]:
        loop.call_soon_threadsafe(thinking.set)
        while not done.is_set():
            await asyncio.sleep(0.01)
        return {"replies": [{"text": "too late", "buttons": []}], "understood": UNDERSTOOD}

    conversation = await texted(resources, number, "where is a doctor in Mosul")
    with serving(app) as url:
        taking = asyncio.create_task(turn(resources, Assistant(url, url), conversation))
        await asyncio.wait_for(thinking.wait(), 10)
        await taken_over(resources, conversation, zainab)
        done.set()
        await taking
    assert "too late" not in await said(resources, conversation)
    assert await outcomes(resources, conversation) == [("held", "find_service")]


async def test_a_failure_under_way_when_staff_take_over_is_not_apologised_for(
    resources: Resources, number: str, zainab: uuid.UUID
) -> None:
    thinking, done = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    app = FastAPI()

    @app.get("/webhooks/daleel/")
    @app.get("/health")
    async def well() -> dict[str, str]:
        return {"status": "ok"}

    @app.post("/webhooks/daleel/turns")
    async def think() -> JSONResponse:
        loop.call_soon_threadsafe(thinking.set)
        while not done.is_set():
            await asyncio.sleep(0.01)
        return JSONResponse({"replies": []}, 500)

    conversation = await texted(resources, number, "where is a doctor in Mosul")
    with serving(app) as url:
        taking = asyncio.create_task(turn(resources, Assistant(url, url), conversation, LATE))
        await asyncio.wait_for(thinking.wait(), 10)
        await taken_over(resources, conversation, zainab)
        done.set()
        await taking
    [notice] = await said(resources, conversation)
    assert "Zainab" in notice
    assert await outcomes(resources, conversation) == [("held", None)]
    [period] = await periods(resources, conversation)
    assert period.reason == "staff"


async def test_takeovers_and_answers_at_once_never_cross(
    resources: Resources, number: str, zainab: uuid.UUID, rasa: Rasa
) -> None:
    """Whichever comes first: what the bot says stands before the takeover, or isn't said."""
    for _ in range(15):
        conversation = await texted(resources, number, "where is a doctor in Mosul")
        await asyncio.gather(turn(resources, rasa.assistant, conversation), taken_over(resources, conversation, zainab))
        *before, notice = await said(resources, conversation)
        assert "Zainab" in notice
        assert [text for text in before if text == "the bot answers"] in ([], ["the bot answers"])
        last = (await outcomes(resources, conversation))[-1][0]
        assert (last == "answered") is (before[-1:] == ["the bot answers"])
        await handed_back(resources, conversation, zainab)


async def test_danger_while_staff_hold_stands_out_and_the_bot_says_nothing(
    resources: Resources, number: str, zainab: uuid.UUID, rasa: Rasa
) -> None:
    conversation = await texted(resources, number, "hello")
    await taken_over(resources, conversation, zainab)
    await texted(resources, number, "I want to kill myself")
    await turn(resources, rasa.assistant, conversation)
    [period] = await periods(resources, conversation)
    assert (period.reason, period.taken_by) == ("danger", zainab)
    assert await outcomes(resources, conversation) == [("held", "suicide_risk")]
    assert len(await said(resources, conversation)) == 1


@pytest.mark.parametrize("body", ["I want to kill myself", "it starts again every night"])
async def test_danger_while_the_holder_has_gone_home_is_answered_at_once(
    resources: Resources, number: str, zainab: uuid.UUID, rasa: Rasa, body: str
) -> None:
    now = datetime.now(BAGHDAD)
    another_day = WEEK[(now.weekday() + 3) % 7]
    away = replace(
        resources, settings=resources.settings.model_copy(update={"staff_hours": f"{another_day} 08:00-09:00"})
    )
    rasa.reads = {"it starts again every night": {"intent": "suicide_risk"}}
    conversation = await texted(resources, number, "hello")
    await taken_over(resources, conversation, zainab)
    await texted(resources, number, body)
    await turn(away, rasa.assistant, conversation)
    left, waiting = await periods(resources, conversation)
    assert (left.outcome, waiting.reason, waiting.taken_by) == ("unanswered", "danger", None)
    assert "You are not alone" in (await said(resources, conversation))[-1]


async def test_danger_that_the_model_saw_before_a_takeover_stands_out_too(
    resources: Resources, number: str, zainab: uuid.UUID, rasa: Rasa
) -> None:
    rasa.intent = "gbv_disclosure"
    conversation = await texted(resources, number, "it starts again every night")
    await asyncio.gather(turn(resources, rasa.assistant, conversation), taken_over(resources, conversation, zainab))
    [period] = await periods(resources, conversation)
    if await outcomes(resources, conversation) != [("held", None)]:
        assert period.reason == "danger"


async def test_danger_that_only_the_model_sees_stands_out_while_staff_hold(
    resources: Resources, number: str, zainab: uuid.UUID, rasa: Rasa
) -> None:
    conversation = await texted(resources, number, "hello")
    await taken_over(resources, conversation, zainab)
    rasa.reads = {"it starts again every night": {"intent": "gbv_disclosure"}}
    for body in ("it starts again every night", "and then it is quiet"):
        await texted(resources, number, body)
    await turns(resources, rasa.assistant, conversation)
    assert (await outcomes(resources, conversation))[1:] == [("held", "gbv_disclosure"), ("held", None)]
    [period] = await periods(resources, conversation)
    assert (period.reason, period.taken_by) == ("danger", zainab)
    assert (rasa.asked, rasa.remembers) == ([], set())


async def test_while_rasa_is_down_what_staff_hold_reaches_them(
    resources: Resources, number: str, zainab: uuid.UUID
) -> None:
    nobody = Assistant(f"http://127.0.0.1:{free_port()}", f"http://127.0.0.1:{free_port()}")
    conversation = await texted(resources, number, "hello")
    await taken_over(resources, conversation, zainab)
    await turn(resources, nobody, conversation)
    assert await outcomes(resources, conversation) == [("held", None)]


async def test_nobody_apologises_into_a_colleagues_conversation(
    resources: Resources, number: str, zainab: uuid.UUID
) -> None:
    nobody = Assistant(f"http://127.0.0.1:{free_port()}", f"http://127.0.0.1:{free_port()}")
    conversation = await texted(resources, number, "hello")
    with pytest.raises(AssistantUnavailable):
        await turn(resources, nobody, conversation)
    await taken_over(resources, conversation, zainab)
    await turn(resources, nobody, conversation, LATE)
    assert await outcomes(resources, conversation) == [("held", None)]
    assert len(await said(resources, conversation)) == 1


async def test_after_hand_back_the_bot_begins_at_a_known_place(
    resources: Resources, number: str, zainab: uuid.UUID, rasa: Rasa
) -> None:
    conversation = await texted(resources, number, "I need a lawyer")
    await turn(resources, rasa.assistant, conversation)
    await taken_over(resources, conversation, zainab)
    await handed_back(resources, conversation, zainab)
    for body in ("Mosul", "thanks"):
        await texted(resources, number, body)
        await turn(resources, rasa.assistant, conversation)
    assert rasa.asked == ["I need a lawyer", "resume en", "Mosul", "thanks"]


async def test_while_rasa_cannot_resume_danger_is_still_answered(
    resources: Resources, number: str, zainab: uuid.UUID, rasa: Rasa
) -> None:
    rasa.resumable = False
    conversation = await texted(resources, number, "hello")
    await taken_over(resources, conversation, zainab)
    await handed_back(resources, conversation, zainab)
    with pytest.raises(AssistantUnavailable):
        await turn(resources, rasa.assistant, conversation)
    await texted(resources, number, "I want to kill myself")
    await turn(resources, rasa.assistant, conversation)
    assert "not alone" in (await said(resources, conversation))[-1]
    async with resources.sessions() as session:
        assert (await session.get_one(Conversation, conversation)).starts_afresh
    rasa.resumable = True
    await texted(resources, number, "a lawyer in Mosul")
    await turn(resources, rasa.assistant, conversation)
    assert rasa.asked[-2:] == ["resume en", "a lawyer in Mosul"]


async def test_a_message_from_before_the_hand_back_is_answered_after_it(
    resources: Resources, number: str, zainab: uuid.UUID, rasa: Rasa
) -> None:
    """Its turn was late: nobody holds the conversation any more, so it would be answered by nobody else."""
    conversation = await texted(resources, number, "hello")
    await taken_over(resources, conversation, zainab)
    await texted(resources, number, "one more question")
    await handed_back(resources, conversation, zainab)
    await turn(resources, rasa.assistant, conversation)
    assert rasa.asked == ["resume en", "one more question"]
    assert (await said(resources, conversation))[-1] == "the bot answers"
