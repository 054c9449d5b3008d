"""What is worth a look, what staff say it means, and what may become training data."""

import asyncio
import uuid
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from console import accounts
from console.accounts import Staff
from conversations import learning
from conversations.learning import PAGE, Wanted
from conversations.models import DANGERS, Conversation, Correction, Message, Turn
from infrastructure.resources import Resources
from tests.console.rows import ago, conversation, message, turn
from tests.console.serving import engines

__all__ = ["engines"]


@pytest.fixture
async def session(engines: Resources) -> AsyncIterator[AsyncSession]:
    async with engines.sessions() as session:
        yield session


@pytest.fixture
async def zainab(session: AsyncSession) -> Staff:
    return await accounts.create_staff(session, "zainab@example.org", "Zainab", "hotline", "correct horse battery")


@pytest.fixture
async def talk(session: AsyncSession, number: str) -> Conversation:
    return await conversation(session, number)


async def said(
    session: AsyncSession, talk: Conversation, text: str, intent: str | None = "find_service", *, minutes: float = 0
) -> Message:
    """A message some minutes ago that the bot read so, with doubts."""
    stored = await message(session, talk, text, created_at=ago(minutes=minutes))
    await turn(session, stored, intent, sure=False, confidence=0.2)
    return stored


async def means(session: AsyncSession, stored: Message, intent: str, staff: Staff) -> None:
    assert await learning.correct(session, stored.id, intent, {}, staff.id, seen=None)


async def texts(session: AsyncSession, **wanted: object) -> list[str]:
    found, _ = await learning.lessons(session, Wanted(**wanted))  # type: ignore[arg-type]
    return [lesson.message.text for lesson in found]


async def offered(session: AsyncSession) -> list[str]:
    return [lesson.message.text for lesson in await learning.candidates(session)]


async def test_what_is_worth_a_look(session: AsyncSession, talk: Conversation, zainab: Staff) -> None:
    async def one(text: str, intent: str | None = "find_service", **columns: object) -> Message:
        stored = await message(session, talk, text)
        await turn(session, stored, intent, **columns)
        return stored

    await one("sure")
    await one("unsure", sure=False, confidence=0.9)
    await one("doubtful", confidence=0.49, language="en")
    await one("failed", None, outcome="failed", confidence=None, sure=False)
    await one("a picture", None, confidence=None, sure=False)
    await one("still waiting", None, outcome="waiting", confidence=None, sure=False)
    await one("danger", "suicide_risk", confidence=1.0)
    await means(session, await one("sure and corrected"), "greet", zainab)
    await means(session, await one("unsure and corrected", sure=False), "greet", zainab)
    assert await texts(session) == [
        "unsure and corrected",
        "sure and corrected",
        "danger",
        "failed",
        "doubtful",
        "unsure",
    ]
    assert await texts(session, state="unsure") == ["doubtful", "unsure"]
    assert await texts(session, state="unanswered") == ["failed"]
    assert await texts(session, state="corrected") == ["unsure and corrected", "sure and corrected"]
    assert await texts(session, language="en") == ["doubtful"]
    assert await texts(session, band="30_to_50") == ["doubtful"]
    assert await texts(session, state="unsure", band="over_70") == ["unsure"]
    assert await texts(session, state="unsure", band="under_30") == []


async def test_pages_go_back_in_time(session: AsyncSession, talk: Conversation) -> None:
    for number in range(PAGE + 1):
        await said(session, talk, f"message {number}")
    first, more = await learning.lessons(session, Wanted())
    assert (first[0].message.text, len(first), more) == (f"message {PAGE}", PAGE, True)
    rest, more = await learning.lessons(session, Wanted(before=first[-1].message.position))
    assert ([lesson.message.text for lesson in rest], more) == (["message 0"], False)


async def test_a_correction_remembers_who_and_can_be_changed(
    session: AsyncSession, talk: Conversation, zainab: Staff
) -> None:
    omar = await accounts.create_staff(session, "omar@example.org", "Omar", "admin", "correct horse battery")
    stored = await said(session, talk, "hello")
    await means(session, stored, "greet", zainab)
    first = (await session.scalars(select(Correction))).one()
    assert (first.intent, first.corrected_by, first.harvested_at) == ("greet", zainab.id, None)
    await learning.reviewed(session, first)
    await session.commit()
    needs = {"need": ["cash"]}
    assert await learning.correct(session, stored.id, "find_service", needs, omar.id, seen=first.corrected_at)
    await session.refresh(first)
    # What was reviewed was something else: it is offered anew.
    assert (first.intent, first.entities, first.corrected_by) == ("find_service", needs, omar.id)
    assert first.harvested_at is None


