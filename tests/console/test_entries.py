"""Finding entries, deciding on them, and going back to what they said before."""

import re
from typing import Any
from uuid import uuid4

import pytest

from console.accounts import Staff
from console.directory import maps
from directory import publishing
from directory.models import ImportBatch
from directory.places import read_places
from directory.publishing import mark
from directory.records import Hours, Service
from infrastructure.resources import Resources
from tests.console.browsing import Visitor
from tests.console.directory_pages import LIST, entry, revisions, words
from tests.console.people import admin, hotline, other_admin, people, reviewer, sign_in
from tests.directory.rows import a_service, add_service, both

__all__ = ["admin", "hotline", "other_admin", "people", "reviewer", "sign_in"]


@pytest.fixture
async def service(people: dict[str, Staff], engines: Resources) -> Service:
    async with engines.sessions() as session:
        service = await add_service(session, "Clinic", needs=("health",))
        await session.commit()
    return service


async def proposed(engines: Resources, service: Service, author: Staff, *, review: bool = True, **change: Any) -> str:
    """A change of a published service by somebody; returns the mark that a page of it carries."""
    async with engines.sessions() as session:
        changed = service.model_copy(update=change)
        revision = await publishing.propose(session, changed, author=author.id, base=1)
        if review:
            await publishing.submit(session, revision)
        await session.commit()
        return mark(revision)


async def test_the_list_shows_what_is_looked_for(hotline: Visitor, engines: Resources, service: Service) -> None:
    async with engines.sessions() as session:
        await add_service(session, "School", needs=("education",), place="IQG11")
        await publishing.propose(session, a_service("Draft of a clinic"), author=None)
        await session.commit()

    async def shown(query: str) -> set[str]:
        page = (await hotline.get(f"{LIST}?{query}")).text
        return {name for name in ("Clinic", "School", "Draft of a clinic") if f">{name}<" in page}

    assert await shown("") == {"Clinic", "School", "Draft of a clinic"}
    assert await shown("need=health") == {"Clinic"}
    assert await shown("place=IQG11") == {"School"}
    assert await shown("words=clinic") == {"Clinic", "Draft of a clinic"}
    assert await shown("standing=draft") == {"Draft of a clinic"}
    assert await shown("page=2") == set()
    assert (await hotline.get(f"{LIST}?kind=organization")).text.count("&#39;s owner<") == 2


@pytest.mark.parametrize("query", ["kind=shop", "standing=lost", "page=0", "page=x", "words=" + "x" * 201])
async def test_a_list_that_none_of_our_pages_asks_for(hotline: Visitor, query: str) -> None:
    assert (await hotline.get(f"{LIST}?{query}")).status_code == 404


@pytest.mark.parametrize("query", ["need=cash%27--", "place=%25", "words=%3Cscript%3E", "need=nothing&place=nowhere"])
async def test_strange_filters_find_nothing_and_run_nothing(hotline: Visitor, service: Service, query: str) -> None:
    response = await hotline.get(f"{LIST}?{query}")
    assert response.status_code == 200
    assert "<script>" not in response.text.split("<body>")[1]
    assert ">Clinic<" not in response.text


async def test_the_map_leads_to_a_places_list(hotline: Visitor, service: Service) -> None:
    page = (await hotline.get(f"{LIST}?need=health")).text
    link = re.search(r'href="(/console/directory\?[^"]*place=IQG15Q05)"', page)
    assert link
    assert "Mosul: 1" in page
    assert ">Clinic<" in (await hotline.get(link[1].replace("&amp;", "&"))).text


def test_every_place_is_within_the_picture_and_its_middle_within_the_outline() -> None:
    xs, ys = zip(*(map(float, pair.split(",")) for pair in re.findall(r"[\d.]+,[\d.]+", maps.outline())), strict=True)
    assert 0 <= min(xs) < max(xs) <= maps.WIDTH
    assert 0 <= min(ys) < max(ys) <= maps.HEIGHT
    for place in read_places():
        x, y = maps.project(place["longitude"], place["latitude"])
        assert min(xs) <= x <= max(xs), place["code"]
        assert min(ys) <= y <= max(ys), place["code"]


