"""The duplicates page: what stands side by side, and who may say what becomes of it."""

import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from console import accounts
from console.accounts import Staff
from directory import publishing
from directory.models import Entry, NotDuplicate, Revision
from directory.records import Location, Organization, Words
from infrastructure.resources import Resources
from tests.console.browsing import PASSWORD, Visitor, browsing
from tests.directory.rows import a_service, both

PAGE = "/console/directory/duplicates"
ACTIONS = ("not-the-same", "maybe-the-same", "move", "archive")
ATTACK = '<script>alert("x")</script>'
MOSUL = "IQG15Q05"

pytestmark = pytest.mark.usefixtures("boss")


class Twice:
    """An organization entered twice, with a service of the second."""

    def __init__(self) -> None:
        self.hope = Organization(name=Words(ar="جمعية الأمل", en="Hope Society"), website="https://hope.example")
        self.again = Organization(name=Words(ar="جمعيه الامل", en="Hope Society"), email="a@hope.example")
        self.where = Location(place=MOSUL, address=both("Zuhur quarter"))
        self.service = a_service("Legal advice", organization_id=self.again.id)
        self.service.at[0].location_id = self.where.id


@pytest.fixture
async def twice(engines: Resources) -> Twice:
    twice = Twice()
    async with engines.sessions() as session:
        for record in (twice.hope, twice.again, twice.where, twice.service):
            await publishing.published(session, record)
        await session.commit()
    return twice


def pair(twice: Twice, kind: str = "organization") -> dict[str, str]:
    return {"kind": kind, "first": str(twice.hope.id), "second": str(twice.again.id)}


def merge(twice: Twice, kind: str = "organization") -> dict[str, str]:
    return {"kind": kind, "stays": str(twice.hope.id), "goes": str(twice.again.id)}


async def states(engines: Resources, kind: str = "organization") -> dict[UUID, str]:
    async with engines.sessions() as session:
        rows = await session.execute(select(Entry.id, Entry.status).where(Entry.kind == kind))
        return dict(rows.all())


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def rows(page: str) -> dict[str, str]:
    """The rows of the first pair: what they are about, and what both say."""
    [table] = re.findall(r'<table class="pair">.*?<tbody>(.*?)</tbody>', page, re.DOTALL)[:1]
    found = re.findall(r"<tr[^>]*>\s*<th[^>]*>(.*?)</th>(.*?)</tr>", table, re.DOTALL)
    return {words(head): words(body) for head, body in found}


async def test_the_page_needs_somebody_signed_in(visitor: Visitor) -> None:
    assert (await visitor.get(PAGE)).headers["location"].startswith("/console/sign-in")


async def test_an_empty_directory_is_kind(colleague: Visitor) -> None:
    for kind in ("organization", "location", "service"):
        page = (await colleague.get(PAGE, params={"kind": kind})).text
        assert "Nothing here looks entered twice" in page
        assert "<article" not in page


async def test_organizations_side_by_side(colleague: Visitor, twice: Twice) -> None:
    page = (await colleague.get(PAGE)).text
    assert "1 pair to look at" in page
    assert "95% alike similar name" in words(page)
    shown = rows(page)
    assert sorted(re.findall(r"جمعي\S+ ال\S+مل", shown["Name ≠ (different)"])) == sorted(["جمعية الأمل", "جمعيه الامل"])
    assert shown["Website ≠ (different)"] == "https://hope.example"
    assert shown["Email ≠ (different)"] == "a@hope.example"
    assert shown["Where"] == "Ninewa"
    assert "1 service Legal advice" in shown["Its services"]
    assert f'href="/console/directory/{twice.hope.id}"' in page
    arabic = rows((await colleague.get(PAGE, headers={"Accept-Language": "ar"})).text)
    assert "Hope" not in arabic["الاسم ≠ (مختلف)"]


async def test_locations_and_services_side_by_side(colleague: Visitor, twice: Twice, engines: Resources) -> None:
    async with engines.sessions() as session:
        near = Location(place=MOSUL, address=both("Zuhur quarters"), latitude=36.34, longitude=43.13)
        copy = twice.service.model_copy(update={"id": uuid4(), "fees": both("free"), "needs": ["food"]})
        await publishing.published(session, near)
        await publishing.published(session, copy)
        await session.commit()
    shown = rows((await colleague.get(PAGE, params={"kind": "location"})).text)
    assert shown["Place"] == "Mosul Mosul"
    assert shown["Point on the map ≠ (different)"] == "36.34000, 43.13000"
    page = (await colleague.get(PAGE, params={"kind": "service"})).text
    shown = rows(page)
    assert shown["Where and which numbers"] == " ".join(["Zuhur quarter Mosul +447700900999"] * 2)
    assert set(shown["Needs ≠ (different)"].split()) == {"Food", "Mental", "health"}
    assert "Also different: Cost" in words(page)
    assert "similar name same organization same location same phone number" in words(page)


@pytest.mark.parametrize("role", ["hotline", "caseworker", "reviewer"])
async def test_others_may_only_say_that_they_differ(app: FastAPI, twice: Twice, engines: Resources, role: str) -> None:
    async with engines.sessions() as session:
        await accounts.create_staff(session, f"{role}@example.org", role, role, PASSWORD)
        await session.commit()
    async with browsing(app) as visitor:
        await visitor.sign_in(f"{role}@example.org")
        page = (await visitor.get(PAGE)).text
        assert "They are not the same" in page
        assert "Keep this one" not in page
        for action in ("move", "archive"):
            assert (await visitor.submit(f"{PAGE}/{action}", PAGE, **merge(twice))).status_code == 403
        assert set((await states(engines)).values()) == {"published"}
        answer = await visitor.submit(f"{PAGE}/not-the-same", PAGE, **pair(twice))
        assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}?kind=organization")
        page = (await visitor.get(PAGE)).text
        assert "Nothing here looks entered twice" in page
        assert "Said not to be the same" in page
        assert (await visitor.submit(f"{PAGE}/maybe-the-same", PAGE, **pair(twice))).status_code == 303
        assert "They are not the same" in (await visitor.get(PAGE)).text


