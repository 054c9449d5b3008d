"""What is kept how long: each kind goes when its time is over and not before, and going twice does no harm."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError
from sqlalchemy import Select, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from console import accounts
from console.accounts import Staff, StaffSession
from conversations.erasure import Holding
from conversations.misconduct import MisconductNote, MisconductReport
from conversations.models import Address, Conversation, Correction, Message, Person, Turn
from conversations.retention import rules as rules_of_conversations
from daleel import retention as wiring
from directory.models import ImportBatch
from infrastructure import audit, retention
from infrastructure.audit import AuditRecord
from infrastructure.resources import Resources
from infrastructure.retention import NotApplied, Rule
from infrastructure.settings import Settings
from referrals.models import Referral, ReferralEvent
from tests.console.rows import conversation, message, turn
from tests.conversations.context import Context, Job
from tests.conversations.working import no_jobs

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
# One day past each bound, and one day before it: what, days.
BOUNDS = {
    "people": 365,
    "referrals": 180,
    "media": 90,
    "readings": 365,
    "messages": 365,
    "misconduct": 1825,
    "tables": 90,
    "audit": 1825,
}

OVER = {"need": "food", "language": "ar", "how": "text", "when": "any", "state": "closed", "outcome": "other"}


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days)


@pytest.fixture
async def resources(engines: Resources) -> Resources:
    await no_jobs(engines)
    async with engines.sessions() as session:
        await session.execute(text("truncate misconduct_report, audit_record, import_batch cascade"))
        await session.commit()
    return engines


async def made(resources: Resources, days: float) -> None:
    """One of everything, so many days old; a person who wrote just now stands behind what is in a conversation."""
    at = days_ago(days)
    async with resources.sessions() as session:
        silent = await conversation(session, f"+964{uuid.uuid4().int % 10**9}", last=at)
        await session.execute(update(Person).values(created_at=at))
        talker = await conversation(session, f"+964{uuid.uuid4().int % 10**9}", last=NOW)
        picture = [{"url": "https://api.example/1", "content_type": "image/jpeg"}]
        old = await message(session, talker, "look", media=picture, created_at=at)
        await turn(session, old, entities={"need": ["food"]}, created_at=at)
        session.add(Referral(**OVER, code=uuid.uuid4().hex[:9], conversation_id=talker.id, closed_at=at))
        staff = Staff(email=f"{uuid.uuid4().hex}@x.example", name="S", role="psea", password_hash="-")
        session.add(staff)
        await session.flush()
        report = MisconductReport(words="words", received_at=at, changed_at=at)
        session.add(report)
        await session.flush()
        session.add(MisconductNote(report_id=report.id, state="closed", words="note", written_by=staff.id))
        rows = {"columns": ["a"], "titles": 1, "rows": [[1, ["secret"]]], "problems": []}
        session.add(
            ImportBatch(
                filename="f", mapping={"a": "x"}, content=rows, findings={"n": 1}, created_by=staff.id, created_at=at
            )
        )
        token = await accounts.start_session(session, staff)
        assert token
        await session.execute(update(StaffSession).values(expires_at=at))
        audit.record(session, None, "staff.added")
        await session.flush()
        await session.execute(update(AuditRecord).values(at=at))
        assert silent
        await session.commit()


def rules(resources: Resources) -> list[Rule]:
    return wiring.rules(resources.settings)


async def due(resources: Resources) -> dict[str, int]:
    return await retention.due(resources.sessions, rules(resources), NOW)


async def test_the_defaults_are_what_is_documented(resources: Resources) -> None:
    assert {rule.what: rule.days for rule in rules(resources)} == BOUNDS | {"sessions": 0}


@pytest.mark.parametrize(("what", "days"), BOUNDS.items())
async def test_each_goes_when_its_time_is_over_and_not_before(resources: Resources, what: str, days: int) -> None:
    await made(resources, days - 1)
    assert (await due(resources))[what] == 0
    async with resources.sessions() as session:
        await session.execute(text("truncate person, misconduct_report, audit_record, import_batch cascade"))
        await session.commit()
    await made(resources, days + 1)
    assert (await due(resources))[what] == 1


async def test_looking_changes_nothing(resources: Resources) -> None:
    await made(resources, 2000)
    assert await due(resources) == await due(resources) == dict.fromkeys([*BOUNDS, "sessions"], 1)


async def test_all_that_is_old_goes_and_what_it_led_to_stays(resources: Resources) -> None:
    await made(resources, 2000)
    gone = await retention.apply(resources.sessions, rules(resources), NOW)
    assert gone == dict.fromkeys([*BOUNDS, "sessions"], 1)
    async with resources.sessions() as session:
        # Who wrote just now is still there, and that they wrote long ago, but not what.
        assert len((await session.scalars(select(Person))).all()) == 1
        assert [(one.text, one.media) for one in await session.scalars(select(Message))] == [("", None)]
        for table in (Turn, MisconductReport, MisconductNote, StaffSession):
            assert (await session.scalars(select(table))).all() == []
        [batch] = (await session.execute(select(ImportBatch.content, ImportBatch.findings, ImportBatch.mapping))).all()
        assert batch.content == {"columns": ["a"], "titles": 0, "rows": [], "problems": []}
        assert (batch.findings, batch.mapping) == ({"n": 1}, {"a": "x"})
        [record] = await session.scalars(select(AuditRecord))
        assert (record.action, record.actor_id, record.details) == ("retention.applied", None, gone)
        tasks = (await session.scalars(text("select task_name from procrastinate_jobs"))).all()
        assert tasks == ["forget"]


async def test_a_second_night_finds_nothing(resources: Resources) -> None:
    await made(resources, 2000)
    await retention.apply(resources.sessions, rules(resources), NOW)
    assert set((await due(resources)).values()) == {0}
    assert set((await retention.apply(resources.sessions, rules(resources), NOW)).values()) == {0}
    async with resources.sessions() as session:
        records = (await session.scalars(select(AuditRecord).order_by(AuditRecord.id))).all()
    # That there was nothing to let go is known too.
    assert [sum(record.details.values()) > 0 for record in records] == [True, False]


async def test_of_who_still_writes_what_they_said_long_ago_goes(resources: Resources) -> None:
    async with resources.sessions() as session:
        talker = await conversation(session, f"+964{uuid.uuid4().int % 10**9}", last=NOW)
        where = {"latitude": 36.3, "longitude": 43.1, "label": "home"}
        outbound = {"direction": "outbound", "author": "bot", "provider_id": None, "created_at": days_ago(366)}
        old = await message(session, talker, "i am Umm Ali", location=where, created_at=days_ago(366))
        pin = await message(session, talker, "", location=where, created_at=days_ago(366))
        answer = await message(session, talker, "a list", **outbound | {"status": "sent", "quick_replies": ["a"]})
        await message(session, talker, "on its way", **outbound | {"status": "held"})
        await message(session, talker, "hello again", created_at=days_ago(364))
        await turn(session, old)
        staff = Staff(email=f"{uuid.uuid4().hex}@x.example", name="S", role="hotline", password_hash="-")
        session.add(staff)
        await session.flush()
        session.add(Correction(message_id=old.id, intent="find_service", corrected_by=staff.id))
        await session.commit()
    [rule] = [rule for rule in rules(resources) if rule.what == "messages"]
    assert await retention.apply(resources.sessions, [rule], NOW) == {"messages": 3}
    assert await retention.apply(resources.sessions, [rule], NOW) == {"messages": 0}
    async with resources.sessions() as session:
        kept = (await session.scalars(select(Message).order_by(Message.position))).all()
        assert [one.text for one in kept] == ["", "", "", "on its way", "hello again"]
        assert {(one.location, one.media) for one in kept} == {(None, None)}
        assert [one.quick_replies for one in kept if one.id == answer.id] == [[]]
        assert pin.id in {one.id for one in kept}
        assert (await session.scalars(select(Turn))).all() == (await session.scalars(select(Correction))).all() == []


async def test_a_referral_left_lying_keeps_nobody(resources: Resources) -> None:
    now = datetime.now(UTC)
    for days in (364, 366):
        async with resources.sessions() as session:
            silent = await conversation(session, f"+964{uuid.uuid4().int % 10**9}", last=now - timedelta(500))
            await session.execute(update(Person).values(created_at=now - timedelta(500)))
            owner = select(Address.person_id).where(Address.id == silent.address_id).scalar_subquery()
            open_one = {name: value for name, value in OVER.items() if name != "outcome"} | {"state": "received"}
            changed = now - timedelta(days)
            session.add(Referral(**open_one, code=uuid.uuid4().hex[:9], person_id=owner, changed_at=changed))
            await session.commit()
    [rule] = [rule for rule in rules(resources) if rule.what == "people"]
    assert await retention.apply(resources.sessions, [rule], now) == {"people": 1}
    async with resources.sessions() as session:
        found = await session.execute(select(Referral.state, Referral.person_id).order_by(Referral.state))
        [(waits, owner), (over, nobody)] = found.all()
        assert (waits, over, nobody) == ("received", "withdrawn", None)
        assert owner
        # Nobody took it back.
        [event] = await session.scalars(select(ReferralEvent).where(ReferralEvent.to_state == "withdrawn"))
        assert event.who == "system"


async def test_batches_are_worked_off_one_by_one(resources: Resources) -> None:
    for _ in range(5):
        await made(resources, 100)
    small = [replace(rule, batch=2) for rule in rules(resources)]
    gone = await retention.apply(resources.sessions, small, NOW)
    assert (gone["media"], gone["tables"], gone["sessions"]) == (5, 5, 5)


async def test_with_whom_something_is_under_way_stays(resources: Resources) -> None:
    await made(resources, 2000)
    async with resources.sessions() as session:
        [silent, _] = await session.scalars(select(Conversation.id).order_by(Conversation.last_message_at))
        owner = await session.scalar(
            text("select person_id from address a join conversation c on c.address_id = a.id where c.id = :id"),
            {"id": silent},
        )
    erased: list[uuid.UUID] = []

    async def erase(session: AsyncSession, person_id: uuid.UUID) -> None:
        erased.append(person_id)

    kept = rules_of_conversations(resources.settings, [Holding(erase, Person.id == owner)])[:1]
    assert await retention.apply(resources.sessions, kept, NOW) == {"people": 0}
    ended = rules_of_conversations(resources.settings, [Holding(erase, Person.id != owner)])[:1]
    assert await retention.apply(resources.sessions, ended, NOW) == {"people": 1}
    assert erased == [owner]


async def test_who_writes_at_that_very_moment_stays(resources: Resources) -> None:
    await made(resources, 2000)
    [rule] = rules_of_conversations(resources.settings, ())[:1]
    async with resources.sessions() as session:
        keys = (await session.scalars(rule.past(NOW))).all()
        await session.execute(update(Conversation).values(last_message_at=datetime.now(UTC)))
        await session.commit()
    async with resources.sessions() as session:
        await rule.let_go(session, keys)
        await session.commit()
        assert len((await session.scalars(select(Person))).all()) == 2


async def test_a_rule_that_fails_keeps_no_other_from_being_applied(
    resources: Resources, caplog: pytest.LogCaptureFixture
) -> None:
    await made(resources, 2000)

    async def fails(session: AsyncSession, keys: Sequence[Any]) -> None:
        raise RuntimeError("+9647001112233")

    bad = replace(rules(resources)[0], let_go=fails)
    with pytest.raises(NotApplied, match=r"^people$"):
        await retention.apply(resources.sessions, [bad, *rules(resources)[1:]], NOW)
    async with resources.sessions() as session:
        assert [record.details["failed"] for record in await session.scalars(select(AuditRecord))] == [["people"]]
    assert (await due(resources))["media"] == 0
    assert "964700" not in caplog.text


async def test_a_rule_that_lets_nothing_go_does_not_run_for_ever(resources: Resources) -> None:
    await made(resources, 2000)

    async def idle(session: AsyncSession, keys: Sequence[Any]) -> None:
        """Leaves all as it is."""

    def everybody(before: datetime) -> Select[Any]:
        return select(Person.id)

    assert await retention.apply(resources.sessions, [Rule("x", 1, everybody, idle, batch=1)], NOW) == {"x": 2}


async def test_the_nightly_round_tells_counts_only(resources: Resources, caplog: pytest.LogCaptureFixture) -> None:
    await made(resources, 2000)
    caplog.set_level("INFO", "infrastructure.retention")
    context = Context(Job(0), {"resources": resources, "retention": rules(resources)})
    await retention.apply_retention(context, 0)
    [line] = [record.getMessage() for record in caplog.records if record.name == "infrastructure.retention"]
    assert json.dumps(line)
    assert line.startswith("retention: people: ")


@pytest.mark.parametrize(
    ("hour", "last", "rounds"),
    [(0, 1, 2), (9, 19, 1), (9, 21, 2), (9, None, 1)],
    ids=["each night", "once a day", "a night missed", "never yet"],
)
async def test_a_night_that_is_missed_is_made_up_for_at_the_next_hour(
    resources: Resources, hour: int, last: int | None, rounds: int
) -> None:
    async with resources.sessions() as session:
        if last:
            audit.record(session, None, "retention.applied")
            await session.flush()
            await session.execute(update(AuditRecord).values(at=datetime.now(UTC) - timedelta(hours=last)))
        await session.commit()
    context = Context(Job(0), {"resources": resources, "retention": rules(resources)})
    await retention.apply_retention(context, int(datetime(2030, 1, 1, hour, 30, tzinfo=UTC).timestamp()))
    async with resources.sessions() as session:
        assert len((await session.scalars(select(AuditRecord))).all()) == rounds


def test_it_is_time_each_hour_at_half_past_and_night_is_half_past_three_in_baghdad() -> None:
    from infrastructure.queue import app

    [nightly] = [one for one in app.periodic_registry.periodic_tasks.values() if one.task.name == "apply_retention"]
    assert nightly.cron == "30 * * * *"
    assert datetime(2030, 1, 1, retention.NIGHT, 30, tzinfo=UTC).astimezone(ZoneInfo("Asia/Baghdad")).hour == 3


@pytest.mark.parametrize("nonsense", ["-1", "0", "soon", "1.5", "99999999", "٩٠ يوم"])
@pytest.mark.parametrize("name", ["DALEEL_KEEP_MESSAGES_DAYS", "DALEEL_KEEP_MISCONDUCT_DAYS"])
def test_nonsense_is_refused_by_name(name: str, nonsense: str) -> None:
    with pytest.raises(ValidationError, match=name):
        Settings(_env_file=None, **{name: nonsense})  # type: ignore[call-arg,arg-type]
