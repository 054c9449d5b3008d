"""Reports in the console: who adds, who closes, and what happens when two look at one."""

import re
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from console import accounts
from console.accounts import Staff
from directory import publishing, tasks
from directory.models import REASONS, Entry, Task
from directory.places import load_places
from infrastructure.audit import AuditRecord
from infrastructure.resources import Resources
from tests.console.browsing import PASSWORD, Visitor, browsing
from tests.console.rows import conversation
from tests.directory.rows import add_service

LIST = "/console/directory/reports"
ATTACK = '<script>alert("x")</script>'


@pytest.fixture
async def service(engines: Resources) -> UUID:
    async with engines.sessions() as session:
        await load_places(session)
        service = await add_service(session, "clinic")
        await session.commit()
    return service.id


@pytest.fixture
async def admin(app: FastAPI, engines: Resources) -> AsyncIterator[Visitor]:
    """A browser in which Amal, an admin, is signed in."""
    async with engines.sessions() as session:
        await accounts.create_staff(session, "amal@example.org", "Amal", "admin", PASSWORD)
        await session.commit()
    async with browsing(app) as visitor:
        await visitor.sign_in("amal@example.org")
        yield visitor


async def report(engines: Resources, service: UUID, reason: str = "closed", by: UUID | None = None) -> UUID:
    """One more report; returns its task."""
    async with engines.sessions() as session:
        task = await tasks.open_task(session, service, reason, "staff", by=by)
        await session.commit()
        return task.id


async def found(engines: Resources) -> list[Task]:
    async with engines.sessions() as session:
        open_ones, _ = await tasks.tasks(session)
        closed, _ = await tasks.tasks(session, closed=True)
        return [*open_ones, *closed]


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


async def test_pages_need_somebody_signed_in(visitor: Visitor) -> None:
    for address in (LIST, f"{LIST}/count"):
        assert (await visitor.get(address)).headers["location"].startswith("/console/sign-in"), address


async def test_everybody_flags_what_is_wrong(
    colleague: Visitor, engines: Resources, service: UUID, staff: Staff
) -> None:
    page = f"/console/directory/due/{service}"
    assert "Something wrong with this? Tell the admins" in (await colleague.get(page)).text
    for reason in REASONS:
        fields = {"reason": reason, "note": f" {ATTACK} "}
        answer = await colleague.submit(f"/console/directory/{service}/flag", page, **fields)
        [task] = [task for task in await found(engines) if task.reason == reason]
        assert (answer.status_code, answer.headers["location"]) == (303, f"{LIST}#task-{task.id}")
        assert (task.reports[0].note, task.reports[0].created_by) == (ATTACK, staff.id)
    listed = (await colleague.get(LIST)).text
    assert listed.count("&lt;script&gt;") == len(REASONS)
    assert ATTACK not in listed
    assert "Zainab" in listed
    assert (await colleague.get(f"{LIST}/count")).text == str(len(REASONS))


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "Choose what is wrong"),
        ({"reason": "ugly"}, "Choose what is wrong"),
        ({"reason": ATTACK}, "Choose what is wrong"),
        ({"reason": "closed", "note": "x" * 1001}, "longer than 1,000 characters"),
        ({"reason": "closed", "note": ATTACK * 1000}, "longer than 1,000 characters"),
    ],
)
async def test_what_is_wrong_with_a_flag_is_told_and_nothing_is_lost(
    colleague: Visitor, engines: Resources, service: UUID, fields: dict[str, str], told: str
) -> None:
    fields = {"note": "the bridge is closed"} | fields
    answer = await colleague.submit(f"/console/directory/{service}/flag", LIST, **fields)
    assert answer.status_code == 422
    assert told in answer.text
    assert "clinic" in answer.text
    assert ATTACK not in answer.text
    if fields["note"] == "the bridge is closed":
        assert ">the bridge is closed</textarea>" in answer.text
    assert await found(engines) == []


async def test_only_what_is_published_is_flagged_and_only_from_our_forms(
    colleague: Visitor, engines: Resources, service: UUID
) -> None:
    assert (await colleague.post(f"/console/directory/{service}/flag", data={"reason": "closed"})).status_code == 403
    assert (await colleague.submit(f"/console/directory/{uuid4()}/flag", LIST, reason="closed")).status_code == 404
    assert (await colleague.submit("/console/directory/x/flag", LIST, reason="closed")).status_code == 404
    async with engines.sessions() as session:
        await publishing.archive(session, service)
        await session.commit()
    assert (await colleague.submit(f"/console/directory/{service}/flag", LIST, reason="closed")).status_code == 404
    assert await found(engines) == []


async def test_what_people_say_leads_to_their_conversation(
    colleague: Visitor, engines: Resources, service: UUID
) -> None:
    async with engines.sessions() as session:
        talks = [await conversation(session, f"+96477000000{number}", "مغلق") for number in range(3)]
        for talk in talks:
            await tasks.open_task(session, service, "closed", "person", conversation_id=talk.id)
        await tasks.open_task(session, service, "refused", "person", conversation_id=talks[0].id)
        await tasks.open_task(
            session, service, "correction", "provider", "we moved", change="full", call_back="07700000001"
        )
        await session.commit()
    page = (await colleague.get(LIST)).text
    for talk in talks:
        assert f'href="/console/conversations/{talk.id}"' in page
    text = words(page)
    assert text.index("Urgent: several people went in vain") < text.index("Somebody got no help there")
    assert "said 3 times" in text
    assert "This blames nobody" in text
    assert "Full at the moment" in text
    assert "call back: 07700000001" in text


