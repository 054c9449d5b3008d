"""Only allowed moves, each on what somebody saw, recorded and told."""

import asyncio
from itertools import product
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import NoResultFound
from sqlalchemy.ext.asyncio import AsyncSession

from conversations.models import Conversation, Message
from infrastructure.audit import AuditRecord
from infrastructure.resources import Resources
from infrastructure.segments import is_gsm, parts
from infrastructure.wording import Wording
from referrals import lifecycle, opening
from referrals.lifecycle import ENDINGS, MOVES, TOLD, ChangedMeanwhile, NotAllowed, staff
from referrals.models import OUTCOMES, OVER, STATES, Referral, ReferralEvent
from tests.referrals.rows import opened, told

# The shortest way to each state, from one that is sent.
WAYS: dict[str, tuple[str, ...]] = {
    "sent": (),
    "received": ("received",),
    "accepted": ("received", "accepted"),
    "declined": ("received", "declined"),
    "in_service": ("received", "accepted", "in_service"),
    "closed": ("received", "accepted", "closed"),
    "withdrawn": ("withdrawn",),
}


async def brought(session: AsyncSession, wording: Wording, talk: Conversation, state: str, by: UUID) -> Referral:
    made = await opened(session, wording, talk)
    for to in WAYS[state]:
        outcome = "helped" if to == "closed" else None
        await lifecycle.move(session, wording, made.id, to, staff(by), seen=made.state, outcome=outcome)
    return made


def test_the_table_is_whole() -> None:
    assert set(MOVES) == set(ENDINGS) == set(STATES)
    assert {to for moves in MOVES.values() for to in moves} == set(STATES) - {"draft"}
    for state in STATES:
        assert (MOVES[state] == ()) == (state in OVER)
        assert ("withdrawn" in MOVES[state]) == (state not in OVER)


@pytest.mark.parametrize(("came_from", "to"), list(product(WAYS, STATES)))
async def test_allowed_moves_and_no_others(
    session: AsyncSession, wording: Wording, talk: Conversation, caseworker: UUID, came_from: str, to: str
) -> None:
    made = await brought(session, wording, talk, came_from, caseworker)
    before = len(await told(session, talk))
    outcome = "other" if to == "closed" else None
    move = lifecycle.move(
        session, wording, made.id, to, staff(caseworker), seen=came_from, outcome=outcome, note=" called them "
    )
    if to not in MOVES[came_from]:
        with pytest.raises(NotAllowed):
            await move
        assert (made.state, len(await told(session, talk))) == (came_from, before)
        return
    await move
    await session.commit()
    assert (made.state, made.outcome, made.is_open) == (to, outcome, to not in OVER)
    last = (await session.scalars(select(ReferralEvent).order_by(ReferralEvent.number.desc()))).first()
    assert last
    assert (last.from_state, last.to_state, last.who, last.by_staff) == (came_from, to, "staff", caseworker)
    assert last.note == "called them"
    act = (await session.scalars(select(AuditRecord).order_by(AuditRecord.id.desc()))).first()
    assert act
    assert (act.action, act.actor_id, act.subject_id) == ("referral.moved", caseworker, made.id)
    news = (await told(session, talk))[before:]
    assert [made.code in one for one in news] == [True]


@pytest.mark.parametrize(("state", "outcome"), list(product(WAYS, (*OUTCOMES, None, "cured", ""))))
async def test_how_a_referral_may_end(
    session: AsyncSession, wording: Wording, talk: Conversation, caseworker: UUID, state: str, outcome: str | None
) -> None:
    made = await brought(session, wording, talk, state, caseworker)
    allowed = outcome in ENDINGS[state] and state not in OVER
    move = lifecycle.move(session, wording, made.id, "closed", staff(caseworker), seen=state, outcome=outcome)
    if not allowed:
        with pytest.raises(NotAllowed):
            await move
        return
    assert (await move).outcome == outcome
    if outcome == "helped":
        assert state in ("accepted", "in_service")


async def test_an_outcome_belongs_to_the_end(
    session: AsyncSession, wording: Wording, talk: Conversation, caseworker: UUID
) -> None:
    made = await opened(session, wording, talk)
    with pytest.raises(NotAllowed):
        await lifecycle.move(session, wording, made.id, "received", staff(caseworker), seen="sent", outcome="helped")


