"""Reports of misconduct: kept apart from the moment they are understood, thanked for without a question, never lost."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import LargeBinary, func, select, text, type_coerce, update

from console import accounts
from conversations import focal_point, handover, learning, misconduct
from conversations.assistant import Assistant
from conversations.inbox import InboundMessage, Location, Media, accept
from conversations.misconduct import MisconductReport
from conversations.models import DANGERS, Correction, EmergencyLine, Handover, Message, Turn
from infrastructure import vault
from infrastructure.audit import AuditRecord
from infrastructure.engines import free_port
from infrastructure.local_time import day_in_iraq
from infrastructure.resources import Resources
from infrastructure.wording import load
from tests.conversations.far_ends import Rasa
from tests.conversations.test_turns import said, turn
from tests.conversations.working import jobs, no_jobs, work_off

REPORT = "موظف التوزيع طلب مني اطلع وياه حتى يسجلني"
MISCONDUCT: dict[str, Any] = {"intent": "report_misconduct", "entities": {"need": ["food"]}}
# The screen reads violence in it, and Rasa an aid worker.
BOTH = "the aid worker raped me"
# No list of the screen has it; Rasa reads it.
HIDDEN = "he comes back tonight with the others"
SPOKEN = ["ar", "en"]


@pytest.fixture
def rasa(rasa: Rasa) -> Rasa:
    rasa.reads = {REPORT: MISCONDUCT, BOTH: MISCONDUCT, "1 but unclear": MISCONDUCT | {"sure": False}}
    return rasa


@pytest.fixture
async def resources(engines: Resources) -> Resources:
    await no_jobs(engines)
    async with engines.sessions() as session:
        await session.execute(text("truncate misconduct_report, audit_record, handover, emergency_line cascade"))
        await session.commit()
    return engines


async def texts(
    resources: Resources, assistant: Assistant, number: str, body: str, answered: bool = True, **more: Any
) -> uuid.UUID:
    """A message taken in and its turn taken; returns the message."""
    async with resources.sessions() as session:
        inbound = InboundMessage("sms", f"SM{uuid.uuid4().hex}", number, body, **more)
        conversation_id = await accept(session, inbound)
        newest = select(Message.id).where(Message.conversation_id == conversation_id, Message.direction == "inbound")
        message = (await session.scalars(newest.order_by(Message.position.desc()).limit(1))).one()
    if answered:
        await turn(resources, assistant, message, attempts=0)
    return message


async def reports(resources: Resources) -> list[MisconductReport]:
    async with resources.sessions() as session:
        return list(await session.scalars(select(MisconductReport).order_by(MisconductReport.received_at)))


async def stored(resources: Resources, message: uuid.UUID) -> Message:
    async with resources.sessions() as session:
        return await session.get_one(Message, message)


async def waits(resources: Resources, message: uuid.UUID) -> str | None:
    async with resources.sessions() as session:
        kept = await session.get_one(Message, message)
        period = await handover.open_period(session, kept.conversation_id)
        return period.reason if period else None


async def test_a_report_leaves_the_conversation(resources: Resources, assistant: Assistant, number: str) -> None:
    message = await texts(resources, assistant, number, REPORT)
    [report] = await reports(resources)
    assert (report.words, report.state, report.call_back) == (REPORT, "new", None)
    kept = await stored(resources, message)
    assert (kept.text, kept.kept_apart) == ("", True)
    async with resources.sessions() as session:
        read = await session.get_one(Turn, message)
    assert (read.intent, read.entities, read.outcome) == ("report_misconduct", {}, "answered")
    [answer] = await said(resources, message)
    for part in ("مجانية", "ما يأثر", "بس لمسؤول الحماية", "ما تحتاج اسم أو تفاصيل", "1 ", "2 "):
        assert part in answer, part
    # The hotline isn't called: the report may be about it.
    assert await waits(resources, message) is None


async def test_its_key_is_its_own(resources: Resources, assistant: Assistant, number: str) -> None:
    await texts(resources, assistant, number, REPORT)
    async with resources.sessions() as session:
        sealed = await session.scalar(select(type_coerce(MisconductReport.words, LargeBinary)))
    assert sealed
    assert vault.unlocked().open(sealed, vault.MISCONDUCT) == REPORT
    with pytest.raises(Exception, match=r"^$"):  # InvalidTag says nothing
        vault.unlocked().open(sealed)


async def test_pictures_and_pins_go_with_it_and_call_nobody(
    resources: Resources, assistant: Assistant, number: str
) -> None:
    picture, pin = Media("https://api.example/1", "image/jpeg"), Location(36.3, 43.1, "the yard")
    message = await texts(resources, assistant, number, REPORT, media=(picture,), location=pin)
    [report] = await reports(resources)
    assert "https://api.example/1" in (report.media or "")
    assert "the yard" in (report.locations or "")
    kept = await stored(resources, message)
    assert (kept.media, kept.location, await waits(resources, message)) == (None, None, None)


async def test_the_next_message_is_more_of_it_and_the_one_after_is_not(
    resources: Resources, assistant: Assistant, rasa: Rasa, number: str
) -> None:
    await texts(resources, assistant, number, REPORT)
    more = await texts(resources, assistant, number, "his name is on the list")
    after = await texts(resources, assistant, number, "hello")
    [report] = await reports(resources)
    assert report.words == f"{REPORT}\n\nhis name is on the list"
    assert (await stored(resources, more)).text == ""
    assert (await stored(resources, after)).text == "hello"
    assert rasa.asked == [REPORT, "hello"]
    assert report.invites_until
    assert (await said(resources, after))[1] in load().texts["utter_misconduct_more"].values()


async def test_a_picture_without_words_is_more_of_it(resources: Resources, assistant: Assistant, number: str) -> None:
    await texts(resources, assistant, number, REPORT)
    picture = Media("https://api.example/2", "image/jpeg")
    message = await texts(resources, assistant, number, "", media=(picture,))
    [report] = await reports(resources)
    assert "https://api.example/2" in (report.media or "")
    assert (await stored(resources, message)).media is None
    assert await waits(resources, message) is None


@pytest.mark.parametrize("enough", ["1", "١", " 1. ", "لا", "That's all", "NO"])
async def test_that_is_all(resources: Resources, assistant: Assistant, number: str, enough: str) -> None:
    await texts(resources, assistant, number, REPORT)
    message = await texts(resources, assistant, number, enough)
    [report] = await reports(resources)
    assert (report.words, report.call_back, report.invites_until) == (REPORT, None, None)
    assert (await stored(resources, message)).text == enough
    assert (await said(resources, message))[1] in load().texts["utter_misconduct_enough"].values()


@pytest.mark.parametrize("may", ["2", "٢"])
async def test_who_may_be_called_gives_their_number_to_the_focal_point_alone(
    resources: Resources, assistant: Assistant, number: str, may: str
) -> None:
    await texts(resources, assistant, number, REPORT)
    await texts(resources, assistant, number, may)
    [report] = await reports(resources)
    assert (report.call_back, report.words) == (number, REPORT)


@pytest.mark.parametrize("may", ["2", "٢"])
async def test_after_an_addition_the_numbers_still_count(
    resources: Resources, assistant: Assistant, rasa: Rasa, number: str, may: str
) -> None:
    await texts(resources, assistant, number, REPORT)
    await texts(resources, assistant, number, "his name is on the list")
    await texts(resources, assistant, number, may)
    [report] = await reports(resources)
    assert (report.call_back, report.invites_until) == (number, None)
    assert report.words == f"{REPORT}\n\nhis name is on the list"
    assert rasa.asked == [REPORT]


async def test_after_an_addition_a_no_is_for_the_bot(
    resources: Resources, assistant: Assistant, rasa: Rasa, number: str
) -> None:
    await texts(resources, assistant, number, REPORT)
    await texts(resources, assistant, number, "his name is on the list")
    await texts(resources, assistant, number, "no")
    assert rasa.asked == [REPORT, "no"]


async def test_a_number_that_answers_the_bot_gives_nobody_a_number_to_call(
    resources: Resources, assistant: Assistant, rasa: Rasa, number: str
) -> None:
    """The bot's own lists have numbers too."""
    await texts(resources, assistant, number, REPORT)
    await texts(resources, assistant, number, "his name is on the list")
    await texts(resources, assistant, number, "where is a doctor")
    await texts(resources, assistant, number, "2")
    [report] = await reports(resources)
    assert report.call_back is None
    assert rasa.asked == [REPORT, "where is a doctor", "2"]


