"""Writing and publishing an entry in a real browser, and whether everybody can use the pages."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from console.accounts import Staff
from directory import publishing
from directory.confirming import Link, write
from directory.models import Entry
from directory.records import Service
from infrastructure.resources import Resources
from tests.browser.test_console import PHONE
from tests.console.browsing import PASSWORD
from tests.console.directory_pages import LIST, revisions
from tests.console.people import people
from tests.directory.rows import add_service, both

__all__ = ["people"]

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
# What keeps somebody from using a page; less is looked at by eye.
GRAVE = ("critical", "serious")


@pytest.fixture
async def service(people: dict[str, Staff], engines: Resources) -> Service:
    async with engines.sessions() as session:
        service = await add_service(session, "Clinic", needs=("health",))
        changed = service.model_copy(update={"name": both("Clinic for all")})
        revision = await publishing.propose(session, changed, author=people["other_admin"].id, base=1)
        await publishing.submit(session, revision)
        await session.commit()
    return service


async def sign_in(browser: Browser, address: str, name: str, **context: object) -> tuple[Page, list[str]]:
    """A page with somebody signed in, and what its console complains of."""
    page = await (await browser.new_context(**{"locale": "en-GB", **context})).new_page()  # type: ignore[arg-type]
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    await page.goto(f"{address}/console/sign-in")
    await page.locator("[name=email]").fill(f"{name}@example.org")
    await page.locator("[name=password]").fill(PASSWORD)
    await page.locator("form[action='/console/sign-in'] button").click()
    await page.wait_for_url(f"{address}/console/conversations")
    return page, complaints


@pytest.fixture
async def page(browser: Browser, address: str, people: dict[str, Staff]) -> AsyncIterator[Page]:
    page, complaints = await sign_in(browser, address, "admin")
    yield page
    assert complaints == []


async def test_a_service_is_written_checked_as_it_is_typed_and_published(
    page: Page, browser: Browser, address: str, engines: Resources
) -> None:
    await page.goto(f"{address}{LIST}")
    await page.get_by_role("link", name="New: Service").click()
    await page.locator("[name='name.ar']").fill("سلة غذاء")
    await page.locator("[name='name.en']").fill("Food baskets")
    await page.locator("[name='summary.ar']").fill("غذاء كل شهر")
    await page.locator("[name='summary.en']").fill("Food <b>each</b> month")
    await expect(page.locator("#check")).to_contain_text("write plain text")
    await expect(page.locator("[data-problem-of='summary.en']")).to_contain_text("write plain text")
    await page.locator("[name='summary.en']").fill("Food each month")
    await expect(page.locator("[data-problem-of='summary.en']")).to_be_empty()
    await page.get_by_label("Food", exact=True).check()

    await expect(page.locator("[name='organization_id.new.name.en']")).to_be_hidden()
    await page.get_by_label("A new organization").check()
    await page.locator("[name='organization_id.new.name.ar']").fill("جمعية")
    await page.locator("[name='organization_id.new.name.en']").fill("Society")
    await page.get_by_role("button", name="Add a place").click()
    # What was typed is still there after the form was made longer.
    await expect(page.locator("[name='summary.en']")).to_have_value("Food each month")
    await page.get_by_label("A new location").check()
    await page.locator("[name='at[0].location_id.new.place']").select_option(label="Mosul")
    await page.locator("[name='at[0].location_id.new.address.ar']").fill("شارع النيل")
    await page.locator("[name='at[0].location_id.new.address.en']").fill("Nile Street")
    await page.get_by_role("button", name="Add a phone").click()
    await page.locator("[name='at[0].phones[0].number']").fill("07700000001")
    await page.get_by_role("button", name="Add opening hours").click()
    for day in ("Sunday", "Thursday"):
        await page.get_by_label(day, exact=True).check()
    await page.locator("[name='at[0].schedules[0].opens_at']").fill("09:00")
    await page.locator("[name='at[0].schedules[0].closes_at']").fill("14:00")
    await page.locator("[name='assured_date']").fill("2026-11-01")
    await expect(page.locator("#check")).to_contain_text("Sun, Thu 9am-2pm")
    await expect(page.locator("#check")).to_contain_text("الأحد، الخميس 9ص-2م")
    await expect(page.locator("#check")).to_contain_text("All that is needed is there.")
    await page.get_by_role("button", name="Send for review").click()
    await expect(page.locator(".open-revision")).to_contain_text("In review")
    await expect(page.locator(".open-revision")).to_contain_text("You wrote this yourself")

    reviewer, _ = await sign_in(browser, address, "reviewer")
    await reviewer.goto(page.url)
    await reviewer.get_by_role("button", name="Publish").click()
    await expect(reviewer.get_by_role("status")).to_contain_text("the bot says it from now on")
    async with engines.sessions() as session:
        entry = await session.get_one(Entry, page.url.split("/")[-1])
    assert entry.status == "published"


async def test_enter_saves_a_draft_and_presses_no_other_button(page: Page, address: str, engines: Resources) -> None:
    await page.goto(f"{address}{LIST}/new/organization")
    await page.locator("[name='name.en']").fill("Society")
    await page.locator("[name='name.en']").press("Enter")
    await expect(page.locator(".open-revision")).to_contain_text("Draft")
    assert [one.document["name"]["en"] for one in await revisions(engines, page.url.split("/")[-1])] == ["Society"]


async def test_a_form_without_scripts_works_too(
    browser: Browser, address: str, people: dict[str, Staff], engines: Resources
) -> None:
    page, _ = await sign_in(browser, address, "admin", java_script_enabled=False)
    await page.goto(f"{address}{LIST}/new/service")
    await page.locator("[name='name.en']").fill("Food baskets")
    await page.get_by_role("button", name="Add a place").click()
    await expect(page.locator("[name='name.en']")).to_have_value("Food baskets")
    await expect(page.get_by_label("A new location")).to_have_count(1)
    await page.get_by_role("button", name="Send for review").click()
    await expect(page.get_by_role("alert")).to_contain_text("Not saved yet")
    await expect(page.locator("[name='name.en']")).to_have_value("Food baskets")


@pytest.mark.parametrize("look", ["english", "arabic on a phone in the dark"])
async def test_no_page_keeps_anybody_out(
    browser: Browser, address: str, engines: Resources, service: Service, look: str
) -> None:
    context: dict[str, object] = {}
    if look != "english":
        context = {"locale": "ar-IQ", "viewport": PHONE, "color_scheme": "dark"}
    page, _ = await sign_in(browser, address, "admin", **context)
    entry = f"{LIST}/{service.id}"
    forms = [f"{LIST}/new/{kind}" for kind in ("service", "organization", "location", "article")]
    rooms = ("review", "due", f"due/{service.id}", "reports", "coverage", "duplicates", "import", "export", "log")
    link = write(Link("service", service.id, datetime.now(UTC) + timedelta(days=1)))
    paths = [LIST, entry, f"{entry}/edit", f"{entry}/revisions/1", *forms, *(f"{LIST}/{room}" for room in rooms)]
    paths.append(f"/confirm/{link}")
    for path in paths:
        await page.goto(address + path)
        await page.evaluate(AXE.read_text("utf-8"))
        found = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        grave = [(one["id"], one["nodes"][0]["html"]) for one in found["violations"] if one["impact"] in GRAVE]
        assert grave == [], path
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