async def test_a_move_on_what_is_not_there_any_more(
    session: AsyncSession, wording: Wording, talk: Conversation, caseworker: UUID
) -> None:
    made = await brought(session, wording, talk, "received", caseworker)
    for seen in (*(state for state in STATES if state != "received"), "", "x"):
        with pytest.raises(ChangedMeanwhile):
            await lifecycle.move(session, wording, made.id, "accepted", staff(caseworker), seen=seen)
    with pytest.raises(NoResultFound):
        await lifecycle.move(session, wording, uuid4(), "accepted", staff(caseworker), seen="received")
    with pytest.raises(ValueError, match="1000 characters"):
        await lifecycle.move(session, wording, made.id, "accepted", staff(caseworker), seen="received", note="x" * 1001)
    assert made.state == "received"


async def test_of_two_who_move_at_once_one_does(
    engines: Resources, session: AsyncSession, talk: Conversation, caseworker: UUID, colleague: UUID
) -> None:
    made = await brought(session, engines.wording, talk, "received", caseworker)
    await session.commit()

    async def move(to: str, by: UUID) -> str:
        async with engines.sessions() as other:
            try:
                await lifecycle.move(other, engines.wording, made.id, to, staff(by), seen="received")
            except ChangedMeanwhile:
                return ""
            await other.commit()
            return to

    moves = [("accepted", caseworker), ("declined", colleague)] * 4
    done = list(filter(None, await asyncio.gather(*(move(*one) for one in moves))))
    assert len(done) == 1
    await session.refresh(made)
    assert made.state == done[0]
    assert sum(made.code in one for one in await told(session, talk)) == 2  # received, and that


async def test_a_caseworker_moves_while_the_person_takes_it_back(
    engines: Resources, session: AsyncSession, talk: Conversation, caseworker: UUID
) -> None:
    made = await brought(session, engines.wording, talk, "received", caseworker)
    await session.commit()

    async def accept() -> bool:
        async with engines.sessions() as other:
            try:
                await lifecycle.move(other, engines.wording, made.id, "accepted", staff(caseworker), seen="received")
            except ChangedMeanwhile:
                return False
            await other.commit()
            return True

    async def take_back() -> bool:
        async with engines.sessions() as other:
            taken = await opening.withdraw(other, talk.id, await other.get_one(Referral, made.id))
            await other.commit()
            return taken

    _, taken = await asyncio.gather(accept(), take_back())
    await session.refresh(made)
    assert taken
    assert made.state == "withdrawn"


async def test_of_two_who_take_it_one_does(
    engines: Resources, session: AsyncSession, talk: Conversation, caseworker: UUID, colleague: UUID
) -> None:
    made = await opened(session, engines.wording, talk)
    await session.commit()

    async def take(who: UUID) -> UUID | None:
        async with engines.sessions() as other:
            try:
                await lifecycle.take(other, made.id, who, seen=None)
            except ChangedMeanwhile:
                return None
            await other.commit()
            return who

    takers = list(filter(None, await asyncio.gather(*(take(who) for who in (caseworker, colleague) * 3))))
    await session.refresh(made)
    assert takers == [made.assigned_to]
    other = colleague if made.assigned_to == caseworker else caseworker
    await lifecycle.take(session, made.id, other, seen=made.assigned_to)
    assert made.assigned_to == other
    await opening.withdraw(session, talk.id, made)
    with pytest.raises(NotAllowed):
        await lifecycle.take(session, made.id, caseworker, seen=other)


async def test_news_is_in_the_language_they_write_by_now_and_tells_a_stranger_nothing(
    session: AsyncSession, wording: Wording, talk: Conversation, caseworker: UUID
) -> None:
    for language in ("ar", "en"):
        for state in TOLD:
            news = wording.say(f"utter_referral_news_{state}", language, code="KM7X-4RTW")
            assert parts(news) == 1
            assert "KM7X-4RTW" in news
            assert is_gsm(news) == (language == "en")
    made = await opened(session, wording, talk, name="Umm Ali", words="a secret", place="IQG15Q05")
    talk.language = "en"
    await lifecycle.move(session, wording, made.id, "received", staff(caseworker), seen="sent", note="a note")
    [news] = await told(session, talk)
    assert news == f"Daleel: your request {made.code} has arrived and is being looked at."


async def test_the_move_the_news_and_its_delivery_are_one(
    session: AsyncSession, wording: Wording, talk: Conversation, caseworker: UUID
) -> None:
    jobs = text("select count(*) from procrastinate_jobs where task_name = 'deliver'")
    made = await opened(session, wording, talk)
    await session.commit()
    before = await session.scalar(jobs)
    await lifecycle.move(session, wording, made.id, "received", staff(caseworker), seen="sent")
    assert await session.scalar(jobs) == before + 1
    await session.rollback()
    await session.refresh(talk)
    assert await session.scalar(jobs) == before
    assert await told(session, talk) == []
    await session.refresh(made)
    assert made.state == "sent"
    assert await session.scalar(select(Message.id).where(Message.author == "system")) is None
