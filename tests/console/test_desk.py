"""Staff take conversations over, write and hand back: who may, what is said where it can't be, and no text is lost."""

import asyncio
import re
import uuid
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from console.accounts import Staff, StaffSession
from conversations import handover, opt_out
from conversations.models import STAFF_OUTCOMES, Conversation, Handover, Message
from infrastructure.audit import AuditRecord
from infrastructure.resources import Resources
from tests.console.browsing import Visitor
from tests.console.people import people, sign_in
from tests.console.rows import ago, conversation, message

__all__ = ["people", "sign_in"]

LIST = "/console/conversations"
FETCHED = {"HX-Request": "true"}


@pytest.fixture
async def talk(engines: Resources) -> Conversation:
    """Somebody waits for a person."""
    async with engines.sessions() as session:
        made = await conversation(session, "+9647700000001", "I want to talk to somebody")
        await handover.request(session, made.id, "asked")
        await session.commit()
    return made


@pytest.fixture
async def zainab(sign_in: Callable[..., Any], people: dict[str, Staff]) -> Visitor:
    visitor: Visitor = await sign_in("hotline")
    return visitor


@pytest.fixture
async def ali(sign_in: Callable[..., Any], people: dict[str, Staff]) -> Visitor:
    visitor: Visitor = await sign_in("caseworker")
    return visitor


async def act(visitor: Visitor, talk: Conversation, what: str, **fields: Any) -> httpx.Response:
    """Send one of the desk's forms from the conversation's page."""
    page = f"{LIST}/{talk.id}"
    return await visitor.submit(f"{page}/{what}", page, **fields)


async def write(visitor: Visitor, talk: Conversation, text: str, key: str = "", **fields: Any) -> httpx.Response:
    return await act(visitor, talk, "reply", text=text, key=key or str(uuid.uuid4()), **fields)


async def sent(engines: Resources, talk: Conversation) -> list[str]:
    """What staff sent."""
    async with engines.sessions() as session:
        theirs = select(Message.text).where(Message.conversation_id == talk.id, Message.author == "staff")
        return list(await session.scalars(theirs.order_by(Message.position)))


