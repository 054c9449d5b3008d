"""Opening a referral for somebody on the phone: read out, agreed to, and only then kept."""

import re
from html import unescape
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from console.accounts import Staff
from conversations.models import Conversation
from directory import publishing
from directory.needs import NEEDS
from directory.records import Service
from infrastructure.resources import Resources
from referrals.models import Consent, Referral
from referrals.wishes import LONGEST_WORDS, SENSITIVE
from tests.console.browsing import Visitor
from tests.console.directory_pages import words
from tests.console.people import people, sign_in
from tests.console.referral_pages import (
    ATTACK,
    LIST,
    SECRET,
    caseworker,
    made,
    moved,
    news,
    open_one,
    service,
    talk,
)
from tests.console.rows import conversation

__all__ = ["caseworker", "made", "people", "service", "sign_in", "talk"]


def shown_text(page: str) -> str:
    found = re.search(r'name="shown" value="([^"]*)"', page)
    assert found
    return unescape(found[1])


async def test_a_referral_is_opened_on_the_phone(
    caseworker: Visitor, engines: Resources, people: dict[str, Staff], service: Service, talk: Conversation
) -> None:
    new = f"{LIST}/new?conversation={talk.id}"
    first = (await caseworker.get(new)).text
    assert "Read this out" not in first
    assert "•••233" in first
    wish = {"need": "legal_aid", "place": "IQG15Q05", "how": "text", "when": "evening", **SECRET}
    second = (await caseworker.submit(new, new, step="show", **wish)).text
    assert "Our caseworkers: they look for a way" in second
    assert "Legal clinic's owner" in words(second)
    assert ATTACK not in second
    wish["service"] = str(service.id)
    third = (await caseworker.submit(new, new, step="show", **wish)).text
    shown = shown_text(third)
    # In the person's language, whatever the caseworker's is.
    assert shown.startswith("توافق")
    assert "Legal clinic's owner" in shown
    # Line ends as browsers send them.
    sent = shown.replace("\n", "\r\n")
    answer = await caseworker.submit(new, new, step="open", agreed="1", shown=sent, **wish)
    assert answer.status_code == 303
    async with engines.sessions() as session:
        [made] = await session.scalars(select(Referral))
        consent = await session.get_one(Consent, made.id)
    assert answer.headers["location"] == f"{LIST}/{made.id}?done=opened"
    assert (made.state, made.service_id, made.how, made.when) == ("sent", service.id, "text", "evening")
    assert (made.number, made.name) == ("+9647707654321", "Umm Ali")
    assert (made.assigned_to, made.conversation_id) == (people["caseworker"].id, talk.id)
    assert (consent.text, consent.language, consent.recorded_by) == (shown, "ar", people["caseworker"].id)
    [heard] = await news(engines, talk)
    assert made.code in heard
    page = words((await caseworker.get(answer.headers["location"])).text)
    assert "The person gets its code as a text" in page
    assert "Read out by The caseworker; the person said yes." in page


@pytest.mark.parametrize(
    ("change", "told_so"),
    [
        ({"agreed": None}, "Read the text out first"),
        ({"shown": "anything"}, "read it out again"),
        ({"shown": None}, "read it out again"),
        ({"name": "Abu Ali"}, "read it out again"),
        ({"need": ""}, "Choose what they need"),
        ({"need": "gbv"}, "Choose what they need"),
        ({"need": ATTACK}, "Choose what they need"),
        ({"number": "soon"}, "7 to 15 digits"),
        ({"service": "x"}, "offered for this"),
        ({"service": str(UUID(int=7))}, "offered for this"),
        ({"place": "Atlantis"}, "a choice that this page does not offer"),
        ({"how": "pigeon"}, "a choice that this page does not offer"),
    ],
)
async def test_what_is_in_the_way_is_told_and_nothing_typed_is_lost(
    caseworker: Visitor, engines: Resources, talk: Conversation, change: dict[str, str | None], told_so: str
) -> None:
    new = f"{LIST}/new?conversation={talk.id}"
    wish = {"need": "legal_aid", "how": "call", "when": "any", "words": "my own words"}
    shown = shown_text((await caseworker.submit(new, new, step="show", **wish)).text)
    fields = {**wish, "step": "open", "agreed": "1", "shown": shown, **change}
    answer = await caseworker.submit(new, new, **{name: value for name, value in fields.items() if value is not None})
    assert answer.status_code == 422
    assert told_so in answer.text
    assert "my own words" in answer.text
    assert ATTACK not in answer.text
    async with engines.sessions() as session:
        assert list(await session.scalars(select(Referral))) == []


