"""The log: who reads it, what it says of every act, and how one finds an act in it."""

import re
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from console import accounts
from console.accounts import Staff
from console.directory import log
from daleel.database import demo_line
from directory import publishing
from directory.records import Organization
from infrastructure import audit
from infrastructure.audit import AuditRecord
from infrastructure.resources import Resources
from tests.console.browsing import PASSWORD, Visitor, browsing
from tests.directory.rows import both

PAGE, LINES = "/console/directory/log", "/console/emergency-lines"
ATTACK = '<script>alert("x")</script>'


async def done(
    engines: Resources, *actions: str, by: UUID | None = None, subject: UUID | None = None, **details: object
) -> None:
    async with engines.sessions() as session:
        for action in actions:
            audit.record(session, by, action, subject, **details)
            await session.flush()
        await session.commit()


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def listed(page: str) -> list[str]:
    """The acts that a page lists, in words."""
    return [words(act) for act in re.findall(r'<li class="lesson">(.*?)</li>', page, re.DOTALL)]


async def test_the_log_needs_somebody_signed_in(visitor: Visitor) -> None:
    assert (await visitor.get(PAGE)).headers["location"].startswith("/console/sign-in")


@pytest.mark.parametrize(("role", "status"), [("hotline", 403), ("caseworker", 403), ("reviewer", 200), ("admin", 200)])
async def test_reviewers_and_admins_read_it(app: FastAPI, engines: Resources, role: str, status: int) -> None:
    async with engines.sessions() as session:
        await accounts.create_staff(session, f"{role}@example.org", role, role, PASSWORD)
        await session.commit()
    async with browsing(app) as visitor:
        await visitor.sign_in(f"{role}@example.org")
        answer = await visitor.get(PAGE)
    assert answer.status_code == status
    assert ("Account made" in answer.text) == (status == 200)


async def test_what_became_of_an_entry_the_newest_first(admin: Visitor, boss: Staff, engines: Resources) -> None:
    async with engines.sessions() as session:
        author = await accounts.create_staff(session, "omar@example.org", "Omar", "admin", PASSWORD)
        organization = Organization(name=both("Helpers"))
        revision = await publishing.propose(session, organization, author=author.id)
        await publishing.submit(session, revision)
        await session.flush()
        await publishing.publish(session, revision, by=boss.id)
        await session.commit()
    page = (await admin.get(PAGE, params={"entry": str(organization.id)})).text
    published, submitted, written = listed(page)
    assert "Amal Published Helpers version 1" in published
    assert "Omar Handed in for review Helpers version 1" in submitted
    assert "Omar Written Helpers version 1" in written
    assert f'href="/console/directory/{organization.id}"' in page


async def test_an_entry_that_was_never_published_has_its_name_too(admin: Visitor, engines: Resources) -> None:
    organization = Organization(name=both("Beginners"))
    async with engines.sessions() as session:
        revision = await publishing.propose(session, organization, author=None)
        await publishing.submit(session, revision)
        await session.commit()
    [act] = listed((await admin.get(PAGE, params={"action": "entry.submitted"})).text)
    assert "nobody signed in Handed in for review Beginners" in act


async def test_details_name_colleagues_and_lead_to_entries(admin: Visitor, boss: Staff, engines: Resources) -> None:
    other = uuid4()
    await done(engines, "entry.merged", into=str(other))
    await done(engines, "entry.keeper_set", keeper=str(boss.id))
    await done(engines, "entry.keeper_set", keeper=None)
    page = (await admin.get(PAGE)).text
    nobody, keeper, merged = listed(page)[:3]
    assert "Given to a keeper keeper: None" in nobody
    assert "Given to a keeper Amal" in keeper
    assert "Archived as a duplicate the other entry" in merged
    assert f'href="/console/directory/{other}"' in page


async def test_person_action_and_entry_narrow_it_down(admin: Visitor, boss: Staff, engines: Resources) -> None:
    entry = uuid4()
    await done(engines, "entry.archived", by=boss.id, subject=entry)
    await done(engines, "entry.archived")
    await done(engines, "entry.assured", by=boss.id, subject=entry, day="2026-11-01")
    expected = {
        ("action", "entry.archived"): 2,
        ("person", str(boss.id)): 2,
        ("entry", str(entry)): 2,
        ("person", str(uuid4())): 0,
        ("action", "entry.archived\0"): 2,
    }
    for (name, value), number in expected.items():
        assert len(listed((await admin.get(PAGE, params={name: value})).text)) == number, name
    both_of_them = {"action": "entry.assured", "entry": str(entry), "person": str(boss.id)}
    [act] = listed((await admin.get(PAGE, params=both_of_them)).text)
    assert "Found right day: 2026-11-01" in act
    nothing = await admin.get(PAGE, params={"action": "entry.assured", "person": str(uuid4())})
    assert "Nothing like this was done" in nothing.text


