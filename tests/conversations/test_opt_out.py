"""Stop and start: in every language, on every channel of one person, whatever is under way."""

import csv
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from conversations import opt_out, outbox, screening
from conversations.assistant import Assistant, Reply
from conversations.models import Conversation, OptOut
from infrastructure.engines import free_port
from infrastructure.resources import Resources
from tests.conversations.far_ends import Provider, Rasa, delivered, turn
from tests.conversations.staff import messages, periods, replied, said, taken_over, texted

NOBODY = Assistant(f"http://127.0.0.1:{free_port()}", f"http://127.0.0.1:{free_port()}")
with opt_out.WORDS.open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


async def notified(resources: Resources, conversation: uuid.UUID, text: str = "news for you") -> None:
    async with resources.sessions() as session:
        told = await session.get_one(Conversation, conversation)
        await outbox.say(session, told, [Reply(text)], "system")
        await session.commit()


async def is_out(resources: Resources, conversation: uuid.UUID) -> bool:
    async with resources.sessions() as session:
        return await opt_out.is_out(session, conversation)


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("STOP", "stop"),
        (" stop. ", "stop"),
        ("Stop!!! 🙏", "stop"),
        ("sToOoOp", "stop"),
        ("توقّف", "stop"),
        ("«توقف»", "stop"),
        ("تـوقـف", "stop"),
        ("أوقفوا الرسايل", "stop"),
        ("ما اريد رسائل", "stop"),
        ("لا تدزولي رسائل", "stop"),
        ("ستوب", "stop"),
        ("waqfo", "stop"),
        ("la tdizon", "stop"),
        ("ڕاوەستە", "stop"),
        ("نامە مەنێرن", "stop"),
        ("rawestîne", "stop"),
        ("Rawestine", "stop"),
        ("Start", "start"),
        ("UNSTOP", "start"),
        ("ابدأ", "start"),
        ("إبدأ", "start"),
        ("دزولي رسائل", "start"),
        ("دەستپێبکە", "start"),
        ("destpêke", "start"),
        ("where is the bus stop", None),
        ("please stop him, he is hurting me", None),
        ("my husband does not stop", None),
        ("stop stop", None),
        ("توقف عن ضربي", None),
        ("الباص يتوقف وين", None),
        ("cancel", None),  # of what was begun
        ("الغاء", None),
        ("yes", None),
        ("قفل", None),
        ("", None),
        ("🛑", None),
        ("stop" * 1000, None),
        ("\u202estop\u202c", "stop"),
    ],
)
def test_only_a_whole_message_is_a_wish(text: str, wish: str | None) -> None:
    assert opt_out.wish(text) == wish


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["message"])
def test_every_row_is_heeded_and_none_is_a_cry_for_help(row: dict[str, str]) -> None:
    assert opt_out.wish(row["message"]) == row["wish"]
    assert opt_out.wish(f"  {row['message'].upper()}! ") == row["wish"]
    assert screening.screen(row["message"]) is None


def test_every_language_has_both_wishes() -> None:
    assert {(row["wish"], row["language"]) for row in ROWS} == {
        (wish, language) for wish in ("stop", "start") for language in ("ar", "ar-Latn", "ckb", "en", "kmr")
    }


async def test_stop_is_confirmed_once_and_start_takes_it_back(
    resources: Resources, number: str, provider: Provider
) -> None:
    """Also while Rasa is down."""
    conversation = await texted(resources, number, "توقف")
    await turn(resources, NOBODY, conversation)
    await texted(resources, number, "stop")
    await turn(resources, NOBODY, conversation)
    [confirmed] = await said(resources, conversation)
    assert "ابدأ" in confirmed
    assert await is_out(resources, conversation)
    assert await delivered(resources, provider, conversation) == ["sending"]
    await texted(resources, number, "ابدأ")
    await turn(resources, NOBODY, conversation)
    assert "توقف" in (await said(resources, conversation))[-1]
    assert not await is_out(resources, conversation)
    await notified(resources, conversation)
    assert set(await delivered(resources, provider, conversation)) == {"sending"}
    assert await periods(resources, conversation) == []


async def test_a_notice_under_way_is_withheld(resources: Resources, number: str, provider: Provider) -> None:
    conversation = await texted(resources, number, "hello")
    await notified(resources, conversation)
    await texted(resources, number, "STOP")
    await turn(resources, NOBODY, conversation)
    assert await delivered(resources, provider, conversation) == ["withheld", "sending"]
    assert "news for you" not in provider.sent
    assert "START" in provider.sent[0] or "ابدأ" in provider.sent[0]


