"""Correcting what was misread, and keeping emergency lines, in a real browser."""

from playwright.async_api import Browser, Page, expect
from sqlalchemy import select

from console.accounts import Staff
from conversations.models import Correction, EmergencyLine
from directory.places import load_places
from infrastructure.resources import Resources
from tests.browser.test_console import PHONE, _sign_in
from tests.console.rows import conversation, message, turn


async def _asked(engines: Resources, *texts: str) -> None:
    async with engines.sessions() as session:
        talk = await conversation(session, "+9647700000123")
        for text in texts:
            entities = {"need": ["cash"], "document": ["passport"]}
            await turn(session, await message(session, talk, text), sure=False, confidence=0.3, entities=entities)
        await session.commit()


async def _fits(page: Page) -> bool:
    # Between two pages there is no document to measure.
    await page.wait_for_load_state()
    return bool(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


async def test_rows_change_in_place(browser: Browser, address: str, staff: Staff, engines: Resources) -> None:
    await _asked(engines, "first", "second", "third")
    page, complaints = await _sign_in(browser, address, "en-GB")
    await page.get_by_role("link", name="Learning").click()
    third, second, first = (page.locator("article").filter(has_text=text) for text in ("third", "second", "first"))
    await third.get_by_role("button", name="Right as it is").click()
    await expect(third).to_contain_text("Zainab says")
    await expect(third.get_by_role("button", name="Right as it is")).to_have_count(0)
    await second.get_by_role("combobox").select_option("ask_document")
    await expect(second.get_by_label("Passport", exact=True)).to_be_checked()
    await second.get_by_label("Passport", exact=True).uncheck()
    await second.get_by_label("Ration card").check()
    await second.get_by_role("button", name="Save").click()
    await expect(second.locator(".chips-meant")).to_contain_text("Asks about a document")
    await expect(second.locator(".chips-meant")).to_contain_text("Ration card")
    await second.get_by_text("Change").click()
    await second.get_by_role("combobox").select_option("greet")
    await expect(second.get_by_label("Ration card")).to_have_count(0)
    await second.get_by_role("button", name="Save").click()
    await expect(second.locator(".chips-meant")).to_have_text("Zainab says Greeting")
    await expect(first).not_to_contain_text("says")
    await expect(page).to_have_url(f"{address}/console/learning")
    async with engines.sessions() as session:
        kept = list(await session.scalars(select(Correction).order_by(Correction.intent)))
    assert [(correction.intent, correction.entities) for correction in kept] == [
        ("find_service", {"need": ["cash"], "document": ["passport"]}),
        ("greet", {}),
    ]
    assert complaints == []


async def test_a_colleague_was_faster_in_place(
    browser: Browser, address: str, staff: Staff, engines: Resources
) -> None:
    await _asked(engines, "hello")
    page, _ = await _sign_in(browser, address, "ar-IQ")
    other, _ = await _sign_in(browser, address, "ar-IQ")
    await page.goto(f"{address}/console/learning")
    await other.goto(f"{address}/console/learning")
    await other.get_by_role("button", name="صحيح كما هو").click()
    await expect(other.locator("article")).to_contain_text("رأي Zainab")
    await page.get_by_role("combobox", name="معناها").select_option("greet")
    await page.get_by_role("button", name="حفظ").click()
    await expect(page.locator("article")).to_contain_text("سبقك زميل")
    async with engines.sessions() as session:
        [correction] = await session.scalars(select(Correction))
    assert correction.intent == "find_service"


async def test_without_scripts_forms_do(browser: Browser, address: str, staff: Staff, engines: Resources) -> None:
    await _asked(engines, "hello")
    page, _ = await _sign_in(browser, address, "en-GB", java_script_enabled=False)
    await page.goto(f"{address}/console/learning?state=unsure")
    await page.locator("main select[name=intent]").select_option("ask_document")
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator(".chips-meant")).to_contain_text("Passport")
    await page.get_by_label("Passport", exact=True).uncheck()
    await page.get_by_label("Travel document").check()
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator(".chips-meant")).to_contain_text("Travel document")
    await expect(page.locator(".chips-meant")).not_to_contain_text("Passport")
    await page.get_by_role("link", name="To the list").click()
    await expect(page).to_have_url(f"{address}/console/learning?state=unsure")
    await expect(page.get_by_text("Nothing here")).to_be_visible()


async def test_an_admin_keeps_lines_on_a_phone(
    browser: Browser, address: str, staff: Staff, engines: Resources
) -> None:
    async with engines.sessions() as session:
        await load_places(session)
        (await session.get_one(Staff, staff.id)).role = "admin"
        await session.commit()
    await _asked(engines, "a long message " * 60, "w" * 300)
    page, complaints = await _sign_in(browser, address, "ar-IQ", viewport=PHONE)
    await page.get_by_role("link", name="التعلّم").click()
    assert await _fits(page)
    await page.get_by_role("link", name="أرقام الطوارئ").click()
    await page.get_by_role("link", name="إضافة رقم").click()
    await page.locator("#number").fill("١٢٢")
    await page.locator("#name_ar").fill("الإسعاف")
    await page.locator("#name_en").fill("Ambulance")
    await page.get_by_label("حالة طبية طارئة").check()
    await page.get_by_label("نينوى").check()
    assert await _fits(page)
    await page.get_by_label("اتصلتُ بهذا الرقم اليوم وهو يعمل").check()
    await page.get_by_role("button", name="حفظ").click()
    await expect(page.locator(".address")).to_have_text("122")
    await page.get_by_label("المكان المذكور في الرسالة").select_option(label="نينوى")
    await page.get_by_role("button", name="عرض").click()
    await expect(page.locator(".answer-text").filter(has_text="122 الإسعاف")).to_have_count(1)
    assert await _fits(page)
    await page.get_by_role("link", name="تعديل").click()
    await page.get_by_role("button", name="حذف هذا الرقم").click()
    await expect(page.get_by_text("لا أرقام بعد")).to_be_visible()
    async with engines.sessions() as session:
        assert list(await session.scalars(select(EmergencyLine))) == []
    assert complaints == []
