"""What the directory covers: which services count where, and which are getting old."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from directory import freshness, publishing
from directory.coverage import OLDEST, Count, Coverage, coverage, oldest
from directory.models import Entry
from directory.needs import NEEDS
from directory.records import At, Location, Service
from tests.directory.rows import add_service, both

TODAY = date(2026, 11, 26)
MOSUL, NINEWA, BASRA = "IQG15Q05", "IQG15", "IQG02"


def ago(days: int) -> date:
    return TODAY - timedelta(days)


async def covered(session: AsyncSession, **given: Any) -> Coverage:
    return await coverage(session, **{"demo": False, "today": TODAY, **given})


async def test_an_empty_directory_covers_nothing(session: AsyncSession) -> None:
    assert await covered(session) == Coverage({}, {}, {}, {}, Count())
    assert await oldest(session, demo=False, today=TODAY) == []


async def test_a_service_counts_for_each_need_and_governorate_and_once_in_totals(session: AsyncSession) -> None:
    service = await add_service(session, "one", needs=("food", "cash"), assured=ago(1))
    for place in (MOSUL, BASRA):
        location = Location(place=place, address=both("elsewhere"))
        await publishing.published(session, location)
        service.at.append(At(location_id=location.id))
    await publishing.published(session, service)
    found = await covered(session)
    one = Count(fresh=1)
    assert found.cells == {(need, place): one for need in ("food", "cash") for place in (NINEWA, BASRA)}
    assert found.needs == {"food": one, "cash": one}
    assert found.governorates == {NINEWA: one, BASRA: one}
    assert found.organizations == {service.organization_id: one}
    assert found.total == one


@pytest.mark.parametrize("needs", [("food",), ("education",), ("education", "health"), ("gbv", "education"), NEEDS])
async def test_age_is_judged_as_freshness_does(session: AsyncSession, needs: tuple[str, ...]) -> None:
    due = freshness.due_days(needs)
    for days in (0, due, due + 1, 2 * due, 2 * due + 1):
        await add_service(session, f"{days} days ago", needs=needs, assured=ago(days))
    expected = {ago(days): freshness.is_due(needs, ago(days), TODAY) for days in (0, due, due + 1, 2 * due)}
    assert list(expected.values()) == [False, False, True, True]
    assert (await covered(session)).total == Count(fresh=2, due=2, hidden=1)


@pytest.mark.parametrize(
    "values",
    [
        {"assured": None},
        {"assured": ago(1), "valid_until": ago(1)},
        {"assured": ago(1), "valid_from": TODAY + timedelta(1)},
    ],
    ids=["never checked", "no longer valid", "not yet valid"],
)
async def test_what_is_published_but_not_said_is_counted_as_such(session: AsyncSession, values: dict[str, Any]) -> None:
    await add_service(session, "silent", needs=("food",), **values)
    found = await covered(session)
    assert found.cells == {("food", NINEWA): Count(hidden=1)}
    assert found.total == Count(hidden=1)
    assert await oldest(session, demo=False, today=TODAY) == []


async def test_a_service_whose_organization_is_archived_is_not_forgotten(session: AsyncSession) -> None:
    service = await add_service(session, "orphan", needs=("food",), assured=ago(1))
    assert service.organization_id
    await publishing.archive(session, service.organization_id)
    assert (await covered(session)).cells == {("food", NINEWA): Count(hidden=1)}


async def test_what_is_archived_or_only_a_draft_is_not_there(session: AsyncSession) -> None:
    archived = await add_service(session, "over", assured=ago(1))
    await publishing.archive(session, archived.id)
    await publishing.propose(session, Service(name=both("not yet"), needs=["food"]), author=None)
    assert (await covered(session)).total == Count()


@pytest.mark.parametrize("marked", ["service", "location", "organization"])
async def test_demo_rows_count_in_the_demo_only_and_do_not_grow_older(session: AsyncSession, marked: str) -> None:
    await add_service(session, "made up", needs=("food",), assured=ago(61), demo=(marked,))
    assert (await covered(session)).total == Count()
    assert (await covered(session, demo=True)).total == Count(fresh=1)
    assert await oldest(session, demo=False, today=TODAY) == []
    assert len(await oldest(session, demo=True, today=TODAY)) == 1


async def test_one_organization_by_itself(session: AsyncSession) -> None:
    mine = await add_service(session, "mine", needs=("food",), assured=ago(1))
    await add_service(session, "theirs", needs=("cash",), assured=ago(3))
    found = await covered(session, organization=mine.organization_id)
    assert (found.cells, found.total) == ({("food", NINEWA): Count(fresh=1)}, Count(fresh=1))
    assert [one.name["en"] for one in await oldest(session, demo=False, organization=mine.organization_id, today=TODAY)]
    assert (await covered(session, organization=uuid4())).total == Count()


async def test_the_oldest_checks_come_first_and_are_few(session: AsyncSession) -> None:
    for days in range(OLDEST + 2):
        await add_service(session, f"{days}", needs=("education",), assured=ago(days))
    found = await oldest(session, demo=False, today=TODAY)
    assert [one.assured_date for one in found] == [ago(days) for days in range(OLDEST + 1, 1, -1)]
    names = {row.id: row.document["name"] for row in await session.scalars(select(Entry)) if row.document}
    assert all(names[one.service_id] == one.name for one in found)
