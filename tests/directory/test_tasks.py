"""What is said to be wrong with an entry: gathered, ordered, closed, and never more than a report."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import IntegrityError, NoResultFound
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from directory import publishing
from directory.models import REASONS, Entry, Report, Task
from directory.tasks import LONGEST_NOTE, ChangedMeanwhile, NotPublished, close_task, count_open, open_task, tasks
from infrastructure.audit import AuditRecord
from tests.console.rows import conversation
from tests.directory.rows import add_service, add_staff


@pytest.fixture
async def service(session: AsyncSession) -> UUID:
    return (await add_service(session, "clinic")).id


async def said(session: AsyncSession) -> list[tuple[str, int, bool]]:
    """Reason, number of reports and urgency of the open tasks, in the order of the list."""
    session.expire_all()
    found, total = await tasks(session)
    assert total == len(found) == await count_open(session)
    return [(task.reason, len(task.reports), task.urgent) for task in found]


async def from_person(session: AsyncSession, service: UUID, reason: str = "closed") -> UUID:
    """A report from somebody who never wrote before; returns the conversation."""
    one = await conversation(session, f"+96477{uuid4().int % 10**8:08}")
    await open_task(session, service, reason, "person", conversation_id=one.id)
    return one.id


async def test_one_open_task_gathers_what_is_said_again(session: AsyncSession, service: UUID) -> None:
    staff = await add_staff(session, "zainab")
    await from_person(session, service)
    await open_task(session, service, "closed", "staff", "the door was shut", by=staff)
    await open_task(session, service, "closed", "provider", change="closed_for_good", call_back="07700000001")
    await open_task(session, service, "wrong_number", "staff", by=staff)
    assert await said(session) == [("closed", 3, False), ("wrong_number", 1, False)]
    [task, _] = (await tasks(session))[0]
    assert [report.noticed_by for report in task.reports].count("provider") == 1
    assert {report.note for report in task.reports} == {None, "the door was shut"}
    opened = (await session.scalars(select(AuditRecord).where(AuditRecord.action == "task.opened"))).all()
    assert [(record.subject_id, record.actor_id) for record in opened] == [(service, None), (service, staff)]
    assert opened[0].details == {"task": str(task.id), "reason": "closed", "noticed_by": "person"}


async def test_a_conversation_counts_once_however_often_it_says_so(session: AsyncSession, service: UUID) -> None:
    one = await from_person(session, service)
    await open_task(session, service, "closed", "person", conversation_id=one)
    await open_task(session, service, "refused", "person", conversation_id=one)
    assert sorted(await said(session)) == [("closed", 1, False), ("refused", 1, False)]


async def test_words_are_sealed_in_the_database(session: AsyncSession, service: UUID) -> None:
    await open_task(session, service, "other", "provider", "ask Layla", change="other", call_back="07700000001")
    stored = (await session.execute(text("select note, call_back from report"))).one()
    assert all(b"Layla" not in bytes(value) and b"0770" not in bytes(value) for value in stored)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"reason": "ugly"}, "unknown reason"),
        ({"reason": ""}, "unknown reason"),
        ({"reason": "closed'; drop table task; --"}, "unknown reason"),
        ({"noticed_by": "robot"}, "unknown reporter"),
        ({"note": "x" * (LONGEST_NOTE + 1)}, "more than 1000 characters"),
        ({"noticed_by": "person", "note": "they were rude to my mother"}, "stays in their conversation"),
    ],
)
async def test_what_is_not_a_report_is_refused(
    session: AsyncSession, service: UUID, change: dict[str, Any], told: str
) -> None:
    with pytest.raises(ValueError, match=told):
        await open_task(session, service, **{"reason": "closed", "noticed_by": "staff"} | change)
    assert await said(session) == []


async def test_a_persons_words_do_not_even_enter_by_another_way(session: AsyncSession, service: UUID) -> None:
    task = await open_task(session, service, "closed", "staff")
    session.add(Report(task_id=task.id, noticed_by="person", note="my name is ..."))
    with pytest.raises(IntegrityError, match="words_stay_in_the_conversation"):
        await session.flush()


async def test_a_note_is_kept_without_what_nobody_can_see(session: AsyncSession, service: UUID) -> None:
    note = "  x" * 200 + "\0\u202e\r\nنمی\u200cدانم <b>\n "
    await open_task(session, service, "other", "staff", note)
    [task] = (await tasks(session))[0]
    assert task.reports[0].note == ("  x" * 200).strip() + "\nنمی\u200cدانم <b>"


async def test_only_what_people_see_can_be_reported(session: AsyncSession, service: UUID) -> None:
    with pytest.raises(NotPublished):
        await open_task(session, uuid4(), "closed", "staff")
    draft = Entry(kind="service", status="draft")
    session.add(draft)
    await session.flush()
    with pytest.raises(NotPublished):
        await open_task(session, draft.id, "closed", "staff")
    await publishing.archive(session, service)
    with pytest.raises(NotPublished):
        await open_task(session, service, "closed", "staff")


async def test_locations_and_organizations_can_be_reported_too(session: AsyncSession, service: UUID) -> None:
    entry = await session.get_one(Entry, service)
    assert entry.document
    await open_task(session, UUID(entry.document["organization_id"]), "other", "staff")
    assert await said(session) == [("other", 1, False)]


@pytest.mark.parametrize(("reason", "urgent"), [("closed", True), ("wrong_number", True), ("refused", False)])
async def test_three_people_who_went_in_vain_make_it_urgent(
    session: AsyncSession, service: UUID, reason: str, urgent: bool
) -> None:
    staff = await add_staff(session, "zainab")
    for _ in range(5):
        await open_task(session, service, reason, "staff", by=staff)
    one = await from_person(session, service, reason)
    for _ in range(3):
        await open_task(session, service, reason, "person", conversation_id=one)
    await from_person(session, service, reason)
    assert await said(session) == [(reason, 7, False)]
    await from_person(session, service, reason)
    assert await said(session) == [(reason, 8, urgent)]


async def test_people_over_months_are_not_urgent_but_urgent_stays_urgent(session: AsyncSession, service: UUID) -> None:
    for _ in range(2):
        await from_person(session, service)
    long_ago = datetime.now(UTC) - timedelta(days=15)
    await session.execute(update(Report).values(created_at=long_ago))
    for _ in range(2):
        await from_person(session, service)
    assert await said(session) == [("closed", 4, False)]
    await from_person(session, service)
    await session.execute(update(Report).values(created_at=long_ago))
    await open_task(session, service, "closed", "staff")
    assert await said(session) == [("closed", 6, True)]


async def test_reports_outlive_the_conversation_they_came_from(session: AsyncSession, service: UUID) -> None:
    for _ in range(2):
        await from_person(session, service)
    await session.execute(text("delete from conversation where id in (select conversation_id from report)"))
    session.expire_all()
    [task] = (await tasks(session))[0]
    assert [report.conversation_id for report in task.reports] == [None, None]


async def test_urgent_first_then_whom_it_costs_most_then_as_they_came(session: AsyncSession) -> None:
    now = datetime.now(UTC)
    for days, reason in enumerate(REASONS):
        service = (await add_service(session, reason)).id
        task = await open_task(session, service, reason, "staff")
        task.created_at, task.urgent = now - timedelta(days=days), reason == "wrong_number"
    await session.flush()
    assert [reason for reason, _, _ in await said(session)] == [
        "wrong_number",
        "refused",
        "wrong_address",
        "closed",
        "other",
        "correction",
        "wrong_hours",
    ]


async def test_closing_says_how_it_ended_and_forgets_the_number(session: AsyncSession, service: UUID) -> None:
    staff = await add_staff(session, "zainab")
    task = await open_task(session, service, "closed", "provider", change="full", call_back="07700000001")
    session.expunge_all()
    await close_task(session, task.id, "corrected", staff, seen=1)
    assert await said(session) == []
    [closed], total = await tasks(session, closed=True)
    assert (closed.outcome, closed.closed_by, closed.reports[0].call_back, total) == ("corrected", staff, None, 1)
    record = await session.scalar(select(AuditRecord).where(AuditRecord.action == "task.closed"))
    assert record
    assert (record.actor_id, record.subject_id, record.details["outcome"]) == (staff, service, "corrected")

    # It happens again: that is a new task.
    await open_task(session, service, "closed", "staff", by=staff)
    assert await said(session) == [("closed", 1, False)]


async def test_what_came_after_somebody_looked_is_not_closed_unread(session: AsyncSession, service: UUID) -> None:
    staff = await add_staff(session, "zainab")
    task = await open_task(session, service, "closed", "staff")
    await open_task(session, service, "closed", "staff", "it moved to the bridge")
    session.expunge_all()
    with pytest.raises(ChangedMeanwhile):
        await close_task(session, task.id, "right_as_it_is", staff, seen=1)
    await close_task(session, task.id, "duplicate", staff, seen=2)
    with pytest.raises(ChangedMeanwhile):
        await close_task(session, task.id, "corrected", staff, seen=2)
    assert (await session.get_one(Task, task.id)).outcome == "duplicate"


async def test_no_other_outcome_and_no_other_task(session: AsyncSession, service: UUID) -> None:
    staff = await add_staff(session, "zainab")
    task = await open_task(session, service, "closed", "staff")
    with pytest.raises(ValueError, match="unknown outcome"):
        await close_task(session, task.id, "whatever", staff, seen=1)
    with pytest.raises(NoResultFound):
        await close_task(session, uuid4(), "corrected", staff, seen=1)


async def test_a_keeper_sees_their_own(session: AsyncSession, service: UUID) -> None:
    staff = await add_staff(session, "zainab")
    other = (await add_service(session, "other")).id
    (await session.get_one(Entry, other)).keeper_id = staff
    for one in (service, other):
        await open_task(session, one, "refused", "staff")
    found, total = await tasks(session, keeper=staff)
    assert ([task.entry_id for task in found], total) == ([other], 1)
    found, total = await tasks(session, limit=1, offset=1)
    assert (len(found), total) == (1, 2)


async def test_two_at_once_open_one_task(sessions: async_sessionmaker[AsyncSession]) -> None:
    async with sessions() as session:
        service = (await add_service(session, "busy")).id
        await session.commit()

    async def report() -> None:
        async with sessions() as session:
            await open_task(session, service, "closed", "staff")
            await session.commit()

    await asyncio.gather(*(report() for _ in range(5)))
    async with sessions() as session:
        count = select(func.count(Task.id.distinct()), func.count()).join(Task.reports).where(Task.entry_id == service)
        assert (await session.execute(count)).one() == (1, 5)
