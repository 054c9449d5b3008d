"""Which services have to be checked, in which order, and who sees to them."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from console.accounts import Staff
from directory import publishing
from directory.due import SOON, Wanted, count, due, services_of, set_keeper
from directory.freshness import due_days
from directory.models import Entry
from directory.records import Location
from directory.search import Wanted as Searched
from directory.search import search
from infrastructure.audit import AuditRecord
from tests.directory.rows import add_service, add_staff, both

TODAY = date(2026, 11, 26)
# Mental health: due after 90 days, said for 180.
DAYS = due_days(["mhpss"])


def ago(days: int) -> date:
    return TODAY - timedelta(days)


async def names(session: AsyncSession, wanted: Wanted | None = None, **page: Any) -> list[str]:
    found, total = await due(session, wanted or Wanted(), today=TODAY, **page)
    assert total == await count(session, wanted or Wanted(), today=TODAY)
    return [one.service_name["en"] for one in found]


@pytest.mark.parametrize(
    ("assured", "needs", "state"),
    [
        (ago(DAYS), ("mhpss",), None),
        (ago(DAYS + 1), ("mhpss",), "due"),
        (ago(2 * DAYS - SOON.days - 1), ("mhpss",), "due"),
        (ago(2 * DAYS - SOON.days), ("mhpss",), "soon"),
        (ago(2 * DAYS), ("mhpss",), "soon"),
        (ago(2 * DAYS + 1), ("mhpss",), "gone"),
        (None, ("mhpss",), "gone"),
        (ago(61), ("mhpss", "gbv"), "due"),
        (ago(61), ("mhpss",), None),
        (ago(61), ("education",), None),
        (ago(121), ("education",), "due"),
    ],
)
async def test_the_state_of_a_service_is_what_the_bot_does(
    session: AsyncSession, assured: date | None, needs: tuple[str, ...], state: str | None
) -> None:
    await add_service(session, "it", assured=assured, needs=needs)
    found, total = await due(session, Wanted(), today=TODAY)
    assert [one.state for one in found] == ([state] if state else [])
    assert total == len(found)
    page = await search(session, Searched(needs), demo=True, today=TODAY)
    assert page.total == (0 if state == "gone" else 1)
    assert [result.is_due for result in page.results] == ([] if state == "gone" else [state is not None])
    if found:
        assert found[0].said_until == (assured and assured + timedelta(2 * due_days(needs)))


async def test_what_people_lose_next_comes_first_and_what_is_long_gone_last(session: AsyncSession) -> None:
    for name, days in (("long gone", 400), ("due", 100), ("just gone", 181), ("fresh", 3), ("almost gone", 179)):
        await add_service(session, name, assured=ago(days))
    await add_service(session, "never", assured=None)
    assert await names(session) == ["almost gone", "due", "just gone", "long gone", "never"]
    assert await names(session, limit=2) == ["almost gone", "due"]
    assert await names(session, limit=2, offset=4) == ["never"]
    assert await names(session, offset=30) == []
    assert await names(session, Wanted(state="soon")) == ["almost gone"]
    assert await names(session, Wanted(state="due")) == ["due"]
    assert await names(session, Wanted(state="gone")) == ["just gone", "long gone", "never"]


async def test_a_service_at_several_places_is_one_call(session: AsyncSession) -> None:
    service = await add_service(session, "it", assured=ago(100))
    second = Location(place="IQG09", address=both("there"))
    await publishing.published(session, second)
    service.at.append(service.at[0].model_copy(update={"location_id": second.id}))
    await publishing.published(session, service)
    found, total = await due(session, Wanted(), today=TODAY)
    assert (len(found), total) == (1, 1)
    assert len(found[0].place_names) == 2
    for governorate in ("IQG15", "IQG09"):
        assert await names(session, Wanted(governorate=governorate)) == ["it"]
    assert await names(session, Wanted(governorate="IQG08")) == []


async def test_filters_go_together(session: AsyncSession) -> None:
    one = await add_service(session, "one", assured=ago(100), needs=("mhpss", "food"))
    await add_service(session, "two", assured=ago(100), location={"place": "IQG09"})
    assert await names(session, Wanted(need="food")) == ["one"]
    assert await names(session, Wanted(need="mhpss", governorate="IQG09")) == ["two"]
    assert await names(session, Wanted(need="food", governorate="IQG09")) == []
    assert await names(session, Wanted(organization=one.organization_id)) == ["one"]
    assert await names(session, Wanted(organization=uuid4())) == []
    assert await names(session, Wanted(need="'; drop table listing; --")) == []


async def test_what_ended_is_archived_or_made_up_is_not_due(session: AsyncSession) -> None:
    await add_service(session, "ended", assured=ago(100), valid_until=ago(1))
    await add_service(session, "ends today", assured=ago(100), valid_until=TODAY)
    await add_service(session, "gone before its end", assured=ago(200), valid_until=TODAY)
    await add_service(session, "demo", assured=ago(500), demo=("service",))
    archived = await add_service(session, "archived", assured=ago(100))
    await publishing.archive(session, archived.id)
    await publishing.archive(session, (await add_service(session, "without owner", assured=ago(9))).organization_id)  # type: ignore[arg-type]
    assert await names(session) == ["ends today", "gone before its end"]


async def test_keepers_see_theirs_and_a_keeper_who_left_keeps_nothing(session: AsyncSession) -> None:
    boss, zainab, omar = [await add_staff(session, name) for name in ("boss", "zainab", "omar")]
    ids = {name: (await add_service(session, name, assured=ago(100))).id for name in ("a", "b", "c")}
    assert await set_keeper(session, [ids["a"]], zainab, by=boss) == 1
    assert await set_keeper(session, [ids["b"]], omar, by=boss) == 1
    assert await names(session, Wanted(keeper=zainab)) == ["a"]
    assert await names(session, Wanted(keeper="nobody")) == ["c"]
    await session.execute(update(Staff).where(Staff.id == omar).values(active=False))
    assert sorted(await names(session, Wanted(keeper="nobody"))) == ["b", "c"]
    [found], _ = await due(session, Wanted(keeper=zainab), today=TODAY)
    assert found.keeper_id == zainab


async def test_all_of_an_organization_get_a_keeper_and_it_is_recorded_once(session: AsyncSession) -> None:
    boss, zainab = await add_staff(session, "boss"), await add_staff(session, "zainab")
    first = await add_service(session, "first", assured=ago(100))
    second = first.model_copy(update={"id": uuid4(), "name": both("second"), "assured_date": ago(1)})
    await publishing.published(session, second)
    await add_service(session, "somebody else's", assured=ago(100))
    assert first.organization_id
    theirs = await services_of(session, first.organization_id)
    assert set(theirs) == {first.id, second.id}
    assert await set_keeper(session, theirs, zainab, by=boss) == 2
    assert await set_keeper(session, theirs, zainab, by=boss) == 0
    assert await set_keeper(session, [first.id], None, by=boss) == 1
    await session.flush()
    records = await session.scalars(
        select(AuditRecord).where(AuditRecord.action == "entry.keeper_set").order_by(AuditRecord.id)
    )
    told = [(record.actor_id, record.subject_id, record.details["keeper"]) for record in records]
    assert sorted(told[:2], key=str) == sorted(((boss, one, str(zainab)) for one in theirs), key=str)
    assert told[2:] == [(boss, first.id, None)]


async def test_nobody_who_left_or_never_was_becomes_a_keeper(session: AsyncSession) -> None:
    boss, gone = await add_staff(session, "boss"), await add_staff(session, "gone", active=False)
    service = (await add_service(session, "it", assured=ago(100))).id
    for keeper in (gone, uuid4()):
        with pytest.raises(ValueError, match="unknown keeper"):
            await set_keeper(session, [service], keeper, by=boss)
    assert (await session.get_one(Entry, service)).keeper_id is None


async def test_only_services_are_kept(session: AsyncSession) -> None:
    boss = await add_staff(session, "boss")
    service = await add_service(session, "it", assured=ago(100))
    wanted: list[UUID] = [uuid4(), service.at[0].location_id]
    assert await set_keeper(session, wanted, boss, by=boss) == 0
