"""An admin changes a service in a browser, a second person publishes it, and the next text says it."""

import asyncio

from playwright.async_api import Browser, expect

from tests.browser.staff import signed_in
from tests.phone import Phone
from tests.stack import Stack

QUESTION = "I need support for my elderly father in Sulaymaniyah"


async def test_what_an_admin_changes_is_what_the_next_text_says(browser: Browser, stack: Stack, phone: Phone) -> None:
    async def asks() -> str:
        await asyncio.to_thread(phone.texts, QUESTION)
        return (await asyncio.to_thread(phone.receives)).body

    before = await asks()
    assert "Closed for repairs" not in before
    name = before.splitlines()[1].split(",")[0]
    admin = await signed_in(browser, stack, "admin")
    await admin.goto(f"{stack.url}/console/directory?need=elderly_support")
    await admin.locator(".entries").get_by_role("link", name=name).first.click()
    await admin.get_by_role("link", name="Change").first.click()
    await admin.locator("[name='alert.ar']").fill("مغلق للتصليح")
    await admin.locator("[name='alert.en']").fill("Closed for repairs")
    await expect(admin.locator("#check")).to_contain_text("Closed for repairs")
    await admin.get_by_role("button", name="Send for review").click()
    await admin.wait_for_load_state()
    assert "Closed for repairs" not in await asks()

    reviewer = await signed_in(browser, stack, "reviewer")
    await reviewer.goto(f"{stack.url}/console/directory/review")
    await reviewer.get_by_role("link", name=name).first.click()
    await expect(reviewer.locator("main")).to_contain_text("Closed for repairs")
    await reviewer.get_by_role("button", name="Publish").click()
    await expect(reviewer.locator("main")).to_contain_text("says it from now on")
    assert "Closed for repairs" in await asks()