async def test_stop_holds_on_every_channel_of_a_person(resources: Resources, number: str, provider: Provider) -> None:
    sms, whatsapp = await texted(resources, number, "hello"), await texted(resources, number, "hello", "whatsapp")
    await texted(resources, number, "stop", "whatsapp")
    await turn(resources, NOBODY, whatsapp)
    await notified(resources, sms)
    assert await delivered(resources, provider, sms) == ["withheld"]
    stranger = await texted(resources, f"{number}9", "hello")
    await notified(resources, stranger)
    assert await delivered(resources, provider, stranger) == ["sending"]


async def test_who_writes_again_is_answered_and_nothing_else(
    resources: Resources, number: str, provider: Provider, rasa: Rasa
) -> None:
    conversation = await texted(resources, number, "stop")
    await turn(resources, rasa.assistant, conversation)
    await texted(resources, number, "where is a doctor in Mosul")
    await turn(resources, rasa.assistant, conversation)
    await notified(resources, conversation)
    assert await delivered(resources, provider, conversation) == ["sending", "sending", "withheld"]
    assert provider.sent[-1] == "the bot answers"
    assert await is_out(resources, conversation)


async def test_what_was_asked_before_stop_is_no_longer_asked_for(
    resources: Resources, number: str, provider: Provider, rasa: Rasa
) -> None:
    conversation = await texted(resources, number, "my husband beats me")
    await turn(resources, rasa.assistant, conversation)
    await texted(resources, number, "stop")  # he may be looking at the phone
    await turn(resources, rasa.assistant, conversation)
    assert await delivered(resources, provider, conversation) == ["withheld", "sending"]


async def test_staff_too_are_silenced_until_the_person_writes(
    resources: Resources, number: str, provider: Provider, zainab: uuid.UUID
) -> None:
    conversation = await texted(resources, number, "hello")
    await taken_over(resources, conversation, zainab)
    await texted(resources, number, "stop")
    await turn(resources, NOBODY, conversation)
    await replied(resources, conversation, zainab, "are you sure?")
    async with resources.sessions() as session:
        assert await opt_out.is_silent(session, conversation)
    await delivered(resources, provider, conversation)
    assert [(one.author, one.status) for one in await messages(resources, conversation)] == [
        ("system", "withheld"),  # who is there: that was before
        ("system", "sending"),  # stop is confirmed though a colleague holds the conversation
        ("staff", "withheld"),
    ]
    await texted(resources, number, "one question")
    await replied(resources, conversation, zainab, "ask")
    assert (await delivered(resources, provider, conversation))[-1] == "sending"
    # Saying stop again counts again.
    await texted(resources, number, "stop")
    await turn(resources, NOBODY, conversation)
    await replied(resources, conversation, zainab, "and now?")
    assert (await delivered(resources, provider, conversation))[-1] == "withheld"


async def test_a_providers_own_register_is_believed(resources: Resources, number: str, provider: Provider) -> None:
    conversation = await texted(resources, number, "hello")
    await notified(resources, conversation)
    provider.refuses = outbox.OPTED_OUT
    assert await delivered(resources, provider, conversation) == ["failed"]
    async with resources.sessions() as session:
        [kept] = await session.scalars(
            select(OptOut).where(OptOut.since > datetime.now(UTC) - timedelta(minutes=1), OptOut.told_by == "provider")
        )
    assert kept
    provider.refuses = None
    await notified(resources, conversation)
    assert await delivered(resources, provider, conversation) == ["failed", "withheld"]


async def test_a_providers_word_may_come_late(resources: Resources, number: str, provider: Provider) -> None:
    conversation = await texted(resources, number, "hello")
    await notified(resources, conversation)
    await delivered(resources, provider, conversation)
    [message] = await messages(resources, conversation)
    async with resources.sessions() as session:
        await outbox.record_status(session, message.id, str(message.provider_id), "failed", outbox.OPTED_OUT)
    assert await is_out(resources, conversation)


async def test_starting_what_never_stopped_is_for_the_bot(resources: Resources, number: str, rasa: Rasa) -> None:
    conversation = await texted(resources, number, "start")
    await turn(resources, rasa.assistant, conversation)
    assert rasa.asked == ["start"]
    async with resources.sessions() as session:
        assert not await opt_out.lift(session, conversation)