async def test_an_entry_shows_what_it_says_and_how_the_bot_says_it(hotline: Visitor, service: Service) -> None:
    said = words((await hotline.get(f"{LIST}/{service.id}")).text)
    assert "Health care in Mosul Clinic what it offers an address Sun-Mon 9am-3pm +447700900999" in said
    assert "English · 1 SMS part" in said
    assert "Version 1" in said
    assert "Archive" not in said
    assert (await hotline.get(f"{LIST}/{service.organization_id}")).text.count(f"{LIST}/{service.id}") == 1


async def test_a_second_person_publishes(
    admin: Visitor, reviewer: Visitor, engines: Resources, people: dict[str, Staff], service: Service
) -> None:
    seen = await proposed(engines, service, people["admin"], name=both("New name"))
    own = await admin.submit(f"{LIST}/{service.id}/publish", LIST, seen=seen)
    assert own.status_code == 409
    assert "You wrote this yourself" in own.text
    page = (await reviewer.get(f"{LIST}/{service.id}")).text
    assert "Clinic New name" in words(page)
    assert f"{LIST}/{service.id}" in (await reviewer.get(f"{LIST}/review")).text
    done = await reviewer.submit(f"{LIST}/{service.id}/publish", LIST, seen=seen)
    assert done.status_code == 303
    assert "the bot says it from now on" in (await reviewer.get(done.headers["location"])).text
    assert (await entry(engines, service.id)).document == service.model_copy(
        update={"name": both("New name")}
    ).document()


async def test_an_upload_is_reviewed_as_a_whole(
    reviewer: Visitor, engines: Resources, people: dict[str, Staff], service: Service
) -> None:
    async with engines.sessions() as session:
        batch = ImportBatch(
            filename="<b>all.xlsx", state="proposed", mapping={}, content={}, findings={}, created_by=people["admin"].id
        )
        session.add(batch)
        await session.flush()
        changed = service.model_copy(update={"name": both("New name")})
        revision = await publishing.propose(session, changed, author=people["admin"].id, base=1, batch=batch.id)
        await publishing.submit(session, revision)
        await session.commit()
    page = (await reviewer.get(f"{LIST}/review")).text
    assert f"{LIST}/import/{batch.id}" in page
    assert "&lt;b&gt;all.xlsx" in page
    assert f"{LIST}/{service.id}" not in page


async def test_nobody_publishes_what_they_have_not_seen(
    reviewer: Visitor, admin: Visitor, engines: Resources, people: dict[str, Staff], service: Service
) -> None:
    seen = await proposed(engines, service, people["admin"], name=both("first"))
    async with engines.sessions() as session:
        changed = service.model_copy(update={"name": both("second")})
        revision = await publishing.propose(session, changed, author=people["other_admin"].id, base=1, seen=seen)
        await publishing.submit(session, revision)
        await session.commit()
    for move in ("publish", "reject", "discard"):
        visitor = admin if move == "discard" else reviewer
        stale = await visitor.submit(f"{LIST}/{service.id}/{move}", LIST, seen=seen, note="no")
        assert stale.status_code == 409, move
        assert "second" in stale.text
    assert (await entry(engines, service.id)).document == service.document()


async def test_what_is_sent_back_has_a_word_why(
    reviewer: Visitor, engines: Resources, people: dict[str, Staff], service: Service
) -> None:
    seen = await proposed(engines, service, people["admin"], name=both("wrong"))
    await reviewer.submit(f"{LIST}/{service.id}/reject", LIST, seen=seen, note="<b>the street is missing</b>")
    newest = (await revisions(engines, service.id))[-1]
    assert (newest.state, newest.decided_by) == ("rejected", people["reviewer"].id)
    page = (await reviewer.get(f"{LIST}/{service.id}")).text
    assert "&lt;b&gt;the street is missing&lt;/b&gt;" in page
    assert "<b>the street" not in page