@pytest.mark.parametrize(
    "query",
    [{"person": "x"}, {"entry": ATTACK}, {"before": "0"}, {"before": "9" * 30}, {"action": "x" * 101}],
)
async def test_addresses_that_no_page_of_ours_makes(admin: Visitor, query: dict[str, str]) -> None:
    answer = await admin.get(PAGE, params=query)
    assert answer.status_code == 404
    assert "<script>alert" not in answer.text


async def test_acts_and_details_that_nobody_has_words_for_are_shown_as_they_are(
    admin: Visitor, engines: Resources
) -> None:
    await done(engines, "shop.opened", rows=12_345, problems=[ATTACK])
    page = (await admin.get(PAGE, params={"action": "shop.opened"})).text
    [act] = listed(page)
    assert "shop.opened rows: 12345 problems: &lt;script&gt;" in act
    assert "<script>alert" not in page
    assert "<option selected>shop.opened</option>" in page


async def test_every_act_to_choose_from_has_words_in_both_languages(admin: Visitor) -> None:
    for language in ("en", "ar"):
        page = (await admin.get(PAGE, headers={"Accept-Language": language})).text
        for action in log.ACTIONS:
            [shown] = re.findall(rf'<option value="{re.escape(action)}" >([^<]+)<', page)
            assert shown != action
            assert shown.isascii() == (language == "en")


async def test_a_long_log_comes_in_pages(admin: Visitor, engines: Resources) -> None:
    await done(engines, *(f"act.{number}" for number in range(log.PAGE + 3)))
    page = (await admin.get(PAGE)).text
    assert len(listed(page)) == log.PAGE
    assert f"act.{log.PAGE + 2}" in listed(page)[0]
    [older] = re.findall(r'href="(/console/directory/log\?before=\d+)"', page)
    rest = (await admin.get(older)).text
    # The last three, and the account that looks.
    assert ["act.2" in listed(rest)[0], "act.0" in listed(rest)[2], len(listed(rest))] == [True, True, 4]
    assert "Older" not in rest
    assert f'href="{PAGE}"' in rest


async def test_an_empty_log_is_kind(admin: Visitor, engines: Resources) -> None:
    async with engines.sessions() as session:
        await session.execute(AuditRecord.__table__.delete())
        await session.commit()
    assert "Nothing was changed yet" in (await admin.get(PAGE)).text


async def test_hostile_names_stay_texts(admin: Visitor, engines: Resources) -> None:
    async with engines.sessions() as session:
        mallory = await accounts.create_staff(session, "m@example.org", ATTACK, "admin", PASSWORD)
        revision = await publishing.propose(session, Organization(name=both(ATTACK)), author=mallory.id)
        await session.commit()
    await done(engines, "entry.discarded", by=mallory.id, subject=revision.entry_id)
    page = (await admin.get(PAGE)).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


async def test_emergency_lines_are_in_the_log(admin: Visitor, boss: Staff, engines: Resources) -> None:
    fields = {"number": "122", "name_ar": "خط", "name_en": "Line", "danger": "suicide_risk", "called": "1"}
    await admin.submit(f"{LINES}/new", f"{LINES}/new", **fields)
    async with engines.sessions() as session:
        [added] = await session.scalars(select(AuditRecord).where(AuditRecord.action == "emergency_line.added"))
    assert (added.actor_id, added.details["number"]) == (boss.id, "122")
    line = f"{LINES}/{added.subject_id}"
    await admin.submit(line, line, **fields | {"name_en": "Helpers", "number": "123"})
    await admin.submit(f"{line}/remove", line)
    removed, changed, added_too = listed((await admin.get(PAGE)).text)[:3]
    assert "Amal Emergency line added number: 122" in added_too
    assert "Amal Emergency line changed number: 123 changed: number, name" in changed
    assert "Amal Emergency line removed number: 123" in removed


async def test_what_is_not_kept_is_not_in_the_log(admin: Visitor, engines: Resources) -> None:
    await admin.submit(f"{LINES}/new", f"{LINES}/new", number="122", name_ar="خط", name_en="Line", called="1")
    async with engines.sessions() as session:
        session.add(demo_line())
        await session.commit()
    demo = {"number": demo_line().number, "name_ar": "خط", "name_en": "Line", "danger": "suicide_risk", "called": "1"}
    assert (await admin.submit(f"{LINES}/new", f"{LINES}/new", **demo)).status_code == 422
    assert "Emergency line added" not in "".join(listed((await admin.get(PAGE)).text))


async def test_accounts_are_in_the_log(admin: Visitor, engines: Resources) -> None:
    async with engines.sessions() as session:
        await accounts.create_demo_staff(session, lambda email: f"password of {email}")
        await accounts.deactivate_demo_staff(session)
        await session.commit()
    async with engines.sessions() as session:
        await accounts.deactivate_demo_staff(session)
        await session.commit()
    acts = listed((await admin.get(PAGE)).text)
    assert sum("Account switched off" in act for act in acts) == len(accounts.ROLES)
    assert sum("Account made" in act for act in acts) == len(accounts.ROLES) + 1
    assert "nobody signed in Account made Amal role: admin" in acts[-1]