async def test_nor_does_one_that_answers_what_staff_recalled_since(
    resources: Resources, assistant: Assistant, number: str
) -> None:
    await texts(resources, assistant, number, REPORT)
    await texts(resources, assistant, number, "his name is on the list")
    third = await texts(resources, assistant, number, "1 but unclear")
    async with resources.sessions() as session:
        await misconduct.recall(session, await session.get_one(Message, third, with_for_update=True))
        await session.commit()
    await texts(resources, assistant, number, "2")
    assert [report.call_back for report in await reports(resources)] == [None, None]


async def test_after_a_day_it_is_another_matter(
    resources: Resources, assistant: Assistant, rasa: Rasa, number: str
) -> None:
    await texts(resources, assistant, number, REPORT)
    late = await texts(resources, assistant, number, "hello", answered=False)
    async with resources.sessions() as session:
        [report] = await session.scalars(select(MisconductReport))
        assert report.invites_until
        kept = await session.get_one(Message, late)
        kept.created_at = report.invites_until + timedelta(seconds=1)
        await session.commit()
    await turn(resources, assistant, late, attempts=0)
    assert (await stored(resources, late)).text == "hello"


async def test_danger_goes_first_after_a_report(resources: Resources, assistant: Assistant, number: str) -> None:
    await texts(resources, assistant, number, REPORT)
    message = await texts(resources, assistant, number, "اريد انتحر")
    assert (await stored(resources, message)).text == "اريد انتحر"
    assert await waits(resources, message) == "danger"
    following = await texts(resources, assistant, number, "i am hiding in house 12")
    assert (await stored(resources, following)).text == "i am hiding in house 12"


