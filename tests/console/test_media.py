"""Pictures and voice notes reach staff: seen in place or saved, nothing in them runs, and the log says who looked."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from console.accounts import Staff
from conversations import media
from conversations.models import Message
from infrastructure.audit import AuditRecord
from infrastructure.resources import Resources
from tests.console.browsing import Visitor
from tests.console.people import people, sign_in
from tests.console.rows import conversation, message

__all__ = ["people", "sign_in"]

LIST = "/console/conversations"


@dataclass
class Files:
    """A provider's store, as a test fills it."""

    kept: dict[str, media.File | Exception] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def fetch(self, url: str) -> media.File:
        self.asked.append(url)
        found = self.kept[url]
        if isinstance(found, Exception):
            raise found
        return found


@pytest.fixture
def files(app: FastAPI) -> Files:
    app.state.files = Files()
    return app.state.files  # type: ignore[no-any-return]


@pytest.fixture
async def sent(engines: Resources) -> Message:
    async with engines.sessions() as session:
        talk = await conversation(session, "+9647700000001", channel="whatsapp")
        kinds = ("image/jpeg", "audio/ogg", "application/pdf")
        made = await message(
            session, talk, "", media=[{"url": f"far:{place}", "content_type": kind} for place, kind in enumerate(kinds)]
        )
        await session.commit()
    return made


def address(sent: Message, place: object = 0) -> str:
    return f"{LIST}/{sent.conversation_id}/messages/{sent.id}/media/{place}"


async def test_a_thread_leads_to_what_was_sent_and_hides_where_it_is(colleague: Visitor, sent: Message) -> None:
    page = (await colleague.get(f"{LIST}/{sent.conversation_id}")).text
    for place, word in enumerate(("Picture", "Voice note", "File")):
        assert f'href="{address(sent, place)}" target="_blank" rel="noopener">{word}' in page
    assert "far:" not in page


@pytest.mark.parametrize(
    ("kind", "served", "saved"),
    [
        ("image/jpeg", "image/jpeg", False),
        ("image/PNG; charset=x", "image/png", False),
        ("audio/ogg; codecs=opus", "audio/ogg", False),
        ("application/pdf", "application/octet-stream", True),
        ("text/html", "application/octet-stream", True),
        ("image/svg+xml", "application/octet-stream", True),
        ("application/javascript", "application/octet-stream", True),
        ("", "application/octet-stream", True),
        ("image/jpeg\r\nx: y", "application/octet-stream", True),
    ],
)
async def test_only_pictures_and_sounds_open_in_place(
    colleague: Visitor, files: Files, sent: Message, kind: str, served: str, saved: bool
) -> None:
    content = b"<script>alert(1)</script>"
    files.kept["far:0"] = media.File(kind, content)
    answer = await colleague.get(address(sent))
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, content, served)
    assert ("attachment" in answer.headers.get("content-disposition", "")) is saved
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert policy.endswith("sandbox")
    assert "script" not in policy


async def test_the_log_says_who_opened_what(
    colleague: Visitor, files: Files, sent: Message, staff: Staff, engines: Resources
) -> None:
    files.kept["far:1"] = media.File("audio/ogg", b"a voice")
    await colleague.get(address(sent, 1))
    async with engines.sessions() as session:
        act = await session.scalar(select(AuditRecord).order_by(AuditRecord.id.desc()).limit(1))
    assert act
    assert (act.action, act.actor_id, act.subject_id) == (
        "conversation.media_opened",
        staff.id,
        sent.conversation_id,
    )
    assert act.details == {"message": str(sent.id)}


async def test_nobody_from_outside_sees_it(visitor: Visitor, files: Files, sent: Message) -> None:
    assert (await visitor.get(address(sent))).headers["location"].startswith("/console/sign-in")
    assert files.asked == []


async def test_what_was_not_sent_is_not_found(
    colleague: Visitor, files: Files, sent: Message, engines: Resources
) -> None:
    async with engines.sessions() as session:
        other = await conversation(session, "+9647700000002", "hello")
        await session.commit()
    elsewhere = f"{LIST}/{other.id}/messages/{sent.id}/media/0"
    for there in (address(sent, 3), address(sent, -1), address(sent, "x"), address(sent, 10**30), elsewhere):
        assert (await colleague.get(there)).status_code == 404, there
    assert (await colleague.get(f"{LIST}/{other.id}/messages/{uuid.uuid4()}/media/0")).status_code == 404
    assert files.asked == []


@pytest.mark.parametrize(
    ("error", "status"),
    [(media.NotOurs(), 404), (media.Gone(), 404), (media.TooLarge(), 502), (media.NotFetched("x"), 502)],
)
async def test_what_the_provider_does_not_give_is_said(
    colleague: Visitor, files: Files, sent: Message, error: Exception, status: int
) -> None:
    files.kept["far:0"] = error
    answer = await colleague.get(address(sent))
    assert (answer.status_code, "far:" in answer.text) == (status, False)


async def test_reviewers_may_look(
    sign_in: Callable[..., Any], people: dict[str, Staff], files: Files, sent: Message
) -> None:
    files.kept["far:0"] = media.File("image/png", b"x")
    assert (await (await sign_in("reviewer")).get(address(sent))).status_code == 200
