"""The demo directory covers what it promises, and nothing in it could be taken for real or ring a stranger."""

import re
from collections import Counter, defaultdict
from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from directory.demo_data import demo_rows, load_demo
from directory.models import Location, Organization, Phone, Service, ServiceAtLocation
from directory.needs import NEEDS
from directory.search import search
from tests.directory.rows import add_service

CONFIDENTIAL = {"gbv", "counter_trafficking", "child_protection"}


async def rows_by_need(session: AsyncSession) -> dict[str, Counter[str]]:
    """How many rows each need has in each governorate."""
    rows: dict[str, Counter[str]] = defaultdict(Counter)
    for need in NEEDS:
        page = await search(session, needs=[need], place=None, limit=1000, demo=True)
        for found in page.results:
            location = await session.scalar(
                select(Location).join(ServiceAtLocation).where(ServiceAtLocation.id == found.service_at_location_id)
            )
            assert location
            rows[need][location.place_code[:5]] += 1
    return rows


async def test_every_need_is_met_in_four_governorates_and_more_for_the_commonest(demo: AsyncSession) -> None:
    rows = await rows_by_need(demo)
    assert {need: len(rows[need]) for need in NEEDS if len(rows[need]) < 4} == {}
    for need in ("mhpss", "documentation"):
        assert len(rows[need]) >= 8
        assert rows[need]["IQG15"] >= 3
        assert rows[need]["IQG09"] >= 3


async def test_every_row_is_marked_demo_and_speaks_both_languages(demo: AsyncSession) -> None:
    for model in (Organization, Service, Location, Phone):
        assert await demo.scalar(select(func.count()).where(~model.is_demo)) == 0
        assert (await demo.scalar(select(func.count()).where(model.is_demo)) or 0) > 5
    for organization in await demo.scalars(select(Organization)):
        assert re.search("[\u0621-\u064a]", organization.name["ar"])
        assert organization.name["en"].startswith("Example ")
    for service in await demo.scalars(select(Service)):
        for text in (service.name, service.summary):
            assert re.search("[\u0621-\u064a]", text["ar"]), text
            assert text["en"].isascii(), text
        assert len(service.name["ar"]) <= 28
        assert len(service.summary["ar"]) <= 45
        assert service.assured_date
        assert date(2026, 9, 1) <= service.assured_date <= date(2026, 11, 30)


async def test_no_number_can_ring_a_stranger(demo: AsyncSession) -> None:
    numbers = list(await demo.scalars(select(Phone.number)))
    assert len(numbers) == len(set(numbers)) == await demo.scalar(select(func.count(ServiceAtLocation.id)))
    assert all(re.fullmatch(r"\+447700900\d{3}", number) for number in numbers)


async def test_addresses_are_demo_streets_and_protection_has_none(demo: AsyncSession) -> None:
    for address in await demo.scalars(select(Location.address).where(Location.address.is_not(None))):
        assert address
        assert "Demo " in address["en"]
        assert "تجريبي" in address["ar"]
    page = await search(demo, needs=sorted(CONFIDENTIAL), place=None, limit=1000, demo=True)
    assert page.total > 12
    assert {found.address is None for found in page.results} == {True}


async def test_nothing_of_it_is_found_outside_demo_mode(demo: AsyncSession) -> None:
    assert (await search(demo, needs=NEEDS, place=None, demo=False)).total == 0


async def test_loading_again_repairs_demo_rows_and_leaves_real_ones_alone(demo: AsyncSession) -> None:
    real = await add_service(demo, "real")
    before = await demo.scalar(select(func.count(ServiceAtLocation.id)))
    changed = await demo.scalar(select(Service).where(Service.is_demo).limit(1))
    assert changed
    name = changed.name
    changed.name = {"ar": "غيره", "en": "changed"}
    await demo.flush()
    demo.expunge_all()

    await load_demo(demo)
    await demo.flush()

    assert await demo.scalar(select(func.count(ServiceAtLocation.id))) == before
    repaired = await demo.get_one(Service, changed.id)
    assert repaired.name == name
    assert (await demo.get_one(Service, real.service_id)).name == {"ar": "real", "en": "real"}


def test_the_ids_never_change() -> None:
    assert [row.id for row in demo_rows()] == [row.id for row in demo_rows()]


@pytest.mark.parametrize("promise", ["guarantee", "will give", "will get", "نضمن", "سنعطي"])
def test_nothing_is_promised(promise: str) -> None:
    services = [row for row in demo_rows() if isinstance(row, Service)]
    assert services
    assert not any(promise in text for row in services for text in row.summary.values())