async def test_sensitive_needs_cannot_be_chosen(caseworker: Visitor, talk: Conversation) -> None:
    page = (await caseworker.get(f"{LIST}/new?conversation={talk.id}")).text
    offered = set(re.findall(r'<option value="(\w+)"', page.split('name="need"')[1].split("</select>")[0]))
    assert offered == set(NEEDS) - SENSITIVE


async def test_a_service_taken_out_while_it_is_read_out(
    caseworker: Visitor, engines: Resources, talk: Conversation, service: Service
) -> None:
    new = f"{LIST}/new?conversation={talk.id}"
    wish = {"need": "legal_aid", "how": "call", "when": "any", "service": str(service.id)}
    shown = shown_text((await caseworker.submit(new, new, step="show", **wish)).text)
    async with engines.sessions() as session:
        await publishing.archive(session, service.id)
        await session.commit()
    answer = await caseworker.submit(new, new, step="open", agreed="1", shown=shown, **wish)
    assert answer.status_code == 422
    assert "or not any more" in answer.text
    # What is read out next is about our caseworkers.
    assert "Legal clinic" not in shown_text(answer.text)


async def test_a_press_that_came_twice_opens_one(caseworker: Visitor, engines: Resources, talk: Conversation) -> None:
    new = f"{LIST}/new?conversation={talk.id}"
    wish = {"need": "food", "how": "call", "when": "any"}
    shown = shown_text((await caseworker.submit(new, new, step="show", **wish)).text)
    answers = [await caseworker.submit(new, new, step="open", agreed="1", shown=shown, **wish) for _ in range(2)]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert len(await news(engines, talk)) == 1


async def test_the_sixth_is_refused_with_the_reason(
    caseworker: Visitor, engines: Resources, talk: Conversation
) -> None:
    for need in ("food", "cash", "health", "wash", "shelter"):
        await open_one(engines, talk, need)
    new = f"{LIST}/new?conversation={talk.id}"
    wish = {"need": "education", "how": "call", "when": "any"}
    shown = shown_text((await caseworker.submit(new, new, step="show", **wish)).text)
    answer = await caseworker.submit(new, new, step="open", agreed="1", shown=shown, **wish)
    assert answer.status_code == 422
    assert "so many open referrals" in answer.text


async def test_another_one_like_it(
    caseworker: Visitor, engines: Resources, people: dict[str, Staff], made: Referral, talk: Conversation
) -> None:
    await moved(engines, made, people["admin"], "received", "declined")
    page = (await caseworker.get(f"{LIST}/{made.id}")).text
    found = re.search(r'href="(/console/referrals/new[^"]+)"', page)
    assert found
    form = (await caseworker.get(unescape(found[1]))).text
    assert re.search(r'<option value="legal_aid" selected', form)
    assert re.search(r'<option value="IQG15Q05" selected', form)
    assert "Umm Ali" not in form
    async with engines.sessions() as session:
        stranger = await conversation(session, "+447700900001")
        await session.commit()
    for query in (f"{stranger.id}&like={made.id}", f"{talk.id}&like={uuid4()}", f"{uuid4()}", "x"):
        assert (await caseworker.get(f"{LIST}/new?conversation={query}")).status_code == 404


async def test_huge_words_are_cut_and_said_so(caseworker: Visitor, engines: Resources, talk: Conversation) -> None:
    new = f"{LIST}/new?conversation={talk.id}"
    assert "at most 500 characters" in (await caseworker.get(new)).text
    wish = {"need": "food", "how": "call", "when": "any", "words": "ط" * 20_000}
    shown = shown_text((await caseworker.submit(new, new, step="show", **wish)).text)
    await caseworker.submit(new, new, step="open", agreed="1", shown=shown, **wish)
    async with engines.sessions() as session:
        [made] = await session.scalars(select(Referral))
    assert made.words == "ط" * LONGEST_WORDS
