"""Staff at work in the console: signing in, seeing somebody write, in Arabic and on a phone."""

from playwright.async_api import Browser, ConsoleMessage, Page, expect

from console.accounts import Staff
from conversations import handover
from infrastructure import events
from infrastructure.resources import Resources
from tests.console.browsing import EMAIL, PASSWORD
from tests.console.rows import conversation, message

PHONE = {"width": 360, "height": 740}


async def _sign_in(browser: Browser, address: str, locale: str, **context: object) -> tuple[Page, list[str]]:
    """A page on the list of conversations, and what the browser complains about from now on."""
    page = await browser.new_page(locale=locale, **context)  # type: ignore[arg-type]
    complaints: list[str] = []

    def note(said: ConsoleMessage) -> None:
        # Leaving a page cuts off what it was just fetching; htmx says so, and that is all right.
        if said.type in ("error", "warning") and "htmx:send" not in said.text:
            complaints.append(said.text)

    page.on("console", note)
    await page.goto(address)
    await page.locator("#email").fill(EMAIL)
    await page.locator("#password").fill(PASSWORD)
    await page.locator("main form button").click()
    await page.wait_for_url("**/console/conversations")
    return page, complaints


async def test_conversation_appears_and_grows_by_itself(
    browser: Browser, address: str, staff: Staff, engines: Resources
) -> None:
    page, complaints = await _sign_in(browser, address, "en-GB")
    await expect(page.get_by_text("Nobody has written yet")).to_be_visible()
    async with engines.sessions() as session:
        made = await conversation(session, "+9647700000123", "where can I get help")
        await session.commit()
    await events.publish(engines.redis, "conversation_changed", conversation=str(made.id))
    await page.get_by_role("link", name="•••123").click()
    await expect(page.locator(".bubble")).to_have_text(["where can I get help"])
    async with engines.sessions() as session:
        await message(session, made, "a second message")
        await handover.request(session, made.id, "asked")
        await session.commit()
    await events.publish(engines.redis, "conversation_changed", conversation=str(made.id))
    await expect(page.locator(".bubble")).to_have_text(["where can I get help", "a second message"])
    await page.get_by_role("button", name="Mark as handled").click()
    await expect(page.get_by_role("button", name="Mark as handled")).to_have_count(0)
    await expect(page.get_by_text("Nobody waits for a person")).to_be_visible()
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.locator("#email")).to_be_visible()
    assert complaints == []


async def test_arabic_runs_from_the_right(browser: Browser, address: str, staff: Staff, engines: Resources) -> None:
    async with engines.sessions() as session:
        made = await conversation(session, "+9647700000123", "وين اكدر احصل على دعم نفسي؟", "hello")
        await session.commit()
    page, complaints = await _sign_in(browser, address, "ar-IQ")
    await page.goto(f"{address}/console/conversations/{made.id}")
    listing, thread = await page.locator(".pane-list").bounding_box(), await page.locator(".pane-thread").bounding_box()
    assert listing
    assert thread
    assert listing["x"] > thread["x"]
    # The newest message is English: it keeps its direction, lined up with the list.
    excerpt = page.locator(".excerpt")
    await expect(excerpt).to_have_css("direction", "ltr")
    await expect(excerpt).to_have_css("text-align", "right")
    await expect(page.locator(".bubble p").first).to_have_css("direction", "rtl")
    await expect(page.locator(".bubble p").last).to_have_css("direction", "ltr")
    assert await page.evaluate(
        "document.fonts.ready.then(() => document.fonts.check('16px Noto Sans Arabic Variable', 'دليل'))"
    )
    await page.get_by_role("button", name="English").click()
    await expect(page.locator("html")).to_have_attribute("dir", "ltr")
    assert complaints == []


async def test_phone_shows_one_pane_at_a_time(browser: Browser, address: str, staff: Staff, engines: Resources) -> None:
    async with engines.sessions() as session:
        await conversation(session, "+9647700000123", "a long message " * 40)
        await session.commit()
    page, _ = await _sign_in(browser, address, "en-GB", viewport=PHONE)
    await expect(page.locator(".pane-thread")).to_be_hidden()
    await page.get_by_role("link", name="•••123").click()
    await expect(page.locator(".pane-list")).to_be_hidden()
    assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    await page.get_by_role("link", name="Back to the list").click()
    await expect(page.locator(".pane-list")).to_be_visible()


async def test_dark_follows_the_system_until_somebody_chooses(browser: Browser, address: str, staff: Staff) -> None:
    page, _ = await _sign_in(browser, address, "en-GB", color_scheme="dark")
    await expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    await page.get_by_role("button", name="Light or dark").click()
    await page.reload()
    await expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")


async def test_page_leaves_when_the_session_ends(
    browser: Browser, address: str, staff: Staff, engines: Resources
) -> None:
    page, _ = await _sign_in(browser, address, "en-GB")
    async with engines.sessions() as session:
        (await session.get_one(Staff, staff.id)).active = False
        await session.commit()
    await events.publish(engines.redis, "conversation_changed", conversation="c0ffee")
    await expect(page.locator("#email")).to_be_visible()
