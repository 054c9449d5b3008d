"""The pages of conversations."""

import re
import uuid
from typing import Any

import pytest
from sqlalchemy import select

from console.accounts import Staff
from conversations import handover
from conversations.models import REASONS, Handover, Turn
from infrastructure.resources import Resources
from tests.console.browsing import Visitor
from tests.console.rows import ago, conversation, message

LIST = "/console/conversations"
ATTACK = '<script>alert("x")</script><img src=x onerror=alert(1)>'


async def test_pages_need_somebody_signed_in(visitor: Visitor) -> None:
    some = f"{LIST}/{uuid.uuid4()}"
    for address in (LIST, f"{LIST}/list", some, f"{some}/thread"):
        assert (await visitor.get(address)).headers["location"].startswith("/console/sign-in"), address
    assert (await visitor.get("/console/events")).text == "event: signed_out\ndata: -\n\n"
    assert (await visitor.get("/")).headers["location"] == LIST


async def test_empty_list_says_so(colleague: Visitor) -> None:
    assert "Nobody has written yet" in (await colleague.get(LIST)).text


async def test_longest_wait_first_then_newest(colleague: Visitor, engines: Resources) -> None:
    async with engines.sessions() as session:
        for name, last in (("old", 50), ("new", 1), ("waits-short", 60), ("waits-long", 40)):
            made = await conversation(session, f"+9647000{last:05d}", name, last=ago(minutes=last))
            if name.startswith("waits"):
                await handover.request(session, made.id, "asked")
                period = await handover.open_period(session, made.id)
                assert period
                period.requested_at = ago(minutes=30 if name == "waits-long" else 5)
        await session.commit()
    page = (await colleague.get(f"{LIST}/list")).text
    names = ["waits-long", "waits-short", "new", "old"]
    assert sorted(names, key=page.index) == names
    assert page.count("Asked for a person") == 2
    assert "2 wait for a person" in page


async def test_danger_stands_on_top_and_stands_out(colleague: Visitor, engines: Resources) -> None:
    async with engines.sessions() as session:
        for name, reason in (("asked-long-ago", "asked"), ("in-danger", "danger"), ("in-another-language", "language")):
            made = await conversation(session, f"+96477000{len(name):05d}", name)
            await handover.request(session, made.id, reason)
            period = await handover.open_period(session, made.id)
            assert period
            period.requested_at = ago(minutes=60 if reason == "asked" else 1)
            if reason == "danger":
                urgent = made.id
        await session.commit()
    page = (await colleague.get(f"{LIST}/list")).text
    names = ["in-danger", "asked-long-ago", "in-another-language"]
    assert sorted(names, key=page.index) == names
    assert page.count("line-danger") == page.count("Urgent: may be in danger") == 1
    assert "Writes another language" in page
    thread = (await colleague.get(f"{LIST}/{urgent}/thread")).text
    assert "waiting-danger" in thread
    assert "Urgent: may be in danger" in thread


@pytest.mark.parametrize("reason", REASONS)
async def test_every_reason_has_words(colleague: Visitor, engines: Resources, reason: str) -> None:
    async with engines.sessions() as session:
        made = await conversation(session, "+9647700000001", "hello")
        assert await handover.request(session, made.id, reason)
        await session.commit()
    page = (await colleague.get(f"{LIST}/{made.id}/thread")).text
    assert f"<span>{reason} ·" not in page
    assert " · waiting since" in page


async def test_numbers_are_masked(colleague: Visitor, engines: Resources) -> None:
    async with engines.sessions() as session:
        made = await conversation(session, "+9647701234567", "hello")
        await session.commit()
    for address in (LIST, f"{LIST}/{made.id}"):
        page = (await colleague.get(address)).text
        assert "•••567" in page
        assert "4567" not in page
        assert str(made.id)[:6] in page


async def test_what_people_write_stays_text(colleague: Visitor, engines: Resources) -> None:
    async with engines.sessions() as session:
        made = await conversation(session, "+9647700000001", ATTACK)
        await message(session, made, "", location={"latitude": 36.34, "longitude": 43.13, "label": ATTACK})
        said: dict[str, Any] = {"direction": "outbound", "author": "bot", "status": "queued", "provider_id": None}
        await message(session, made, ATTACK, quick_replies=[ATTACK], **said)
        await message(session, made, ATTACK)
        await session.commit()
    for address in (LIST, f"{LIST}/{made.id}"):
        page = (await colleague.get(address)).text
        assert "&lt;script&gt;" in page
        assert "<script>alert" not in page
        assert "<img src=x" not in page