async def test_what_follows_a_danger_is_left_where_colleagues_read_it_also_when_they_are_done(
    resources: Resources, assistant: Assistant, number: str
) -> None:
    await texts(resources, assistant, number, REPORT)
    message = await texts(resources, assistant, number, "اريد انتحر")
    async with resources.sessions() as session:
        await session.execute(update(Handover).values(closed_at=func.now(), outcome="answered"))
        await session.commit()
    following = await texts(resources, assistant, number, "i am hiding in house 12")
    assert await waits(resources, message) is None
    assert (await stored(resources, following)).text == "i am hiding in house 12"


async def test_a_danger_of_before_takes_nothing_from_a_report(
    resources: Resources, assistant: Assistant, number: str
) -> None:
    await texts(resources, assistant, number, "اريد انتحر")
    async with resources.sessions() as session:
        await session.execute(update(Handover).values(closed_at=func.now(), outcome="answered"))
        await session.commit()
    await texts(resources, assistant, number, REPORT)
    more = await texts(resources, assistant, number, "his name is on the list")
    assert (await stored(resources, more)).kept_apart


async def test_a_danger_that_only_rasa_reads_in_what_is_added_calls_a_person(
    resources: Resources, assistant: Assistant, rasa: Rasa, number: str
) -> None:
    rasa.reads[HIDDEN] = {"intent": "immediate_danger", "entities": {"place": ["IQG15"]}}
    name = {"ar": "الشرطة", "en": "Police"}
    async with resources.sessions() as session:
        session.add(EmergencyLine(number="104", name=name, dangers=["immediate_danger"], verified_on=day_in_iraq()))
        await session.commit()
    await texts(resources, assistant, number, REPORT)
    message = await texts(resources, assistant, number, HIDDEN)
    [report] = await reports(resources)
    assert report.words == f"{REPORT}\n\n{HIDDEN}"
    assert (await stored(resources, message)).text == ""
    assert await waits(resources, message) == "danger"
    answer = (await said(resources, message))[1]
    assert "Write what you need now" in answer
    assert "104" in answer
    async with resources.sessions() as session:
        read = await session.get_one(Turn, message)
    assert (read.intent, read.entities) == ("immediate_danger", {})
    following = await texts(resources, assistant, number, "i am hiding in house 12")
    assert (await stored(resources, following)).text == "i am hiding in house 12"


