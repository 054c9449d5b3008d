"""The coverage page: who sees it, what it shows of a full and an empty directory, and what it never tells."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from console import accounts
from directory.exchange.tables import read_table
from directory.needs import NEEDS
from directory.places import load_places
from infrastructure.local_time import day_in_iraq
from infrastructure.resources import Resources
from tests.console import rows
from tests.console.browsing import PASSWORD, Visitor, browsing
from tests.directory.rows import add_service

PAGE = "/console/directory/coverage"
MOSUL, NINEWA = "IQG15Q05", "IQG15"
ATTACK = '"><script>alert("x")</script>'
# What would be published: tags are refused.
HOSTILE = 'School" onfocus="alert(1)" autofocus="'
TODAY = day_in_iraq()


@pytest.fixture(autouse=True)
async def places(engines: Resources) -> None:
    async with engines.sessions() as session:
        await load_places(session)
        await session.commit()


@pytest.fixture
async def filled(engines: Resources) -> Resources:
    """Food in Ninewa, checked yesterday and long ago, and six people who wanted cash there."""
    async with engines.sessions() as session:
        await add_service(session, "Bread", needs=("food",), assured=TODAY - timedelta(1))
        await add_service(session, "Rice", needs=("food",), assured=TODAY - timedelta(100))
        await add_service(session, "Salt", needs=("food",), assured=TODAY - timedelta(200))
        for number in range(6):
            await wants(session, number, "cash")
        await session.commit()
    return engines


async def wants(session: AsyncSession, number: int, need: str, place: str = MOSUL) -> None:
    conversation = await rows.conversation(session, f"+96479{number:08}")
    message = await rows.message(session, conversation, "words")
    await rows.turn(session, message, entities={"need": [need], "place": [place]})


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def cell(page: str, need: str, place: str) -> str:
    """What a cell of the table shows."""
    found = re.search(rf'<td class="([\w-]+)"><a href="/console/directory\?need={need}&amp;place={place}".*?</a>', page)
    assert found
    return f"{found[1]} {words(found[0])}"


async def test_the_page_needs_somebody_signed_in(visitor: Visitor) -> None:
    for address in (PAGE, f"{PAGE}.csv"):
        assert (await visitor.get(address)).headers["location"].startswith("/console/sign-in"), address


@pytest.mark.parametrize("role", [role for role in accounts.ROLES if role != "psea"])
async def test_everybody_reads_it(app: FastAPI, filled: Resources, role: str) -> None:
    async with filled.sessions() as session:
        await accounts.create_staff(session, f"{role}@example.org", role, role, PASSWORD)
        await session.commit()
    async with browsing(app) as visitor:
        await visitor.sign_in(f"{role}@example.org")
        assert (await visitor.get(PAGE)).status_code == 200
        assert (await visitor.get(f"{PAGE}.csv")).status_code == 200


async def test_the_table_shows_what_is_there_and_marks_what_is_not(colleague: Visitor, filled: Resources) -> None:
    page = (await colleague.get(PAGE)).text
    assert cell(page, "food", NINEWA) == "heat-4 2 (1)"
    assert cell(page, "cash", NINEWA) == "heat-hole 0"
    assert 'title="1 checked, 1 to be checked again, 1 not shown"' in page
    assert page.count("heat-hole") == 28 * 18 - 1 + 27
    assert "To be checked again 1 service Not" in words(page).replace("Of these to", "To")
    assert page.rindex("Rice") < page.rindex("Bread")


async def test_bars_say_in_numbers_what_they_show(colleague: Visitor, filled: Resources) -> None:
    page = (await colleague.get(PAGE)).text
    [bar] = re.findall(r'<svg role="img"[^>]*aria-labelledby="need-1">(.*?)</svg>', page, re.DOTALL)
    assert "1 checked, 1 to be checked again, 1 not shown</title>" in bar
    places = re.findall(r'class="plot-(\w+)"[^>]* x="([\d.]+)%" y="0" width="([\d.]+)%"', bar)
    assert places == [("fresh", "0.0", "33.333"), ("due", "33.333", "33.333"), ("hidden", "66.667", "33.333")]
    assert "style=" not in page


async def test_bars_grow_from_the_right_in_arabic(colleague: Visitor, filled: Resources) -> None:
    page = (await colleague.get(PAGE, headers={"Accept-Language": "ar"})).text
    [bar] = re.findall(r'<svg role="img"[^>]*aria-labelledby="need-1">(.*?)</svg>', page, re.DOTALL)
    assert re.findall(r' x="([\d.]+)%"', bar) == ["66.667", "33.333", "0"]


async def test_what_nobody_offers_is_told_in_steps(colleague: Visitor, filled: Resources) -> None:
    page = words((await colleague.get(PAGE)).text)
    assert "Cash All of Iraq Nobody offers it anywhere at least 5 people" in page
    assert "Cash Ninewa Nobody offers it anywhere at least 5 people" in page
    async with filled.sessions() as session:
        await add_service(session, "Money", needs=("cash",), place="IQG02Q01", assured=TODAY)
        await session.commit()
    page = words((await colleague.get(PAGE)).text)
    assert "Cash Ninewa Nobody offers it here at least 5 people" in page
    assert "anywhere" not in page


async def test_small_numbers_and_violence_by_place_are_not_told(colleague: Visitor, filled: Resources) -> None:
    async with filled.sessions() as session:
        for number in range(4):
            await wants(session, 100 + number, "wash")
            await wants(session, 200 + number, "gbv")
        for number in range(7):
            await wants(session, 300 + number, "counter_trafficking")
        await session.commit()
    missing = words((await colleague.get(PAGE)).text.split('id="table"')[1].split("Asked for, and nobody")[1])
    missing = missing.split("By need")[0]
    assert "Water and toilets Ninewa Nobody offers it anywhere fewer than 5 people" in missing
    assert "Help after trafficking All of Iraq Nobody offers it anywhere at least 5 people" in missing
    assert missing.count("Help after trafficking") == 1
    assert "Help after violence" not in missing
    assert not re.search(r"\b[12346789]\b people", missing)


async def test_what_the_bot_never_heard_of_is_not_listed(colleague: Visitor, filled: Resources) -> None:
    async with filled.sessions() as session:
        for number in range(5):
            await wants(session, 100 + number, ATTACK, ATTACK)
            await wants(session, 200 + number, "wash", "XX123")
        await session.commit()
    page = (await colleague.get(PAGE)).text
    assert "alert" not in page
    assert words(page).count("Water and toilets All of Iraq Nobody offers") == 1
    assert "XX" not in page


async def test_an_empty_directory_is_kind(colleague: Visitor) -> None:
    page = (await colleague.get(PAGE)).text
    assert "Nothing is published yet" in page
    assert "nobody asked yet" in page
    assert "<table" not in page


async def test_one_organization(colleague: Visitor, filled: Resources) -> None:
    async with filled.sessions() as session:
        service = await add_service(session, HOSTILE, needs=("education",), assured=TODAY)
        await session.commit()
    page = (await colleague.get(PAGE, params={"organization": str(service.organization_id), "days": "90"})).text
    assert cell(page, "education", NINEWA) == "heat-4 1"
    assert cell(page, "food", NINEWA) == "heat-hole 0"
    assert f'value="{service.organization_id}" selected' in page
    assert f"coverage.csv?organization={service.organization_id}&amp;days=90" in page
    assert "Cash Ninewa Nobody offers it anywhere" in words(page)
    assert 'School" on' not in page
    assert "School&#34; on" in page


@pytest.mark.parametrize(
    "query",
    [
        {"days": "29"},
        {"days": "-1"},
        {"days": "9" * 40},
        {"days": "x"},
        {"organization": "x"},
        {"organization": str(uuid4())},
        {"organization": ATTACK},
    ],
)
async def test_filters_that_the_page_does_not_offer(
    colleague: Visitor, filled: Resources, query: dict[str, str]
) -> None:
    for address in (PAGE, f"{PAGE}.csv"):
        answer = await colleague.get(address, params=query)
        assert answer.status_code == 404
        assert "alert(" not in answer.text


async def test_the_table_as_a_file(colleague: Visitor, filled: Resources) -> None:
    answer = await colleague.get(f"{PAGE}.csv", params={"days": "30"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert f"daleel-coverage-{TODAY.year}" in answer.headers["content-disposition"]
    table = read_table(answer.content, "coverage.csv")
    assert not table.problems
    assert len(table.rows) == len(NEEDS) * 18
    [row] = [row.cells for row in table.rows if (row.cells["need"], row.cells["place"]) == ("food", NINEWA)]
    assert row | {"need_name": "Food", "place_name": "Ninewa", "checked": "1", "due": "1", "not_shown": "1"} == row
    arabic = await colleague.get(f"{PAGE}.csv", headers={"Accept-Language": "ar"})
    assert "نينوى" in arabic.text


async def test_huge_counts_are_read_with_separators(colleague: Visitor, filled: Resources) -> None:
    async with filled.sessions() as session:
        await session.execute(
            text(
                "with copy as (insert into entry (id, kind, status, document, published) select gen_random_uuid(), "
                "'service', 'published', document, 1 from entry, generate_series(1, 1233) where kind = 'service' and "
                "document->'name'->>'en' = 'Bread' returning id) insert into listing (service_id, location_id, "
                "organization_id, place_code, governorate, keys, needs, eligible, latitude, longitude, assured_date, "
                "due_after, changed_at, shown_from, shown_until, is_demo, folded, found) select copy.id, location_id, "
                "organization_id, place_code, governorate, keys, needs, eligible, latitude, longitude, assured_date, "
                "due_after, changed_at, shown_from, shown_until, is_demo, folded, found from listing, copy "
                "where found->'service_name'->>'en' = 'Bread'"
            )
        )
        await session.commit()
    page = (await colleague.get(PAGE)).text
    assert cell(page, "food", NINEWA) == "heat-4 1,235 (1)"
    assert "1,235 services" in page