async def test_an_older_version_comes_back_through_review(
    admin: Visitor, reviewer: Visitor, engines: Resources, people: dict[str, Staff], service: Service
) -> None:
    seen = await proposed(engines, service, people["admin"], name=both("worse"))
    await reviewer.submit(f"{LIST}/{service.id}/publish", LIST, seen=seen)
    page = (await admin.get(f"{LIST}/{service.id}/revisions/1")).text
    assert "worse" in words(page)
    assert (await admin.submit(f"{LIST}/{service.id}/restore/1", LIST)).status_code == 303
    newest = (await revisions(engines, service.id))[-1]
    assert (newest.state, newest.document) == ("draft", service.document())
    again = await admin.submit(f"{LIST}/{service.id}/restore/1", LIST)
    assert again.status_code == 409
    assert "Somebody is writing this at the moment" in again.text


async def test_archived_at_once_by_one_admin_and_back_by_two(
    admin: Visitor, other_admin: Visitor, engines: Resources, service: Service
) -> None:
    assert (await admin.submit(f"{LIST}/{service.id}/archive", LIST)).status_code == 303
    assert (await entry(engines, service.id)).status == "archived"
    assert (await admin.submit(f"{LIST}/{service.id}/archive", LIST)).status_code == 409
    await admin.submit(f"{LIST}/{service.id}/restore/1", LIST)
    assert (await admin.submit(f"{LIST}/{service.id}/submit", LIST)).status_code == 303
    seen = mark((await revisions(engines, service.id))[-1])
    assert (await other_admin.submit(f"{LIST}/{service.id}/publish", LIST, seen=seen)).status_code == 303
    assert (await entry(engines, service.id)).status == "published"


async def test_what_is_missing_is_said_when_a_draft_is_sent(
    admin: Visitor, engines: Resources, people: dict[str, Staff], service: Service
) -> None:
    await proposed(engines, service, people["admin"], review=False, needs=[])
    refused = await admin.submit(f"{LIST}/{service.id}/submit", LIST)
    assert refused.status_code == 422
    assert "Needs : is missing" in words(refused.text)
    assert [one.state for one in await revisions(engines, service.id)] == ["published", "draft"]


@pytest.mark.parametrize("role", ["hotline", "reviewer"])
async def test_who_may_only_read_changes_nothing(
    hotline: Visitor, reviewer: Visitor, engines: Resources, people: dict[str, Staff], service: Service, role: str
) -> None:
    visitor = {"hotline": hotline, "reviewer": reviewer}[role]
    seen = await proposed(engines, service, people["admin"], name=both("changed"))
    moves = ["submit", "discard", "archive", "restore/1"] + (["publish", "reject"] if role == "hotline" else [])
    for move in moves:
        assert (await visitor.submit(f"{LIST}/{service.id}/{move}", LIST, seen=seen, note="x")).status_code == 403, move
    assert [one.state for one in await revisions(engines, service.id)] == ["published", "in_review"]
    assert (await entry(engines, service.id)).status == "published"


async def test_pages_need_somebody_signed_in(visitor: Visitor, service: Service) -> None:
    for address in (LIST, f"{LIST}/review", f"{LIST}/{service.id}", f"{LIST}/{service.id}/revisions/1"):
        assert (await visitor.get(address)).headers["location"].startswith("/console/sign-in"), address


async def test_there_is_no_such_entry_or_version(admin: Visitor, service: Service) -> None:
    missing = (f"{uuid4()}", f"{service.id}/revisions/9", f"{service.id}/revisions/{10**30}", "nonsense", "00000000")
    for address in missing:
        assert (await admin.get(f"{LIST}/{address}")).status_code == 404, address
    for move in ("submit", "publish", "archive", "restore/1", "discard"):
        assert (await admin.submit(f"{LIST}/{uuid4()}/{move}", LIST, seen="")).status_code == 404, move


async def test_a_draft_with_half_written_hours_is_shown(
    admin: Visitor, engines: Resources, people: dict[str, Staff], service: Service
) -> None:
    half = service.at[0].model_copy(update={"schedules": [Hours(byday=["SU"], opens_at="25:99")]})
    await proposed(engines, service, people["admin"], review=False, at=[half])
    for address in ("", "/edit", "/revisions/2"):
        assert (await admin.get(f"{LIST}/{service.id}{address}")).status_code == 200, address