async def test_a_report_by_somebody_in_danger_is_kept_apart_and_a_person_called(
    resources: Resources, assistant: Assistant, number: str
) -> None:
    message = await texts(resources, assistant, number, BOTH)
    [report] = await reports(resources)
    assert report.words == BOTH
    assert (await stored(resources, message)).text == ""
    assert await waits(resources, message) == "danger"
    [answer] = await said(resources, message)
    assert "Write what you need now" in answer
    # What they write next is for the person who was called.
    following = await texts(resources, assistant, number, "i am at the gate")
    assert (await stored(resources, following)).text == "i am at the gate"


async def test_while_rasa_is_down_somebody_in_danger_is_answered_as_ever(resources: Resources, number: str) -> None:
    nobody = Assistant(f"http://127.0.0.1:{free_port()}", f"http://127.0.0.1:{free_port()}")
    message = await texts(resources, nobody, number, BOTH)
    assert await reports(resources) == []
    assert await waits(resources, message) == "danger"
    assert "not your fault" in (await said(resources, message))[0]


async def test_more_of_a_report_is_taken_while_rasa_is_down(
    resources: Resources, assistant: Assistant, number: str
) -> None:
    await texts(resources, assistant, number, REPORT)
    nobody = Assistant(f"http://127.0.0.1:{free_port()}", f"http://127.0.0.1:{free_port()}")
    await texts(resources, nobody, number, "and a second man")
    [report] = await reports(resources)
    assert report.words.endswith("and a second man")


async def test_an_unclear_message_that_proves_to_be_one_follows_it(
    resources: Resources, assistant: Assistant, rasa: Rasa, number: str
) -> None:
    """The bot asked «1 an aid worker did something wrong 2 ...»: the words are in the message before the 1."""
    unclear = await texts(resources, assistant, number, "1 but unclear")
    assert await reports(resources) == []
    rasa.reads["1"] = MISCONDUCT
    choice = await texts(resources, assistant, number, "1")
    [report] = await reports(resources)
    assert report.words == "1 but unclear\n\n1"
    assert [(await stored(resources, one)).text for one in (unclear, choice)] == ["", ""]
    assert rasa.remembers
    await work_off(resources, assistant=assistant)
    assert (rasa.remembers, await jobs(resources)) == (set(), [])


@pytest.mark.parametrize(
    ("body", "words"), [("Did wrong ", "1 but unclear\n\nDid wrong "), (REPORT, REPORT)], ids=["a button", "words"]
)
async def test_so_does_one_that_a_tapped_button_explains(
    resources: Resources, assistant: Assistant, rasa: Rasa, number: str, body: str, words: str
) -> None:
    """On WhatsApp a choice comes as what is written on it."""
    rasa.buttons = ["did wrong", "Find help"]
    unclear = await texts(resources, assistant, number, "1 but unclear")
    rasa.reads["Did wrong "] = MISCONDUCT
    await texts(resources, assistant, number, body)
    [report] = await reports(resources)
    assert report.words == words
    kept = await stored(resources, unclear)
    assert kept.kept_apart is (body != REPORT)


async def test_what_staff_recall_goes_with_what_was_read_in_it(
    resources: Resources, assistant: Assistant, rasa: Rasa, number: str
) -> None:
    rasa.reads["he asked for money"] = {"intent": "find_service", "entities": {"need": ["cash"]}}
    message = await texts(resources, assistant, number, "he asked for money")
    async with resources.sessions() as session:
        staff = await accounts.create_staff(session, "r@example.org", "R", "hotline", "correct horse battery")
        await learning.correct(session, message, "report_misconduct", {"need": ["cash"]}, staff.id, seen=None)
        await misconduct.recall(session, await session.get_one(Message, message, with_for_update=True))
        await session.commit()
    async with resources.sessions() as session:
        assert (await session.get_one(Turn, message)).entities == {}
        assert (await session.get_one(Correction, message)).entities == {}
    [report] = await reports(resources)
    assert report.words == "he asked for money"


