"""The pages of PSEA focal points: theirs alone, every look in the log, nothing that leads to who reported."""

import re
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import select, text

from console import accounts
from console.accounts import ROLES
from conversations import misconduct
from conversations.misconduct import MisconductReport
from conversations.models import Conversation, Message
from infrastructure.audit import AuditRecord
from infrastructure.resources import Resources
from tests.console.browsing import PASSWORD, Visitor, browsing
from tests.console.rows import conversation, message, turn

PAGE = "/console/misconduct"
WORDS = "the guard <b>asked</b> me for favours"
NUMBER = "+9647701234567"


@pytest.fixture
async def stored(engines: Resources) -> tuple[Conversation, Message, uuid.UUID]:
    """A report as the turn leaves it, and somebody's plain message before it."""
    async with engines.sessions() as session:
        await session.execute(text("truncate misconduct_report, audit_record cascade"))
        made = await conversation(session, NUMBER, "hello")
        said = await message(session, made, WORDS)
        await turn(session, said, "report_misconduct")
        await misconduct.take(session, said.id, "report")
        await session.commit()
        report = (await session.scalars(select(MisconductReport.id))).one()
    return made, said, report


@pytest.fixture
async def sign_in(app: FastAPI, engines: Resources) -> AsyncIterator[Callable[..., Any]]:
    """Opens a browser in which somebody of a role is signed in."""
    opened: list[Visitor] = []

    async def open_for(role: str, language: str = "en") -> Visitor:
        async with engines.sessions() as session:
            await accounts.create_staff(session, f"{role}@example.org", f"The {role}", role, PASSWORD)
            await session.commit()
        visitor = browsing(app)
        visitor.headers["Accept-Language"] = language
        opened.append(visitor)
        await visitor.sign_in(f"{role}@example.org")
        return visitor

    yield open_for
    for visitor in opened:
        await visitor.aclose()


@pytest.fixture
async def psea(sign_in: Callable[..., Any]) -> Visitor:
    visitor: Visitor = await sign_in("psea")
    return visitor


async def acts(engines: Resources) -> list[str]:
    async with engines.sessions() as session:
        rows = await session.scalars(select(AuditRecord).order_by(AuditRecord.id))
        return [act.action for act in rows if act.action.startswith("misconduct")]


async def noted(visitor: Visitor, report: uuid.UUID, **fields: str) -> Any:
    """A note saved from the page as it is now; fields say what is different."""
    page = (await visitor.get(f"{PAGE}/{report}")).text
    [seen] = re.findall(r'name="seen" value="([^"]+)"', page)
    return await visitor.submit(f"{PAGE}/{report}", PAGE, **{"seen": seen, "state": "in_review", "words": "x"} | fields)


@pytest.mark.parametrize("role", [role for role in ROLES if role != "psea"])
async def test_nobody_else_opens_them(
    sign_in: Callable[..., Any], stored: tuple[Any, Any, uuid.UUID], engines: Resources, role: str
) -> None:
    visitor = await sign_in(role)
    for address in (PAGE, f"{PAGE}/{stored[2]}"):
        answer = await visitor.get(address)
        assert answer.status_code == 403
        assert "Only PSEA focal points" in answer.text
        assert "favours" not in answer.text
    token = await visitor.token("/console/conversations")
    fields = {"form_token": token, "state": "closed", "words": "x", "seen": "2030-01-01T00:00:00+00:00"}
    assert (await visitor.post(f"{PAGE}/{stored[2]}", data=fields)).status_code == 403
    assert await acts(engines) == []
    assert "Reports of misconduct" not in (await visitor.get("/console/conversations")).text


@pytest.mark.parametrize("role", [role for role in ROLES if role != "psea"])
async def test_in_the_conversation_it_is_kept_apart(
    sign_in: Callable[..., Any], stored: tuple[Conversation, Message, Any], role: str
) -> None:
    made, said, _ = stored
    visitor = await sign_in(role)
    thread = f"/console/conversations/{made.id}"
    for address in (thread, f"{thread}/thread", "/console/conversations", "/console/conversations/list"):
        page = (await visitor.get(address)).text
        assert "Kept apart: misconduct" in page, address
        assert "favours" not in page
    assert f"/console/learning/{said.id}" not in (await visitor.get(thread)).text
    for address in (f"/console/learning/{said.id}", f"/console/learning/{said.id}/details"):
        assert (await visitor.get(address)).status_code == 404
    assert "favours" not in (await visitor.get("/console/learning")).text


