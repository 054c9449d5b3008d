"""A person's phone and a colleague's browser, with the whole product between them: taken over, and handed back."""

import asyncio
import re

from playwright.async_api import Browser, expect

from tests.browser.staff import signed_in
from tests.phone import Phone
from tests.stack import Stack


async def test_staff_take_a_conversation_over_and_hand_it_back(browser: Browser, stack: Stack, phone: Phone) -> None:
    async def texts(body: str) -> None:
        await asyncio.to_thread(phone.texts, body)

    async def receives(*words: str) -> None:
        await asyncio.to_thread(phone.receives, *words)

    page = await signed_in(browser, stack, "hotline")
    await texts("اريد احچي ويه موظف")
    await receives("موظف")
    await page.get_by_role("link", name=re.compile("Waiting")).click()
    await page.get_by_role("link", name=f"•••{phone.number[-3:]}").click()
    await page.get_by_role("button", name="Take over").click()
    await receives("Hotline (demo)")
    box = page.get_by_role("textbox", name="Your answer")
    await box.fill("هلا بيك، شلون أساعدك؟")
    # While it is being typed the person goes on writing; it appears, and the bot says nothing to it.
    await texts("وين اكدر احصل على دعم نفسي بالموصل؟")
    await expect(page.locator(".turn.inbound").last).to_contain_text("دعم نفسي")
    await expect(box).to_have_value("هلا بيك، شلون أساعدك؟")
    await page.get_by_role("button", name="Send").click()
    await receives("شلون أساعدك؟")
    await expect(page.locator(".turn.staff .under")).to_contain_text("Delivered")
    await page.get_by_text("Hand back to the automatic guide").click()
    await page.get_by_label("Answered").check()
    await page.get_by_role("button", name="Hand back").click()
    await receives("دليل الآلي")
    # Nothing is left of what was spoken of before: the bot asks what is needed.
    await texts("الموصل")
    await receives("شنو تحتاج")
    await texts("دعم نفسي")
    await receives("الموصل")
    await expect(page.locator(".turn.outbound").last).to_contain_text("الموصل")