async def test_a_clear_message_before_it_stays_where_it_is(
    resources: Resources, assistant: Assistant, number: str
) -> None:
    before = await texts(resources, assistant, number, "hello")
    await texts(resources, assistant, number, REPORT)
    assert (await stored(resources, before)).text == "hello"


async def test_a_turn_taken_twice_makes_one_report(resources: Resources, assistant: Assistant, number: str) -> None:
    message = await texts(resources, assistant, number, REPORT)
    await turn(resources, assistant, message, attempts=1)
    async with resources.sessions() as session:
        await misconduct.take(session, message, "report")
        await session.commit()
    assert len(await reports(resources)) == 1


@pytest.mark.parametrize("body", ["x" * 20_000, "\u202e<script>alert(1)</script>", "😀" * 500])
async def test_whatever_is_added_is_kept_as_it_is(
    resources: Resources, assistant: Assistant, number: str, body: str
) -> None:
    await texts(resources, assistant, number, REPORT)
    await texts(resources, assistant, number, body)
    [report] = await reports(resources)
    assert report.words == f"{REPORT}\n\n{body}"


async def test_another_phone_adds_nothing(resources: Resources, assistant: Assistant, number: str) -> None:
    await texts(resources, assistant, number, REPORT)
    stranger = await texts(resources, assistant, f"{number}1", "2")
    [report] = await reports(resources)
    assert (report.words, report.call_back) == (REPORT, None)
    assert (await stored(resources, stranger)).kept_apart is False


async def test_learning_and_harvest_never_show_one(resources: Resources, assistant: Assistant, number: str) -> None:
    message = await texts(resources, assistant, number, REPORT)
    async with resources.sessions() as session:
        staff = await accounts.create_staff(session, "z@example.org", "Z", "hotline", "correct horse battery")
        await learning.correct(session, message, "report_misconduct", {}, staff.id, seen=None)
        await session.commit()
        for state in ("all", "unsure", "unanswered", "corrected"):
            assert (await learning.lessons(session, learning.Wanted(state)))[0] == []
        assert await learning.lesson(session, message) is None
        assert await learning.candidates(session) == []


async def test_a_note_is_kept_with_where_the_report_stands(
    resources: Resources, assistant: Assistant, number: str
) -> None:
    await texts(resources, assistant, number, REPORT)
    [report] = await reports(resources)
    async with resources.sessions() as session:
        psea = await accounts.create_staff(session, "p@example.org", "P", "psea", "correct horse battery")
        assert await focal_point.note(session, report.id, "in_review", "called", seen=report.changed_at, by=psea.id)
        await session.commit()
    async with resources.sessions() as session:
        # A colleague who still has the old page before them.
        assert not await focal_point.note(session, report.id, "closed", "x", seen=report.changed_at, by=psea.id)
        read = await focal_point.read(session, report.id, by=psea.id)
        assert read
        assert [(note.state, note.words) for note in read.notes] == [("in_review", "called")]
        assert read.state == "in_review"
        await session.commit()
        acts = await session.scalars(select(AuditRecord).where(AuditRecord.actor_id == psea.id).order_by("id"))
        assert [(act.action, act.details) for act in acts] == [
            ("misconduct.noted", {"state": "in_review"}),
            ("misconduct.read", {}),
        ]


@pytest.mark.parametrize("language", SPOKEN)
def test_with_emergency_lines_it_fits_wherever_a_danger_does(language: str) -> None:
    texts = load().texts
    ours = texts["utter_misconduct_in_danger"][language]
    assert all(len(ours) <= len(texts[f"utter_{danger}"][language]) for danger in DANGERS)