async def test_nobody_signed_in_is_sent_away(visitor: Visitor, stored: tuple[Any, Any, uuid.UUID]) -> None:
    for address in (PAGE, f"{PAGE}/{stored[2]}"):
        assert (await visitor.get(address)).headers["location"].startswith("/console/sign-in")


async def test_a_focal_point_opens_nothing_else(psea: Visitor, stored: tuple[Conversation, Any, Any]) -> None:
    pages = (
        "conversations",
        f"conversations/{stored[0].id}",
        "learning",
        "directory",
        "emergency-lines",
        "directory/log",
    )
    for address in ("/console", *(f"/console/{page}" for page in pages)):
        answer = await psea.get(address, follow_redirects=True)
        assert answer.url.path == PAGE, address
    token = await psea.token(PAGE)
    handled = f"/console/conversations/{stored[0].id}/take-over"
    assert (await psea.post(handled, data={"form_token": token})).status_code == 403
    assert (await psea.post("/api/understand", json={"text": "x"})).status_code == 403


@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("ar", "rtl")])
async def test_reports_are_listed_without_words_and_read_one_by_one(
    sign_in: Callable[..., Any], stored: tuple[Conversation, Message, uuid.UUID], engines: Resources, language: str,
    direction: str,
) -> None:  # fmt: skip
    psea = await sign_in("psea", language)
    listed = (await psea.get(PAGE)).text
    assert f'dir="{direction}"' in listed
    assert "favours" not in listed
    assert f"{PAGE}/{stored[2]}" in listed
    page = (await psea.get(f"{PAGE}/{stored[2]}")).text
    assert "the guard &lt;b&gt;asked&lt;/b&gt; me for favours" in page
    assert await acts(engines) == ["misconduct.listed", "misconduct.read"]
    # Nothing leads to who it was.
    for trace in (str(stored[0].id), str(stored[1].id), NUMBER[1:], "567"):
        assert trace not in re.sub(r'name="form_token" value="\w+"', "", page.replace(str(stored[2]), ""))


async def test_a_number_is_shown_where_they_may_be_called(
    psea: Visitor, stored: tuple[Conversation, Message, uuid.UUID], engines: Resources
) -> None:
    assert "Nobody said that you may call" in (await psea.get(f"{PAGE}/{stored[2]}")).text
    async with engines.sessions() as session:
        choice = await message(session, stored[0], "2")
        await misconduct.take(session, choice.id, "may_call")
        await session.commit()
    assert NUMBER in (await psea.get(f"{PAGE}/{stored[2]}")).text
    assert "may be called" in (await psea.get(PAGE)).text


async def test_what_was_sent_along_is_told(
    psea: Visitor, stored: tuple[Conversation, Message, uuid.UUID], engines: Resources
) -> None:
    pin = {"latitude": 36.34, "longitude": 43.13, "label": "the yard"}
    voice = [{"url": "https://api.example/1", "content_type": "audio/ogg"}]
    async with engines.sessions() as session:
        more = await message(session, stored[0], "", media=voice, location=pin)
        await misconduct.take(session, more.id, "more")
        await session.commit()
    page = (await psea.get(f"{PAGE}/{stored[2]}")).text
    for shown in ("Voice note", "36.34000, 43.13000", "the yard"):
        assert shown in page, shown
    assert "api.example" not in page


