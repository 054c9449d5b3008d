"""Somebody in danger: the safe answer, the operator's lines, and a person called before anybody else is."""

import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import delete, select

from conversations import danger, handover
from conversations.assistant import Assistant
from conversations.models import DANGERS, EmergencyLine, Handover, Message, Turn
from conversations.turns import FLOOD
from infrastructure.engines import free_port
from infrastructure.local_time import day_in_iraq
from infrastructure.resources import Resources
from infrastructure.segments import parts
from tests.conversations.test_turns import said, texted, turn
from tests.emulator.running import serving

TODAY = day_in_iraq()


@pytest.fixture
async def nobody() -> Assistant:
    """A Rasa that is not there."""
    return Assistant(f"http://127.0.0.1:{free_port()}", f"http://127.0.0.1:{free_port()}")


@pytest.fixture
def hears() -> Iterator[tuple[str, dict[str, Any]]]:
    """A Rasa that reads in every text what the test tells it to."""
    app = FastAPI()
    answer: dict[str, Any] = {}

    @app.post("/webhooks/daleel/turns")
    async def turns() -> dict[str, Any]:
        return answer

    with serving(app) as url:
        yield url, answer


@pytest.fixture
async def no_lines(resources: Resources) -> AsyncIterator[None]:
    """The table of emergency lines, empty before and after."""
    for _ in range(2):
        async with resources.sessions() as session:
            await session.execute(delete(EmergencyLine))
            await session.commit()
        if _ == 0:
            yield


def line(number: str, **values: Any) -> EmergencyLine:
    given = {"name": {"ar": "طوارئ", "en": "emergency"}, "dangers": list(DANGERS), "governorates": [], **values}
    return EmergencyLine(number=number, verified_on=given.pop("verified_on", TODAY), **given)


async def numbers(resources: Resources, kind: str, places: list[str], demo: bool = False) -> list[str]:
    async with resources.sessions() as session:
        return [found.number for found in await danger.lines(session, kind, places, today=TODAY, demo=demo)]


async def reason(resources: Resources, message: uuid.UUID) -> str | None:
    async with resources.sessions() as session:
        stored = await session.get_one(Message, message)
        period = await handover.open_period(session, stored.conversation_id)
        return period.reason if period else None


@pytest.mark.usefixtures("no_lines")
async def test_danger_is_answered_and_a_person_called_while_rasa_is_down(
    resources: Resources, number: str, nobody: Assistant
) -> None:
    async with resources.sessions() as session:
        session.add(line("911"))
        await session.commit()
    message = await texted(resources, number, "i want to kill myself")
    await turn(resources, nobody, message, attempts=0)
    (text,) = await said(resources, message)
    assert "not alone" in text
    assert text.endswith("911 emergency")
    assert await reason(resources, message) == "danger"


@pytest.mark.usefixtures("no_lines")
async def test_danger_that_only_the_model_sees(
    resources: Resources, number: str, hears: tuple[str, dict[str, Any]]
) -> None:
    url, answer = hears
    understood = {"intent": "gbv_disclosure", "confidence": 0.6, "sure": True, "entities": {}}
    answer.update(replies=[], understood=understood)
    message = await texted(resources, number, "he comes home and then it starts again")
    await turn(resources, Assistant(url, url), message, attempts=0)
    (text,) = await said(resources, message)
    assert "not your fault" in text
    assert not any(character.isdigit() for character in text)  # no line is known, so none is said
    assert await reason(resources, message) == "danger"
    async with resources.sessions() as session:
        stored = await session.get_one(Turn, message)
    assert (stored.intent, stored.outcome) == ("gbv_disclosure", "answered")


async def test_danger_takes_the_place_of_a_lesser_reason(resources: Resources, number: str, nobody: Assistant) -> None:
    message = await texted(resources, number, "hello")
    async with resources.sessions() as session:
        conversation = (await session.get_one(Message, message)).conversation_id
        assert await handover.request(session, conversation, "media")
        assert not await handover.request(session, conversation, "danger")
        assert not await handover.request(session, conversation, "asked")
        await session.commit()
        reasons = await session.scalars(select(Handover.reason).where(Handover.conversation_id == conversation))
        assert list(reasons) == ["danger"]


@pytest.mark.usefixtures("no_lines")
async def test_only_verified_lines_that_answer_there_are_said(resources: Resources) -> None:
    async with resources.sessions() as session:
        old = TODAY - timedelta(days=danger.VERIFIED_DAYS)
        session.add_all(
            [
                line("911"),
                line("119", governorates=["IQG09", "IQG11"], dangers=["gbv_disclosure"]),
                line("104", verified_on=old),
                line("0000000", is_demo=True),
                line("115", dangers=["immediate_danger"]),
            ]
        )
        await session.commit()
    assert await numbers(resources, "gbv_disclosure", ["IQG09Q03"]) == ["119", "911"]
    assert await numbers(resources, "gbv_disclosure", ["IQG15"]) == ["911"]
    assert await numbers(resources, "gbv_disclosure", []) == ["911"]
    assert await numbers(resources, "immediate_danger", [], demo=True) == ["0000000", "115"]


@pytest.mark.parametrize("kind", DANGERS)
@pytest.mark.parametrize("language", ["ar", "en"])
def test_an_answer_costs_three_parts_at_most(resources: Resources, kind: str, language: str) -> None:
    known = [line("07500000000", name={"ar": "الطوارئ العامة", "en": "general emergency"}), line("911")]
    assert parts(danger.say(resources.wording, language, kind, known)) <= 3


def test_a_number_with_a_plus_stays_readable_in_arabic(resources: Resources) -> None:
    text = danger.say(resources.wording, "ar", "medical_emergency", [line("+9647500000000")])
    assert "\u200e+9647500000000 " in text


async def test_danger_in_a_flood_calls_a_person_but_is_not_answered_for_ever(
    resources: Resources, number: str, nobody: Assistant
) -> None:
    messages = [await texted(resources, number, "i want to kill myself") for _ in range(FLOOD + 3)]
    for message in messages[FLOOD:]:
        await turn(resources, nobody, message, attempts=0)
    [told] = await said(resources, messages[0])
    assert "many messages" in told
    assert await reason(resources, messages[0]) == "danger"