async def test_services_move_then_the_entry_goes(admin: Visitor, boss: Staff, twice: Twice, engines: Resources) -> None:
    page = (await admin.get(PAGE)).text
    assert "Keep this one, move 1 service of the other to it" in page
    assert page.count("Keep this one, archive the other") == 1
    assert (await admin.submit(f"{PAGE}/move", PAGE, **merge(twice))).status_code == 303
    page = (await admin.get(PAGE)).text
    assert "its move waits for review" in page
    assert "Once they are published, it can be archived" in page
    early = await admin.submit(f"{PAGE}/archive", PAGE, **merge(twice))
    assert early.status_code == 409
    assert "Nothing was changed" in early.text
    async with engines.sessions() as session:
        omar = await accounts.create_staff(session, "omar@example.org", "Omar", "reviewer", PASSWORD)
        [revision] = await session.scalars(select(Revision).where(Revision.state == "in_review"))
        assert revision.author_id == boss.id
        await publishing.publish(session, revision, by=omar.id)
        await session.commit()
    page = (await admin.get(PAGE)).text
    assert page.count("Keep this one, archive the other") == 1
    assert (await admin.submit(f"{PAGE}/archive", PAGE, **merge(twice))).status_code == 303
    assert (await states(engines))[twice.again.id] == "archived"
    assert "Nothing here looks entered twice" in (await admin.get(PAGE)).text
    again = await admin.submit(f"{PAGE}/archive", PAGE, **merge(twice))
    assert again.status_code == 409


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize(
    "change",
    [
        {"kind": "article"},
        {"kind": ATTACK},
        {"first": "x", "stays": "x"},
        {"second": ATTACK, "goes": ATTACK},
        {"second": "", "goes": ""},
    ],
)
async def test_forms_that_no_page_of_ours_makes(
    admin: Visitor, twice: Twice, engines: Resources, action: str, change: dict[str, str]
) -> None:
    answer = await admin.submit(f"{PAGE}/{action}", PAGE, **pair(twice) | merge(twice) | change)
    assert answer.status_code == 404
    assert "<script>alert" not in answer.text
    assert set((await states(engines)).values()) == {"published"}


async def test_forged_ids_change_nothing(admin: Visitor, twice: Twice, engines: Resources) -> None:
    for other in (uuid4(), twice.hope.id, twice.where.id, twice.service.id):
        answer = await admin.submit(f"{PAGE}/not-the-same", PAGE, **pair(twice) | {"second": str(other)})
        assert answer.status_code == 404
        for action in ("move", "archive"):
            answer = await admin.submit(f"{PAGE}/{action}", PAGE, **merge(twice) | {"goes": str(other)})
            assert answer.status_code == 409
    async with engines.sessions() as session:
        assert list(await session.scalars(select(NotDuplicate))) == []
        assert list(await session.scalars(select(Revision).where(Revision.state == "in_review"))) == []
    assert set((await states(engines)).values()) == {"published"}


async def test_forms_from_elsewhere_are_refused(admin: Visitor, twice: Twice, engines: Resources) -> None:
    token = await admin.token(PAGE)
    for action in ACTIONS:
        fields = pair(twice) | merge(twice)
        assert (await admin.post(f"{PAGE}/{action}", data=fields)).status_code == 403
        elsewhere = {"Sec-Fetch-Site": "cross-site"}
        sent = fields | {"form_token": token}
        assert (await admin.post(f"{PAGE}/{action}", data=sent, headers=elsewhere)).status_code == 403
    assert set((await states(engines)).values()) == {"published"}


@pytest.mark.parametrize("query", [{"kind": "x"}, {"kind": "article"}, {"page": "0"}, {"page": "31"}, {"page": ATTACK}])
async def test_addresses_that_no_page_of_ours_makes(colleague: Visitor, query: dict[str, str]) -> None:
    assert (await colleague.get(PAGE, params=query)).status_code == 404


async def test_many_pairs_come_in_pages(admin: Visitor, engines: Resources) -> None:
    async with engines.sessions() as session:
        for number in range(6):
            await publishing.published(
                session, Organization(name=both("جمعية الأمل"), website=f"https://{number}.example")
            )
        await session.commit()
    first = (await admin.get(PAGE)).text
    assert "15 pairs to look at" in first
    assert first.count("<article") == 10
    second = (await admin.get(PAGE, params={"page": "2"})).text
    assert second.count("<article") == 5
    assert "Less likely" not in second
    assert "Nothing here" in (await admin.get(PAGE, params={"page": "30"})).text


async def test_hostile_texts_stay_texts(colleague: Visitor, engines: Resources) -> None:
    hostile: dict[str, Any] = {"name": both('Hope" onfocus="alert(1) {{ 7*7 }}'), "email": ATTACK.replace("<", "‹")}
    async with engines.sessions() as session:
        for _ in range(2):
            await publishing.published(session, Organization(**hostile))
        await session.commit()
    page = (await colleague.get(PAGE)).text
    assert 'Hope" on' not in page
    assert "Hope&#34; on" in page
    assert "49" not in rows(page)["Name"]
