"""A colleague's browser across from the whole product: a demo account signed in at the console."""

import re

from playwright.async_api import Browser, Page

from tests.stack import Stack


async def signed_in(browser: Browser, stack: Stack, role: str) -> Page:
    """A page of its own in which the demo account of a role is signed in."""
    found = re.search(rf"({role}@\S+)\s+(\S+)", stack.output.read_text())
    assert found
    page = await (await browser.new_context(locale="en-GB")).new_page()
    await page.goto(f"{stack.url}/console")
    await page.locator("#email").fill(found[1])
    await page.locator("#password").fill(found[2])
    await page.locator("main form button").click()
    await page.wait_for_url("**/console/conversations")
    return page
