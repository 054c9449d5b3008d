"""The form for a referral: what an answer says, which question is next, and what happens to a service that is gone."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from actions.referral import OpenReferral
from actions.referral_form import (
    CONSENT,
    FORM,
    HOW,
    NEED,
    NUMBER,
    OURS,
    PLACE,
    RIGHT,
    SERVICE,
    SHOWN,
    WHEN,
    WORDS,
    ValidateReferral,
    next_question,
)
from actions.referral_questions import Ask
from directory import publishing
from directory.places import load_places
from directory.records import Service
from infrastructure.resources import Resources
from referrals import consenting, opening
from referrals.wishes import Wish
from tests.console.rows import conversation
from tests.console.serving import engines
from tests.directory.rows import add_service, add_staff

__all__ = ["engines"]

BEGUN = {NEED: "legal_aid", PLACE: "IQG15Q05", SERVICE: OURS}
ASKED = {**BEGUN, HOW: "text", WORDS: "-", RIGHT: "yes"}


@pytest.fixture
async def session(engines: Resources) -> AsyncIterator[AsyncSession]:
    async with engines.sessions() as session:
        await session.execute(text("truncate entry, audit_record cascade"))
        await load_places(session)
        await session.commit()
        yield session


@pytest.fixture
async def service(session: AsyncSession) -> Service:
    found = await add_service(session, "Legal clinic", needs=("legal_aid",))
    await session.commit()
    return found


def tracker(slots: dict[str, Any], said: str, *, intent: str = "out_of_scope", sender: str = "") -> Tracker:
    """Somebody in the middle of the form, who has just texted."""
    message = {"text": said, "intent": {"name": intent, "confidence": 0.9}, "entities": []}
    known = {"language": "en", "requested_slot": next_question({**dict.fromkeys(ALL), **slots}), **slots}
    user = {"event": "user", "text": said, "message_id": "of nobody", "parse_data": message}
    return Tracker(sender or str(uuid4()), known, message, [user], False, None, {"name": FORM}, FORM)


ALL = (NEED, PLACE, SERVICE, HOW, NUMBER, WHEN, WORDS, RIGHT, "referral_change", CONSENT, SHOWN)


async def answered(resources: Resources, slots: dict[str, Any], said: str, **more: Any) -> dict[str, Any]:
    """What the form takes from a text."""
    events = await ValidateReferral(resources).run(CollectingDispatcher(), tracker(slots, said, **more), {})
    return {event["name"]: event["value"] for event in events}


@pytest.mark.parametrize(
    ("said", "slots", "found"),
    [
        ("call me please", BEGUN, {HOW: "call", WHEN: None}),
        ("اتصلوا بيه المسا", BEGUN, {HOW: "call", WHEN: "evening"}),
        ("don't call, send sms", BEGUN, {HOW: "text"}),
        ("٠٧٧٠ ١٢٣ ٤٥٦٧", BEGUN, {HOW: "number", NUMBER: "+9647701234567"}),
        ("الصبح احسن", {**BEGUN, HOW: "call"}, {WHEN: "morning"}),
        ("no, text me instead", {**BEGUN, HOW: "call"}, {HOW: "text"}),
        ("we sleep on the floor", {**BEGUN, HOW: "text"}, {WORDS: "we sleep on the floor"}),
    ],
)
async def test_an_answer_in_words(engines: Resources, said: str, slots: dict[str, Any], found: dict[str, Any]) -> None:
    got = await answered(engines, slots, said)
    assert {slot: got.get(slot) for slot in found} == found


@pytest.mark.parametrize("said", ["what is this?", "", "x" * 100_000, "‮evil", "'; drop table referral; --", "🙏"])
async def test_what_is_no_answer_is_left_to_the_rules(engines: Resources, said: str) -> None:
    got = await answered(engines, BEGUN, said)
    assert set(got) == {"requested_slot"}
    assert got["requested_slot"] == HOW


@pytest.mark.parametrize("said", ["inshallah", "ان شاء الله"])
async def test_god_willing_is_no_consent(engines: Resources, said: str) -> None:
    got = await answered(engines, ASKED, said, intent="affirm")
    assert got[CONSENT] is None
    assert got["requested_slot"] == CONSENT


def test_who_is_texted_is_not_asked_for_a_time() -> None:
    empty = dict.fromkeys(ALL)
    assert next_question({**empty, **BEGUN, HOW: "text"}) == WORDS
    assert next_question({**empty, **BEGUN, HOW: "call"}) == WHEN
    assert next_question({**empty, **BEGUN, HOW: "number"}) == NUMBER


@pytest.mark.parametrize("need", ["gbv", "counter_trafficking", "child_protection"])
def test_of_a_sensitive_need_nothing_is_asked(need: str) -> None:
    assert next_question({**dict.fromkeys(ALL), NEED: need}) is None


async def test_a_service_that_is_gone_is_said_to_be_and_consent_is_asked_for_us(
    engines: Resources, session: AsyncSession, service: Service
) -> None:
    admin = await add_staff(session, "mina", "admin")
    await publishing.archive(session, service.id, by=admin)
    await session.commit()
    dispatcher = CollectingDispatcher()
    events = await Ask(engines, CONSENT).run(dispatcher, tracker({**ASKED, SERVICE: str(service.id)}, "yes"), {})
    slots = {event["name"]: event["value"] for event in events}
    first, second = (message["text"] for message in dispatcher.messages)
    assert "not there any more" in first
    assert "our caseworkers" in second
    assert (slots[SERVICE], slots[SHOWN]) == (OURS, second)


async def test_nothing_is_opened_on_a_consent_to_something_else(
    engines: Resources, session: AsyncSession, service: Service, number: str
) -> None:
    talk = await conversation(session, number)
    await session.commit()
    wish = Wish("legal_aid", "IQG15Q05", service.id, "text")
    shown = await consenting.consent_text(session, engines.wording, "en", wish)
    slots = {**ASKED, SERVICE: str(service.id), CONSENT: "yes", SHOWN: shown.replace("only", "also")}
    dispatcher = CollectingDispatcher()
    await OpenReferral(engines).run(dispatcher, tracker(slots, "yes", sender=str(talk.id)), {})
    assert "human" in dispatcher.messages[0]["text"]
    assert list(await opening.mine(session, talk.id)) == []


async def test_the_consent_is_kept_as_it_was_shown(
    engines: Resources, session: AsyncSession, service: Service, number: str
) -> None:
    talk = await conversation(session, number)
    await session.commit()
    asked = CollectingDispatcher()
    begun = {**ASKED, SERVICE: str(service.id)}
    events = await Ask(engines, CONSENT).run(asked, tracker(begun, "yes"), {})
    shown = {event["name"]: event["value"] for event in events}[SHOWN]
    said = CollectingDispatcher()
    slots = {**begun, CONSENT: "yes", SHOWN: shown}
    await OpenReferral(engines).run(said, tracker(slots, "yes", sender=str(talk.id)), {})
    [referral] = await opening.mine(session, talk.id)
    assert shown == asked.messages[0]["text"]
    assert referral.code in said.messages[0]["text"]
    assert (referral.need, referral.service_id, referral.how) == ("legal_aid", service.id, "text")
