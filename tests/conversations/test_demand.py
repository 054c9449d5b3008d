"""What people asked for: how a conversation is read, and what is told of few."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from console import accounts
from conversations import demand, learning
from conversations.demand import Asked, asked
from conversations.models import DANGERS, Conversation
from infrastructure.resources import Resources
from tests.console import rows

MOSUL, NINEWA, BASRA = "IQG15Q05", "IQG15", "IQG02"
_numbers = count(1)


@pytest.fixture
async def session(resources: Resources) -> AsyncIterator[AsyncSession]:
    """A session in which nobody asked anything yet, and whose work is undone after the test."""
    async with resources.sessions() as session:
        await session.execute(text("truncate conversation cascade"))
        yield session
        await session.rollback()


Said = tuple[str, dict[str, list[str]]]


def need(*codes: str) -> Said:
    return "find_service", {"need": list(codes)}


def place(code: str) -> Said:
    return "give_location", {"place": [code]}


async def person(session: AsyncSession, *said: Said, **columns: Any) -> Conversation:
    """Somebody whose messages were read like this, one after the other."""
    conversation = await rows.conversation(session, f"+96478{next(_numbers):08}")
    for intent, entities in said:
        message = await rows.message(session, conversation, "words")
        await rows.turn(session, message, intent, entities=entities, **columns)
    return conversation


async def people(session: AsyncSession, number: int, *said: Said) -> None:
    for _ in range(number):
        await person(session, *said)


async def test_nobody_asked(session: AsyncSession) -> None:
    assert await asked(session, 30) == []


@pytest.mark.parametrize(
    "said",
    [
        [need("food"), place(MOSUL)],
        [place(NINEWA), need("food")],
        [("find_service", {"need": ["food"], "place": [MOSUL]})],
        [place(BASRA), place(MOSUL), ("thank", {}), need("food")],
        [need("food"), ("greet", {"need": ["cash"], "place": [BASRA]}), place(MOSUL)],
        [need("cash"), ("cancel", {}), place(MOSUL), need("food")],
    ],
)
async def test_need_and_place_hold_until_the_next_is_named(session: AsyncSession, said: list[Said]) -> None:
    await people(session, 5, *said)
    assert [one for one in await asked(session, 30) if one.governorate] == [Asked("food", NINEWA, 5)]


async def test_starting_again_forgets(session: AsyncSession) -> None:
    await people(session, 5, place(MOSUL), ("cancel", {}), need("food"), ("cancel", {}), place(BASRA))
    assert await asked(session, 30) == [Asked("food", None, 5)]


async def test_one_person_is_one_however_often_they_ask(session: AsyncSession) -> None:
    await person(session, *[need("food"), place(MOSUL)] * 20)
    assert await asked(session, 30) == [Asked("food", None, 0), Asked("food", NINEWA, 0)]


async def test_several_needs_and_what_a_question_implies(session: AsyncSession) -> None:
    await people(session, 5, ("ask_document", {"document": ["passport"], "place": [MOSUL]}), need("food", "cash"))
    told = await asked(session, 30)
    expected = {"documentation", "food", "cash"}
    assert {one.need for one in told if one.governorate == NINEWA} == expected
    assert {one.need for one in told if one.governorate is None} == expected


@pytest.mark.parametrize(("number", "told"), [(1, 0), (4, 0), (5, 5), (9, 5), (10, 10), (104, 100)])
async def test_counts_are_told_in_steps(session: AsyncSession, number: int, told: int) -> None:
    await people(session, number, need("food"), place(MOSUL))
    assert await asked(session, 30) == [Asked("food", None, told), Asked("food", NINEWA, told)]


async def test_the_order_tells_nothing_of_what_is_hidden(session: AsyncSession) -> None:
    await people(session, 1, need("cash"))
    await people(session, 4, need("food"))
    await people(session, 6, need("wash"))
    await people(session, 9, need("shelter"))
    assert [one.need for one in await asked(session, 30)] == ["shelter", "wash", "cash", "food"]


@pytest.mark.parametrize("sensitive", demand.IN_ALL_OF_IRAQ_ONLY)
async def test_what_tells_of_violence_is_told_for_all_of_iraq_or_not_at_all(
    session: AsyncSession, sensitive: str
) -> None:
    await people(session, 4, need(sensitive), place(MOSUL))
    assert await asked(session, 30) == []
    await people(session, 5, need(sensitive), place(MOSUL))
    assert await asked(session, 30) == [Asked(sensitive, None, 5)]


@pytest.mark.parametrize("danger", DANGERS)
async def test_what_somebody_in_danger_said_is_never_counted(session: AsyncSession, danger: str) -> None:
    await people(session, 6, (danger, {"need": ["shelter"], "place": [MOSUL]}))
    assert await asked(session, 30) == []


async def test_what_staff_say_was_meant_counts_and_a_danger_they_saw_does_not(session: AsyncSession) -> None:
    staff = await accounts.create_staff(session, "omar@example.org", "Omar", "admin", "correct horse battery")
    for intent, meant in (("find_service", {"need": ["cash"]}), ("gbv_disclosure", {"need": ["shelter"]})):
        for _ in range(5):
            conversation = await person(session)
            message = await rows.message(session, conversation, "words")
            await rows.turn(session, message, entities={"need": ["food"], "place": [MOSUL]}, sure=False)
            await learning.correct(session, message.id, intent, meant, staff.id, seen=None)
    assert await asked(session, 30) == [Asked("cash", None, 5), Asked("cash", NINEWA, 5)]


async def test_what_the_bot_was_unsure_of_or_failed_at_does_not_count(session: AsyncSession) -> None:
    for _ in range(5):
        await person(session, need("food"), sure=False)
        await person(session, (None, {}), outcome="failed", sure=False)  # type: ignore[arg-type]
    assert await asked(session, 30) == []


async def test_only_the_last_days_count(session: AsyncSession) -> None:
    for days in (29, 31, 89, 91):
        for _ in range(5):
            await person(session, need("food"), created_at=datetime.now(UTC) - timedelta(days))
    assert [await asked(session, days) for days in demand.PERIODS] == [
        [Asked("food", None, people)] for people in (5, 15, 20)
    ]


@pytest.mark.parametrize("days", [0, -1, 1, 29, 31, 10**12])
async def test_a_period_of_ones_own_is_refused(session: AsyncSession, days: int) -> None:
    with pytest.raises(ValueError, match="a period is one of"):
        await asked(session, days)
