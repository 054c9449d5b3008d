"""The demo directory covers what it promises, and nothing in it could be taken for real or ring a stranger."""

import re
from collections import Counter, defaultdict
from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from directory import publishing
from directory.demo_data import demo_records, load_demo
from directory.models import Entry, Listing
from directory.needs import NEEDS
from directory.records import Location, Organization, Service, Words
from directory.search import Wanted, search
from tests.directory.rows import add_service

CONFIDENTIAL = {"gbv", "counter_trafficking", "child_protection"}


async def rows_by_need(session: AsyncSession) -> dict[str, Counter[str]]:
    """How many rows each need has in each governorate."""
    rows: dict[str, Counter[str]] = defaultdict(Counter)
    for listing in await session.scalars(select(Listing)):
        for need in listing.needs:
            rows[need][listing.governorate] += 1
    return rows


async def test_every_need_is_met_in_four_governorates_and_more_for_the_commonest(demo: AsyncSession) -> None:
    rows = await rows_by_need(demo)
    assert {need: len(rows[need]) for need in NEEDS if len(rows[need]) < 4} == {}
    for need in ("mhpss", "documentation"):
        assert len(rows[need]) >= 8
        assert rows[need]["IQG15"] >= 3
        assert rows[need]["IQG09"] >= 3


def test_every_record_is_marked_demo_and_speaks_both_languages() -> None:
    records = list(demo_records())
    assert all(record.is_demo for record in records)
    assert all(phone.is_demo for service in services() for at in service.at for phone in at.phones)
    for record in records:
        if isinstance(record, Organization):
            assert re.search("[\u0621-\u064a]", record.name.ar)
            assert record.name.en.startswith("Example ")
    for service in services():
        for text in (service.name, service.summary):
            assert re.search("[\u0621-\u064a]", text.ar), text
            assert text.en.isascii(), text
        assert len(service.name.ar) <= 28
        assert len(service.summary.ar) <= 45
        assert service.assured_date
        assert date(2026, 9, 1) <= service.assured_date <= date(2026, 11, 30)


def services() -> list[Service]:
    return [record for record in demo_records() if isinstance(record, Service)]


def test_no_number_can_ring_a_stranger() -> None:
    numbers = [phone.number for service in services() for at in service.at for phone in at.phones]
    assert len(numbers) == len(set(numbers)) == sum(len(service.at) for service in services())
    assert all(re.fullmatch(r"\+447700900\d{3}", number) for number in numbers)


async def test_addresses_are_demo_streets_and_protection_has_none(demo: AsyncSession) -> None:
    for record in demo_records():
        if isinstance(record, Location) and record.address:
            assert "Demo " in record.address.en
            assert "تجريبي" in record.address.ar
    page = await search(demo, Wanted(sorted(CONFIDENTIAL), None), limit=1000, demo=True)
    assert page.total > 12
    assert {found.address is None for found in page.results} == {True}


async def test_nothing_of_it_is_found_outside_demo_mode(demo: AsyncSession) -> None:
    assert (await search(demo, Wanted(NEEDS, None), demo=False)).total == 0


async def test_loading_again_repairs_demo_entries_and_leaves_real_ones_alone(demo: AsyncSession) -> None:
    real = await add_service(demo, "real")
    count = select(func.count()).select_from(Listing)
    before = await demo.scalar(count)
    changed = services()[0]
    await publishing.published(demo, changed.model_copy(update={"name": Words(ar="غيره", en="changed")}))

    await load_demo(demo)

    assert await demo.scalar(count) == before
    assert (await demo.get_one(Entry, changed.id)).document == changed.document()
    assert (await demo.get_one(Entry, real.id)).document == real.document()


def test_the_ids_never_change() -> None:
    assert [record.id for record in demo_records()] == [record.id for record in demo_records()]


@pytest.mark.parametrize("promise", ["guarantee", "will give", "will get", "نضمن", "سنعطي"])
def test_nothing_is_promised(promise: str) -> None:
    assert services()
    assert not any(promise in text for service in services() for _, text in service.summary)