def words(answer: httpx.Response) -> str:
    """The text of a page, without its marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def box(answer: httpx.Response) -> str | None:
    """What is in the box to write in; None where there is none."""
    found = re.search(r"<textarea[^>]*>(.*?)</textarea>", answer.text, re.DOTALL)
    return found[1] if found else None


async def test_take_over_write_and_hand_back(zainab: Visitor, talk: Conversation, engines: Resources) -> None:
    page = f"{LIST}/{talk.id}"
    assert box(await zainab.get(page)) is None
    assert (await act(zainab, talk, "take-over")).status_code == 303
    assert box(await zainab.get(page)) == ""
    assert (await write(zainab, talk, "  السلام عليكم\r\nشلون أساعدك؟ ")).status_code == 303
    assert await sent(engines, talk) == ["السلام عليكم\nشلون أساعدك؟"]
    assert (await act(zainab, talk, "hand-back", outcome="referred")).status_code == 303
    shown = words(await zainab.get(page))
    for told in ("The hotline took over", "The hotline handed back: Referred", "Waiting to be sent", "Take over"):
        assert told in shown, told
    async with engines.sessions() as session:
        acts = select(AuditRecord.action).where(AuditRecord.subject_id == talk.id).order_by(AuditRecord.id)
        assert list(await session.scalars(acts)) == ["conversation.taken_over", "conversation.handed_back"]


async def test_the_slower_colleague_sees_who_has_it_and_can_relieve_them(
    zainab: Visitor, ali: Visitor, talk: Conversation, engines: Resources, people: dict[str, Staff]
) -> None:
    pages = await asyncio.gather(zainab.token(f"{LIST}/{talk.id}"), ali.token(f"{LIST}/{talk.id}"))
    clicks = (
        who.post(f"{LIST}/{talk.id}/take-over", data={"form_token": token}, headers=FETCHED)
        for who, token in zip((zainab, ali), pages, strict=True)
    )
    answers = await asyncio.gather(*clicks)
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    faster, slower = (zainab, ali) if answers[0].status_code == 200 else (ali, zainab)
    who = people["hotline" if faster is zainab else "caseworker"]
    late = next(answer for answer in answers if answer.status_code == 409)
    assert f"A colleague was faster: {who.name} has this conversation in hand." in words(late)
    assert f"Relieve {who.name}" in words(late)
    assert (await write(slower, talk, "hello")).status_code == 409
    relieved = await act(slower, talk, "take-over", relieving=str(who.id))
    assert relieved.status_code == 303
    assert (await write(slower, talk, "now I am here")).status_code == 303
    refused = await write(faster, talk, "and I still write")
    assert refused.status_code == 409
    assert box(refused) == "and I still write"
    assert await sent(engines, talk) == ["now I am here"]


async def test_reviewers_read_only(sign_in: Callable[..., Any], talk: Conversation, engines: Resources) -> None:
    reviewer: Visitor = await sign_in("reviewer")
    shown = await reviewer.get(f"{LIST}/{talk.id}")
    assert "I want to talk to somebody" in shown.text
    assert "You can read conversations" in shown.text
    for what in ("take-over", "hand-back", "reply"):
        assert f"/{what}" not in shown.text
        refused = await act(reviewer, talk, what, outcome="answered", text="x", key=str(uuid.uuid4()))
        assert (refused.status_code, "Reviewers read conversations" in refused.text) == (403, True)
    async with engines.sessions() as session:
        [period] = await session.scalars(select(Handover))
    assert (period.taken_by, period.closed_at) == (None, None)


@pytest.mark.parametrize("who", ["hotline", "caseworker", "admin"])
async def test_who_answers(sign_in: Callable[..., Any], talk: Conversation, who: str) -> None:
    assert (await act(await sign_in(who), talk, "take-over")).status_code == 303


async def test_a_reply_after_hand_back_is_refused_and_stays_in_the_box(
    zainab: Visitor, talk: Conversation, engines: Resources
) -> None:
    await act(zainab, talk, "take-over")
    await act(zainab, talk, "hand-back", outcome="answered")
    for headers in ({}, FETCHED):
        token = await zainab.token(f"{LIST}/{talk.id}")
        fields = {"form_token": token, "text": "one <b>more</b> thing", "key": str(uuid.uuid4())}
        refused = await zainab.post(f"{LIST}/{talk.id}/reply", data=fields, headers=headers)
        assert refused.status_code == 409
        assert box(refused) == "one &lt;b&gt;more&lt;/b&gt; thing"
        assert "Not sent: you don't have this conversation in hand any more." in words(refused)
    assert await sent(engines, talk) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "Nothing was sent"),
        (" \r\n\t ", "Nothing was sent"),
        ("\0", "Nothing was sent"),
        ("x" * 1601, "At most 1,600 characters"),
        ("س" * 5000, "At most 1,600 characters"),
    ],
    ids=["empty", "blank", "null", "long", "very long"],
)
async def test_what_cannot_be_sent_is_said_and_stays(
    zainab: Visitor, talk: Conversation, engines: Resources, text: str, told: str
) -> None:
    await act(zainab, talk, "take-over")
    refused = await write(zainab, talk, text)
    assert (refused.status_code, told in refused.text) == (422, True)
    assert box(refused) == text.strip().replace("\0", "")
    assert await sent(engines, talk) == []


async def test_the_longest_text_is_sent_and_counted_as_sms_are(
    zainab: Visitor, talk: Conversation, engines: Resources
) -> None:
    await act(zainab, talk, "take-over")
    assert (await write(zainab, talk, "س" * 1600)).status_code == 303
    assert await sent(engines, talk) == ["س" * 1600]
    refused = await write(zainab, talk, "س" * 1601)
    assert "Characters: 1601 / 1600 · SMS parts: 24" in words(refused)


async def test_whatsapp_has_no_parts(zainab: Visitor, engines: Resources) -> None:
    async with engines.sessions() as session:
        talk = await conversation(session, "+9647700000001", "hello", channel="whatsapp")
        await session.commit()
    await act(zainab, talk, "take-over")
    shown = words(await zainab.get(f"{LIST}/{talk.id}"))
    assert "Characters: 0 / 1600" in shown
    assert "SMS parts" not in shown


async def test_a_double_click_sends_once(zainab: Visitor, talk: Conversation, engines: Resources) -> None:
    await act(zainab, talk, "take-over")
    key = str(uuid.uuid4())
    fields = {"form_token": await zainab.token(f"{LIST}/{talk.id}"), "text": "once", "key": key}
    clicks = (zainab.post(f"{LIST}/{talk.id}/reply", data=fields, headers=FETCHED) for _ in range(4))
    assert {answer.status_code for answer in await asyncio.gather(*clicks)} == {200}
    assert await sent(engines, talk) == ["once"]
    changed = await write(zainab, talk, "in other words", key)
    assert (changed.status_code, box(changed)) == (409, "in other words")
    assert "An earlier version of this was sent already" in changed.text
    assert key not in re.findall(r'name="key" value="([^"]+)"', changed.text)
    assert await sent(engines, talk) == ["once"]


@pytest.mark.parametrize("key", ["", "x", "1" * 500])
async def test_no_form_of_ours_lacks_a_key(zainab: Visitor, talk: Conversation, engines: Resources, key: str) -> None:
    await act(zainab, talk, "take-over")
    token = await zainab.token(f"{LIST}/{talk.id}")
    answer = await zainab.post(f"{LIST}/{talk.id}/reply", data={"form_token": token, "text": "hi", "key": key})
    assert answer.status_code == 404
    assert await sent(engines, talk) == []


@pytest.mark.parametrize("outcome", ["", "relieved", "nonsense"])
async def test_an_outcome_is_chosen(zainab: Visitor, talk: Conversation, outcome: str) -> None:
    await act(zainab, talk, "take-over")
    refused = await act(zainab, talk, "hand-back", outcome=outcome)
    assert (refused.status_code, "Choose how it ended." in refused.text) == (409, True)
    page = (await zainab.get(f"{LIST}/{talk.id}")).text
    assert re.findall(r'name="outcome" value="(\w+)"', page) == list(STAFF_OUTCOMES)


async def test_nothing_can_be_done_in_no_conversation(zainab: Visitor) -> None:
    token = await zainab.token(LIST)
    nowhere = f"{LIST}/{uuid.uuid4()}"
    for what in ("take-over", "reply", "hand-back"):
        fields = {"form_token": token, "text": "hi", "key": str(uuid.uuid4()), "outcome": "answered"}
        assert (await zainab.post(f"{nowhere}/{what}", data=fields)).status_code == 404


async def test_a_refresh_leaves_the_desk_alone_until_it_changes(
    zainab: Visitor, talk: Conversation, engines: Resources
) -> None:
    await act(zainab, talk, "take-over")
    page = await zainab.get(f"{LIST}/{talk.id}")
    [state] = re.findall(r'id="desk-state" name="desk" value="([^"]+)"', page.text)
    async with engines.sessions() as session:
        await message(session, await session.get_one(Conversation, talk.id), "and another thing")
        await session.commit()
    refreshed = await zainab.get(f"{LIST}/{talk.id}/thread", params={"desk": state})
    assert "and another thing" in refreshed.text
    assert 'id="desk"' not in refreshed.text
    async with engines.sessions() as session:
        await handover.request(session, talk.id, "danger")  # the reason is above, where nothing is typed
        await session.commit()
    refreshed = await zainab.get(f"{LIST}/{talk.id}/thread", params={"desk": state})
    assert "Urgent: may be in danger" in refreshed.text
    assert 'id="desk"' not in refreshed.text
    await act(zainab, talk, "hand-back", outcome="answered")
    refreshed = await zainab.get(f"{LIST}/{talk.id}/thread", params={"desk": state})
    assert re.search(r'id="desk"[^>]*hx-swap-oob="true"', refreshed.text)


async def test_an_expired_session_sends_nothing_and_loses_nothing(
    zainab: Visitor, talk: Conversation, engines: Resources
) -> None:
    page = f"{LIST}/{talk.id}"
    await act(zainab, talk, "take-over")
    fields = {"form_token": await zainab.token(page), "text": "a long\r\nanswer", "key": str(uuid.uuid4())}
    async with engines.sessions() as session:
        await session.execute(update(StaffSession).values(expires_at=ago(seconds=1)))
        await session.commit()
    fetched = await zainab.post(
        f"{page}/reply", data=fields, headers=FETCHED | {"HX-Current-URL": f"http://test{page}?show=mine"}
    )
    # The script has kept the text, and the sign-in leads back to where it is.
    assert (fetched.status_code, fetched.headers["hx-redirect"]) == (
        401,
        f"/console/sign-in?next=%2Fconsole%2Fconversations%2F{talk.id}",
    )
    plain = await zainab.post(f"{page}/reply", data=fields)
    assert plain.status_code == 401
    assert "this was not sent" in plain.text
    assert box(plain) == "a long\nanswer"
    assert f'name="next" value="{page}"' in plain.text
    wrong = await zainab.submit("/console/sign-in", email="x@example.org", password="no", unsent="a long\r\nanswer")
    assert (box(wrong) or "").split() == ["a", "long", "answer"]
    assert await sent(engines, talk) == []


@pytest.mark.parametrize("page", ["", "http://[", "https://evil.example/x", "javascript:alert(1)"])
async def test_an_expired_session_leads_to_our_own_pages_only(visitor: Visitor, talk: Conversation, page: str) -> None:
    answer = await visitor.get(f"{LIST}/{talk.id}/thread", headers=FETCHED | {"HX-Current-URL": page})
    there = await visitor.get(answer.headers["hx-redirect"])
    assert re.search(r'name="next" value="/console/', there.text)


async def test_filters_count_and_show(
    zainab: Visitor, talk: Conversation, engines: Resources, people: dict[str, Staff]
) -> None:
    async with engines.sessions() as session:
        mine = await conversation(session, "+9647700000002", "mine-to-answer")
        others = await conversation(session, "+9647700000003", "somebody-elses")
        await conversation(session, "+9647700000004", "nobodys")
        await handover.take_over(session, mine.id, people["hotline"].id)
        await handover.take_over(session, others.id, people["caseworker"].id)
        await session.commit()
    shown = {"waiting": {"I want to talk"}, "mine": {"mine-to-answer"}}
    shown["all"] = {"I want to talk", "mine-to-answer", "somebody-elses", "nobodys"}
    for show, expected in shown.items():
        listing = await zainab.get(f"{LIST}/list", params={"show": show})
        assert {text for text in shown["all"] if text in listing.text} == expected
        assert "Waiting 1 Mine 1 All 4" in words(listing)
        assert f'name="show" value="{show}"' in listing.text
    everything = words(await zainab.get(f"{LIST}/list"))
    assert "The caseworker" in everything
    assert " You " in everything
    assert (await zainab.get(f"{LIST}/list", params={"show": "nobody"})).status_code == 404


async def test_danger_in_a_colleagues_hands_stands_out(
    zainab: Visitor, talk: Conversation, engines: Resources, people: dict[str, Staff]
) -> None:
    async with engines.sessions() as session:
        await handover.take_over(session, talk.id, people["caseworker"].id)
        await handover.request(session, talk.id, "danger")
        await session.commit()
    listing = (await zainab.get(f"{LIST}/list")).text
    assert "line-danger" in listing
    assert "Urgent: may be in danger" in listing
    assert "The caseworker" in listing


async def test_it_is_said_when_nothing_would_arrive(zainab: Visitor, talk: Conversation, engines: Resources) -> None:
    async with engines.sessions() as session:
        old = await conversation(session, "+9647700000009", channel="whatsapp")
        await message(session, old, "hello", created_at=ago(hours=25))
        await session.commit()
    assert "more than 24 hours ago" in (await zainab.get(f"{LIST}/{old.id}")).text
    async with engines.sessions() as session:
        await opt_out.record(session, talk.id)
        await session.commit()
    assert "wants no messages" in (await zainab.get(f"{LIST}/{talk.id}")).text
    async with engines.sessions() as session:
        await message(session, await session.get_one(Conversation, talk.id), "one question")
        await session.commit()
    assert "wants no messages" not in (await zainab.get(f"{LIST}/{talk.id}")).text


async def test_all_of_it_is_there_in_arabic(sign_in: Callable[..., Any], talk: Conversation) -> None:
    visitor: Visitor = await sign_in("hotline", "ar")
    await act(visitor, talk, "take-over")
    page = await visitor.get(f"{LIST}/{talk.id}")
    for told in ("إرسال", "أجزاء SMS", "كيف انتهت؟", "أُحيل إلى خدمة", "بالانتظار"):
        assert told in page.text, told
