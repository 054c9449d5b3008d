"""Periods: asked for, taken over by one colleague, relieved, handed back, or put back because nobody answered."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text, update

from conversations import desk, handover
from conversations.handover import Conflict
from conversations.models import STAFF_OUTCOMES, Conversation, Handover, Message
from infrastructure.audit import AuditRecord
from infrastructure.resources import Resources
from tests.conversations.context import Context, Job
from tests.conversations.far_ends import Rasa, turn
from tests.conversations.staff import (
    colleague,
    handed_back,
    messages,
    periods,
    replied,
    said,
    taken_over,
    texted,
)


async def requested(resources: Resources, conversation: uuid.UUID, reason: str = "asked") -> bool:
    async with resources.sessions() as session:
        is_new = await handover.request(session, conversation, reason)
        await session.commit()
    return is_new


async def put_back(resources: Resources) -> None:
    await desk.put_back_unanswered(Context(Job(0), {"resources": resources}), timestamp=0)


async def aged(resources: Resources, conversation: uuid.UUID, minutes: int) -> None:
    """Everything in a conversation happened so much earlier."""
    by = timedelta(minutes=minutes)
    async with resources.sessions() as session:
        of = Message.conversation_id == conversation
        await session.execute(update(Message).where(of).values(created_at=Message.created_at - by))
        held = Handover.conversation_id == conversation
        await session.execute(update(Handover).where(held).values(taken_at=Handover.taken_at - by))
        await session.commit()


async def test_a_period_from_the_wish_to_the_outcome(resources: Resources, number: str, zainab: uuid.UUID) -> None:
    conversation = await texted(resources, number, "اريد موظف")
    assert await requested(resources, conversation)
    assert not await requested(resources, conversation)
    await taken_over(resources, conversation, zainab)
    await replied(resources, conversation, zainab, "شلون أساعدك؟")
    await handed_back(resources, conversation, zainab, "referred")
    [period] = await periods(resources, conversation)
    assert (period.reason, period.taken_by, period.closed_by, period.outcome) == ("asked", zainab, zainab, "referred")
    assert period.requested_at < period.taken_at < period.closed_at  # type: ignore[operator]
    here, answer, bye = await said(resources, conversation)
    assert "Zainab" in here
    assert answer == "شلون أساعدك؟"
    assert "دليل الآلي" in bye
    async with resources.sessions() as session:
        assert (await session.get_one(Conversation, conversation)).starts_afresh
        acts = select(AuditRecord.action).where(AuditRecord.subject_id == conversation).order_by(AuditRecord.id)
        assert list(await session.scalars(acts)) == ["conversation.taken_over", "conversation.handed_back"]


async def test_nobody_has_to_ask(resources: Resources, number: str, zainab: uuid.UUID) -> None:
    conversation = await texted(resources, number, "hello")
    await taken_over(resources, conversation, zainab)
    [period] = await periods(resources, conversation)
    assert (period.reason, period.taken_by) == ("staff", zainab)


async def test_of_colleagues_who_click_at_once_one_has_it(resources: Resources, number: str) -> None:
    conversation = await texted(resources, number, "hello")
    await requested(resources, conversation)
    colleagues = [await colleague(resources, name) for name in "ABCDEFGH"]
    tries = (taken_over(resources, conversation, one) for one in colleagues)
    ends = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(type(end).__name__ for end in ends) == ["Conflict"] * 7 + ["NoneType"]
    [period] = await periods(resources, conversation)
    assert period.taken_by == colleagues[ends.index(None)]
    assert len(await said(resources, conversation)) == 1


async def test_clicking_twice_takes_over_once(resources: Resources, number: str, zainab: uuid.UUID) -> None:
    conversation = await texted(resources, number, "hello")
    await asyncio.gather(*(taken_over(resources, conversation, zainab) for _ in range(5)))
    assert len(await periods(resources, conversation)) == 1
    assert len(await said(resources, conversation)) == 1


async def test_a_colleague_is_relieved_only_by_name(
    resources: Resources, number: str, zainab: uuid.UUID, ali: uuid.UUID
) -> None:
    conversation = await texted(resources, number, "hello")
    await requested(resources, conversation, "danger")
    await taken_over(resources, conversation, zainab)
    with pytest.raises(Conflict):
        await taken_over(resources, conversation, ali)
    await taken_over(resources, conversation, ali, relieving=zainab)
    first, second = await periods(resources, conversation)
    assert (first.taken_by, first.outcome, first.closed_by) == (zainab, "relieved", ali)
    assert (second.taken_by, second.outcome, second.reason) == (ali, None, "danger")
    with pytest.raises(Conflict):
        await replied(resources, conversation, zainab, "still me")
    third = await colleague(resources, "Huda")
    with pytest.raises(Conflict):  # the page she looks at is old
        await taken_over(resources, conversation, third, relieving=zainab)


async def test_nobody_is_relieved_who_handed_back(
    resources: Resources, number: str, zainab: uuid.UUID, ali: uuid.UUID
) -> None:
    conversation = await texted(resources, number, "hello")
    await taken_over(resources, conversation, zainab)
    await handed_back(resources, conversation, zainab)
    with pytest.raises(Conflict):
        await taken_over(resources, conversation, ali, relieving=zainab)


@pytest.mark.parametrize("outcome", STAFF_OUTCOMES)
async def test_what_waits_can_be_seen_to_without_a_word(
    resources: Resources, number: str, zainab: uuid.UUID, outcome: str
) -> None:
    conversation = await texted(resources, number, "hello")
    await requested(resources, conversation)
    await handed_back(resources, conversation, zainab, outcome)
    [period] = await periods(resources, conversation)
    assert (period.outcome, period.closed_by, period.taken_by) == (outcome, zainab, None)
    assert await said(resources, conversation) == []
    with pytest.raises(Conflict):
        await handed_back(resources, conversation, zainab, outcome)


@pytest.mark.parametrize("outcome", ["", "relieved", "unanswered", "x" * 1000])
async def test_only_words_of_staff_end_a_period(
    resources: Resources, number: str, zainab: uuid.UUID, outcome: str
) -> None:
    conversation = await texted(resources, number, "hello")
    await taken_over(resources, conversation, zainab)
    with pytest.raises(ValueError, match="outcome"):
        await handed_back(resources, conversation, zainab, outcome)


async def test_a_colleagues_conversation_is_not_handed_back_by_another(
    resources: Resources, number: str, zainab: uuid.UUID, ali: uuid.UUID
) -> None:
    conversation = await texted(resources, number, "hello")
    await taken_over(resources, conversation, zainab)
    with pytest.raises(Conflict):
        await handed_back(resources, conversation, ali)


async def test_a_request_at_the_moment_of_hand_back_is_not_lost(
    resources: Resources, number: str, zainab: uuid.UUID
) -> None:
    conversation = await texted(resources, number, "hello")
    await taken_over(resources, conversation, zainab)
    async with resources.sessions() as session:
        await handover.release(session, conversation, zainab, "answered")
        asking = asyncio.create_task(requested(resources, conversation, "danger"))
        await blocked(resources)
        await session.commit()
    assert await asking
    *_, period = await periods(resources, conversation)
    assert (period.reason, period.taken_by, period.closed_at) == ("danger", None, None)


async def test_a_reply_at_the_moment_of_hand_back_is_refused(
    resources: Resources, number: str, zainab: uuid.UUID
) -> None:
    conversation = await texted(resources, number, "hello")
    await taken_over(resources, conversation, zainab)
    async with resources.sessions() as session:
        await desk.hand_back(session, resources.wording, conversation, zainab, "answered")
        writing = asyncio.create_task(replied(resources, conversation, zainab, "one more thing"))
        await blocked(resources)
        await session.commit()
    with pytest.raises(Conflict):
        await writing
    assert "one more thing" not in await said(resources, conversation)


async def test_a_reply_sent_twice_goes_out_once(resources: Resources, number: str, zainab: uuid.UUID) -> None:
    conversation = await texted(resources, number, "hello")
    await taken_over(resources, conversation, zainab)
    key = uuid.uuid4()
    await asyncio.gather(*(replied(resources, conversation, zainab, "once", key) for _ in range(5)))
    assert (await said(resources, conversation))[1:] == ["once"]
    with pytest.raises(desk.SaidOtherwise):
        await replied(resources, conversation, zainab, "in other words", key)
    await handed_back(resources, conversation, zainab)
    await replied(resources, conversation, zainab, "once", key)  # it was sent, and that is what the page asks
    assert (await said(resources, conversation)).count("once") == 1


async def test_a_key_of_another_conversation_sends_nothing(
    resources: Resources, number: str, zainab: uuid.UUID
) -> None:
    one, other = await texted(resources, number, "hello"), await texted(resources, number, "hello", "whatsapp")
    await taken_over(resources, one, zainab)
    await taken_over(resources, other, zainab)
    key = await replied(resources, one, zainab, "to one")
    with pytest.raises(desk.SaidOtherwise):
        await replied(resources, other, zainab, "to one", key)
    assert "to one" not in await said(resources, other)


async def test_whom_nobody_answers_waits_again(resources: Resources, number: str, zainab: uuid.UUID) -> None:
    conversation = await texted(resources, number, "is anybody there?")
    await requested(resources, conversation)
    await taken_over(resources, conversation, zainab)
    await put_back(resources)
    assert len(await periods(resources, conversation)) == 1
    await aged(resources, conversation, resources.settings.staff_reply_minutes + 1)
    await put_back(resources)
    await put_back(resources)
    left, waiting = await periods(resources, conversation)
    assert (left.outcome, left.closed_by) == ("unanswered", None)
    assert (waiting.reason, waiting.taken_by) == ("asked", None)
    # As long as it took so far, not from now on: it is the oldest of the list.
    assert waiting.requested_at < datetime.now(UTC) - timedelta(minutes=resources.settings.staff_reply_minutes)
    assert "لكل فريقنا" in (await said(resources, conversation))[-1]


async def test_whose_danger_a_colleague_left_unanswered_gets_its_answer(
    resources: Resources, number: str, zainab: uuid.UUID, rasa: Rasa
) -> None:
    conversation = await texted(resources, number, "hello")
    await taken_over(resources, conversation, zainab)
    await texted(resources, number, "I want to kill myself")
    await turn(resources, rasa.assistant, conversation)
    await aged(resources, conversation, 600)
    await put_back(resources)
    assert (await periods(resources, conversation))[-1].reason == "danger"
    assert "You are not alone" in (await said(resources, conversation))[-1]


async def test_whom_nobody_asked_for_waits_all_the_same(resources: Resources, number: str, zainab: uuid.UUID) -> None:
    conversation = await texted(resources, number, "is anybody there?")
    await taken_over(resources, conversation, zainab)
    await aged(resources, conversation, 600)
    await put_back(resources)
    left, waiting = await periods(resources, conversation)
    assert (left.reason, waiting.reason) == ("staff", "unanswered")


async def test_who_was_answered_does_not_wait(resources: Resources, number: str, zainab: uuid.UUID) -> None:
    conversation = await texted(resources, number, "is anybody there?")
    await taken_over(resources, conversation, zainab)
    await replied(resources, conversation, zainab, "yes")
    await aged(resources, conversation, 600)
    await put_back(resources)
    assert len(await periods(resources, conversation)) == 1
    await texted(resources, number, "thanks, and another thing")
    await put_back(resources)
    assert len(await periods(resources, conversation)) == 1


async def test_an_old_message_gives_who_takes_over_their_time(
    resources: Resources, number: str, zainab: uuid.UUID
) -> None:
    conversation = await texted(resources, number, "is anybody there?")
    await requested(resources, conversation)
    await aged(resources, conversation, 600)
    await taken_over(resources, conversation, zainab)
    await put_back(resources)
    [period] = await periods(resources, conversation)
    assert period.taken_by == zainab


async def test_staff_messages_name_their_author_and_what_they_answer(
    resources: Resources, number: str, zainab: uuid.UUID
) -> None:
    conversation = await texted(resources, number, "hello")
    await taken_over(resources, conversation, zainab)
    await replied(resources, conversation, zainab, "an answer")
    notice, answer = await messages(resources, conversation)
    assert (notice.author, notice.written_by) == ("system", None)
    assert (answer.author, answer.written_by) == ("staff", zainab)
    async with resources.sessions() as session:
        asked = select(Message.created_at).where(
            Message.conversation_id == conversation, Message.direction == "inbound"
        )
        assert answer.asked_at == await session.scalar(asked)


async def blocked(resources: Resources) -> None:
    """Until somebody waits for a lock."""
    waiting = text("select count(*) from pg_stat_activity where wait_event_type = 'Lock'")
    async with asyncio.timeout(10), resources.sessions() as session:
        while not await session.scalar(waiting):
            await session.rollback()
            await asyncio.sleep(0.01)