@pytest.mark.parametrize("outcome", ["corrected", "right_as_it_is", "duplicate"])
async def test_an_admin_closes_and_it_moves_to_the_closed_ones(
    admin: Visitor, engines: Resources, service: UUID, outcome: str
) -> None:
    task = await report(engines, service)
    answer = await admin.submit(f"{LIST}/{task}/close", LIST, outcome=outcome, seen="1")
    assert (answer.status_code, answer.headers["location"]) == (303, LIST)
    assert str(task) not in (await admin.get(LIST)).text
    closed = (await admin.get(f"{LIST}?state=closed")).text
    assert f'id="task-{task}"' in closed
    assert "Amal" in closed
    assert f"{task}/close" not in closed
    async with engines.sessions() as session:
        record = await session.scalar(select(AuditRecord).where(AuditRecord.action == "task.closed"))
    assert record
    assert (record.subject_id, record.details["outcome"]) == (service, outcome)
    assert (await admin.get(f"{LIST}/count")).text == ""


@pytest.mark.parametrize(("role", "closes"), [("hotline", False), ("caseworker", False), ("reviewer", True)])
async def test_others_close_only_what_they_keep(
    app: FastAPI, engines: Resources, service: UUID, role: str, closes: bool
) -> None:
    mine, other = await report(engines, service), None
    async with engines.sessions() as session:
        somebody = await accounts.create_staff(session, f"{role}@example.org", role, role, PASSWORD)
        other = (await add_service(session, "other")).id
        (await session.get_one(Entry, service)).keeper_id = somebody.id
        await session.commit()
    theirs = await report(engines, other)
    async with browsing(app) as visitor:
        await visitor.sign_in(f"{role}@example.org")
        page = (await visitor.get(LIST)).text
        assert f"{mine}/close" in page
        assert (f"{theirs}/close" in page) == closes
        answer = await visitor.submit(f"{LIST}/{theirs}/close", LIST, outcome="corrected", seen="1")
        assert answer.status_code == (303 if closes else 403)
        only_mine = (await visitor.get(f"{LIST}?keeper=mine")).text
        assert f'id="task-{mine}"' in only_mine
        assert f'id="task-{theirs}"' not in only_mine
        answer = await visitor.submit(
            f"{LIST}/{mine}/close?keeper=mine", f"{LIST}?keeper=mine", outcome="corrected", seen="1"
        )
        assert (answer.status_code, answer.headers["location"]) == (303, f"{LIST}?keeper=mine")


async def test_what_came_meanwhile_is_looked_at_before_it_is_closed(
    admin: Visitor, engines: Resources, service: UUID
) -> None:
    task = await report(engines, service)
    await report(engines, service)
    answer = await admin.submit(f"{LIST}/{task}/close", LIST, outcome="corrected", seen="1")
    assert answer.status_code == 409
    assert "somebody said it again meanwhile" in answer.text
    assert f'id="task-{task}"' in answer.text
    assert (await admin.submit(f"{LIST}/{task}/close", LIST, outcome="corrected", seen="2")).status_code == 303
    assert (await admin.submit(f"{LIST}/{task}/close", LIST, outcome="duplicate", seen="2")).status_code == 409
    assert [one.outcome for one in await found(engines)] == ["corrected"]


async def test_forms_that_no_page_of_ours_sends_close_nothing(
    admin: Visitor, engines: Resources, service: UUID
) -> None:
    task = await report(engines, service)
    assert (await admin.post(f"{LIST}/{task}/close", data={"outcome": "corrected", "seen": "1"})).status_code == 403
    for outcome in ("", "deleted", ATTACK):
        assert (await admin.submit(f"{LIST}/{task}/close", LIST, outcome=outcome, seen="1")).status_code == 400
    for other in (uuid4(), "x"):
        assert (await admin.submit(f"{LIST}/{other}/close", LIST, outcome="corrected", seen="1")).status_code == 404
    assert (await admin.submit(f"{LIST}/{task}/close", LIST, outcome="corrected", seen="x")).status_code == 404
    for query in ("state=lost", "keeper=all", "page=0", f"state={ATTACK}"):
        assert (await admin.get(f"{LIST}?{query}")).status_code == 404
    assert [one.closed_at for one in await found(engines)] == [None]


async def test_a_long_list_has_pages(colleague: Visitor, engines: Resources, service: UUID) -> None:
    async with engines.sessions() as session:
        for number in range(tasks.PAGE):
            other = (await add_service(session, f"n{number}")).id
            await tasks.open_task(session, other, "closed", "staff")
        await tasks.open_task(session, service, "other", "staff")
        await session.commit()
    first = (await colleague.get(LIST)).text
    assert first.count('id="task-') == tasks.PAGE
    found = re.search(r'href="([^"]+page=2)">Next', first)
    assert found
    second = (await colleague.get(found[1].replace("&amp;", "&"))).text
    assert second.count('id="task-') == 1
    assert "clinic" in second


async def test_a_report_stays_when_its_entry_is_archived(colleague: Visitor, engines: Resources, service: UUID) -> None:
    await report(engines, service)
    async with engines.sessions() as session:
        await publishing.archive(session, service)
        await session.commit()
    page = (await colleague.get(LIST)).text
    assert "clinic" in page
    assert "Call or ask them" not in page