async def test_thread_shows_what_was_said_sent_and_understood(colleague: Visitor, engines: Resources) -> None:
    async with engines.sessions() as session:
        made = await conversation(session, "+9647700000001", channel="whatsapp")
        asked = await message(session, made, "وين اكدر احصل على دعم نفسي بالموصل؟")
        session.add(
            Turn(
                message_id=asked.id,
                outcome="answered",
                language="ar",
                script="Arab",
                intent="find_service",
                confidence=0.934,
                entities={"need": ["mhpss"], "place": ["IQG15"]},
            )
        )
        await message(session, made, "", media=[{"url": "https://x.example/1", "content_type": "audio/ogg"}])
        await message(session, made, "", media=[{"url": "https://x.example/2", "content_type": "image/jpeg"}])
        await message(session, made, "", location={"latitude": 36.34, "longitude": 43.13, "label": ""})
        said: dict[str, Any] = {"direction": "outbound", "author": "bot", "error_code": 30003, "status": "failed"}
        await message(session, made, "answer", **said)
        await session.commit()
    page = (await colleague.get(f"{LIST}/{made.id}")).text
    text = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    for shown in ("Looks for help 93%", "Mental health", "Voice note", "Picture", "36.34000, 43.13000"):
        assert shown in text, shown
    assert "WhatsApp" in text
    assert "Not delivered (30003)" in text
    assert "x.example" not in page


async def test_earlier_messages_come_thirty_at_a_time(colleague: Visitor, engines: Resources) -> None:
    async with engines.sessions() as session:
        made = await conversation(session, "+9647700000001", *(f"message-{number:02d}." for number in range(65)))
        await session.commit()

    async def shown(address: str) -> tuple[list[str], bool]:
        page = (await colleague.get(address)).text
        return re.findall(r"<p dir=\"auto\">(message-\d\d)\.", page), "Show earlier" in page

    newest, earlier = await shown(f"{LIST}/{made.id}")
    assert (newest[0], newest[-1], len(newest), earlier) == ("message-35", "message-64", 30, True)
    everything, earlier = await shown(f"{LIST}/{made.id}/thread?shown=90")
    assert (len(everything), earlier) == (65, False)


async def test_marking_as_handled_ends_the_waiting_once(colleague: Visitor, staff: Staff, engines: Resources) -> None:
    async with engines.sessions() as session:
        made = await conversation(session, "+9647700000001", "help")
        await handover.request(session, made.id, "asked")
        await session.commit()
    address = f"{LIST}/{made.id}"
    assert "Mark as handled" in (await colleague.get(address)).text
    colleague.headers["HX-Request"] = "true"
    answer = await colleague.submit(f"{address}/hand-back", address, outcome="not_needed")
    assert answer.status_code == 200
    assert "Mark as handled" not in answer.text
    answer = await colleague.submit(f"{address}/hand-back", address, outcome="not_needed")
    assert answer.status_code == 409
    assert "A colleague was faster" in answer.text
    async with engines.sessions() as session:
        [period] = await session.scalars(select(Handover))
        assert period.closed_at
        assert period.closed_by == staff.id
        assert (period.outcome, period.taken_by) == ("not_needed", None)


@pytest.mark.parametrize("address", [f"{LIST}/{uuid.uuid4()}", f"{LIST}/not-an-id", f"{LIST}?shown=1"])
async def test_unknown_addresses_get_a_page(colleague: Visitor, address: str) -> None:
    answer = await colleague.get(address)
    assert answer.status_code == 404
    assert "There is no such page" in answer.text


async def test_language_is_chosen_once_and_kept_with_the_account(colleague: Visitor) -> None:
    assert 'dir="ltr"' in (await colleague.get(LIST)).text
    await colleague.submit("/console/language", LIST, language="ar")
    page = (await colleague.get(LIST)).text
    assert 'lang="ar" dir="rtl"' in page
    assert "bootstrap.rtl.min.css" in page
    assert "المحادثات" in page
    await colleague.submit("/console/sign-out", LIST)
    colleague.cookies.clear()
    await colleague.sign_in()
    assert 'dir="rtl"' in (await colleague.get(LIST)).text