async def test_nobody_overwrites_what_they_did_not_see(engines: Resources, number: str) -> None:
    async with engines.sessions() as session:
        people = [
            await accounts.create_staff(session, f"{name}@example.org", name, "hotline", "correct horse battery")
            for name in ("zainab", "omar", "hiwa")
        ]
        stored = await said(session, await conversation(session, number), "hello")
        await session.commit()

    async def says(staff: Staff, intent: str) -> bool:
        async with engines.sessions() as session:
            kept = await learning.correct(session, stored.id, intent, {}, staff.id, seen=None)
            await session.commit()
            return kept

    kept = await asyncio.gather(
        *(says(staff, intent) for staff, intent in zip(people, ("greet", "help", "deny"), strict=True))
    )
    assert sorted(kept) == [False, False, True]
    async with engines.sessions() as session:
        [correction] = await session.scalars(select(Correction))
        assert correction.corrected_by == people[kept.index(True)].id


async def test_only_turns_have_lessons(session: AsyncSession, talk: Conversation) -> None:
    unread = await message(session, talk, "not read yet")
    assert await learning.lesson(session, unread.id) is None
    assert await learning.lesson(session, uuid.uuid4()) is None


async def test_corrections_wait_for_review_once(session: AsyncSession, talk: Conversation, zainab: Staff) -> None:
    await said(session, talk, "uncorrected")
    for text in ("first", "second"):
        await means(session, await said(session, talk, text), "greet", zainab)
        await session.commit()
    [first, second] = await learning.candidates(session)
    assert [first.message.text, second.message.text] == ["first", "second"]
    assert first.correction
    await learning.reviewed(session, first.correction)
    assert await offered(session) == ["second"]


async def test_what_changed_during_the_review_is_offered_again(
    session: AsyncSession, talk: Conversation, zainab: Staff
) -> None:
    stored = await said(session, talk, "hello")
    await means(session, stored, "greet", zainab)
    await session.commit()
    [seen] = await learning.candidates(session)
    assert seen.correction
    session.expunge(seen.correction)
    assert await learning.correct(session, stored.id, "goodbye", {}, zainab.id, seen=seen.correction.corrected_at)
    await learning.reviewed(session, seen.correction)
    assert await offered(session) == ["hello"]


@pytest.mark.parametrize("danger", DANGERS)
async def test_danger_is_never_offered(session: AsyncSession, talk: Conversation, zainab: Staff, danger: str) -> None:
    """Neither one the bot saw, nor a false alarm of its, nor one it missed."""
    await means(session, await said(session, talk, "seen", danger, minutes=900), danger, zainab)
    await means(session, await said(session, talk, "false alarm", danger, minutes=600), "greet", zainab)
    await means(session, await said(session, talk, "missed", "greet", minutes=300), danger, zainab)
    await means(session, await said(session, talk, "another day"), "greet", zainab)
    assert await offered(session) == ["another day"]


@pytest.mark.parametrize("read_by", ["bot", "staff"])
async def test_nothing_near_danger_is_offered(
    session: AsyncSession, talk: Conversation, zainab: Staff, read_by: str, number: str
) -> None:
    for minutes in (161, 159, 100, 41, 39):
        await means(session, await said(session, talk, f"{minutes} ago", minutes=minutes), "greet", zainab)
    danger = await said(session, talk, "danger", "gbv_disclosure" if read_by == "bot" else "greet", minutes=100)
    if read_by == "staff":
        await means(session, danger, "gbv_disclosure", zainab)
    elsewhere = await conversation(session, f"{number}9")
    await means(session, await said(session, elsewhere, "somebody else", minutes=100), "greet", zainab)
    assert set(await offered(session)) == {"161 ago", "39 ago", "somebody else"}


async def test_what_the_screen_knows_is_not_offered_either(
    session: AsyncSession, talk: Conversation, zainab: Staff
) -> None:
    """A phrase that came into the screen after the message was read."""
    stored = await said(session, talk, "أريد أن أنتحر")
    await means(session, stored, "greet", zainab)
    await session.execute(update(Turn).values(intent="greet"))
    assert await offered(session) == []