async def test_a_note_says_what_was_done_and_where_it_stands(
    psea: Visitor, stored: tuple[Any, Any, uuid.UUID], engines: Resources
) -> None:
    answer = await noted(psea, stored[2], state="passed_on", words="Passed to <i>the network</i>\0")
    assert answer.status_code == 303
    page = (await psea.get(f"{PAGE}/{stored[2]}")).text
    assert "Passed to &lt;i&gt;the network&lt;/i&gt;" in page
    assert "The psea" in page
    assert str(stored[2]) not in (await psea.get(PAGE)).text  # no longer open
    assert str(stored[2]) in (await psea.get(f"{PAGE}?which=passed_on")).text
    assert "misconduct.noted" in await acts(engines)
    async with engines.sessions() as session:
        kept = (await session.scalars(text("select n::text from misconduct_note n"))).one()
    assert "network" not in kept


async def test_a_colleague_who_was_faster_costs_nobody_their_note(
    psea: Visitor, stored: tuple[Any, Any, uuid.UUID]
) -> None:
    [seen] = re.findall(r'name="seen" value="([^"]+)"', (await psea.get(f"{PAGE}/{stored[2]}")).text)
    await noted(psea, stored[2], words="the first")
    answer = await noted(psea, stored[2], seen=seen, state="closed", words="the second")
    assert answer.status_code == 409
    assert "was not saved yet" in answer.text
    assert ">the second</textarea>" in answer.text
    assert "the first" in answer.text
    [again] = re.findall(r'name="seen" value="([^"]+)"', answer.text)
    assert (await noted(psea, stored[2], seen=again, words="the second")).status_code == 303


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"words": "  "}, 422),
        ({"words": "x" * 4001}, 422),
        ({"words": "x" * 4000}, 303),
        ({"state": "new"}, 400),
        ({"state": "gone"}, 400),
        ({"seen": "yesterday"}, 400),
        ({"seen": "2030-01-01T00:00:00"}, 400),
        ({"seen": ""}, 400),
    ],
)
async def test_what_no_page_sends(
    psea: Visitor, stored: tuple[Any, Any, uuid.UUID], fields: dict[str, str], status: int
) -> None:
    answer = await noted(psea, stored[2], **fields)
    assert answer.status_code == status


@pytest.mark.parametrize("address", [f"{PAGE}/{uuid.uuid4()}", f"{PAGE}/x", f"{PAGE}?which=x", f"{PAGE}?page=0"])
async def test_unknown_addresses_get_a_page(psea: Visitor, address: str) -> None:
    assert (await psea.get(address)).status_code == 404


async def test_fifty_a_page(psea: Visitor, engines: Resources, stored: tuple[Conversation, Any, Any]) -> None:
    async with engines.sessions() as session:
        for number in range(60):
            said = await message(session, stored[0], f"report {number}")
            await misconduct.keep_apart(session, said, invite=False)
        await session.commit()
    first = (await psea.get(PAGE)).text
    assert first.count('<li class="lesson">') == 50
    [older] = re.findall(r'href="(/console/misconduct\?which=open&amp;page=2)"', first)
    second = (await psea.get(older.replace("&amp;", "&"))).text
    assert second.count('<li class="lesson">') == 11


async def test_what_staff_find_to_be_one_is_kept_apart_from_then_on(
    colleague: Visitor, engines: Resources, stored: tuple[Conversation, Any, Any]
) -> None:
    async with engines.sessions() as session:
        said = await message(session, stored[0], "he wanted money for the tent")
        await turn(session, said, "find_service", sure=False)
        await session.commit()
    address = f"/console/learning/{said.id}"
    answer = await colleague.submit(address, "/console/learning", intent="report_misconduct")
    assert answer.status_code == 200
    assert "only PSEA focal points read it" in answer.text
    assert (await colleague.get(address)).status_code == 404
    async with engines.sessions() as session:
        assert (await session.get_one(Message, said.id)).text == ""
        texts = {report.words for report in await session.scalars(select(MisconductReport))}
        assert texts == {WORDS, "he wanted money for the tent"}


async def test_the_log_says_who_read_but_not_what(
    admin: Visitor, psea: Visitor, stored: tuple[Any, Any, uuid.UUID]
) -> None:
    await noted(psea, stored[2], words="a secret note")
    log = (await admin.get("/console/directory/log")).text
    for shown in ("Report of misconduct read", "Note on a report of misconduct", "The psea"):
        assert shown in log, shown
    assert "secret" not in log
    assert "favours" not in log
