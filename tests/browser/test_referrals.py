"""A caseworker moves a referral in a real browser while the person's phone receives the news."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import select

from channels.twilio.sending import TwilioSender
from console.accounts import Staff
from conversations import outbox
from conversations.models import Conversation, Message
from directory.records import Service
from infrastructure.resources import Resources
from infrastructure.settings import Settings
from referrals.models import Referral
from tests.browser.test_console import PHONE
from tests.browser.test_directory import AXE, GRAVE, sign_in
from tests.console.people import people
from tests.console.rows import conversation
from tests.conversations.context import Context, Job
from tests.directory.rows import add_service
from tests.phone import Phone
from tests.referrals.rows import opened
from tests.stack import ACCOUNT, SMS_NUMBER, TOKEN

__all__ = ["people"]

LIST = "/console/referrals"


@pytest.fixture
async def talk(people: dict[str, Staff], engines: Resources, number: str) -> Conversation:
    async with engines.sessions() as session:
        talk = await conversation(session, number, "اريد محامي")
        await session.commit()
    return talk


@pytest.fixture
async def made(engines: Resources, talk: Conversation) -> Referral:
    async with engines.sessions() as session:
        service: Service = await add_service(session, "Legal clinic", needs=("legal_aid",))
        words = {"name": "Umm Ali", "words": "they took our house"}
        made = await opened(session, engines.wording, talk, place="IQG15Q05", service_id=service.id, **words)
        await session.commit()
    return made


@pytest.fixture
async def deliver(engines: Resources, emulator_url: str, home: Path) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Sends what waits to be sent, as the worker does."""
    settings = Settings(  # type: ignore[call-arg]
        _env_file=None,
        DALEEL_HOME=home,
        TWILIO_ACCOUNT_SID=ACCOUNT,
        TWILIO_AUTH_TOKEN=TOKEN,
        TWILIO_SMS_NUMBER=SMS_NUMBER,
        TWILIO_API_URL=emulator_url,
    )
    provider = TwilioSender(settings, engines.redis)

    async def send() -> None:
        async with engines.sessions() as session:
            waiting = list(await session.scalars(select(Message.id).where(Message.status == "queued")))
        for message_id in waiting:
            await outbox.deliver(Context(Job(0), {"resources": engines, "provider": provider}), str(message_id))

    yield send
    await provider.close()


async def test_a_caseworker_moves_it_and_the_phone_hears_of_it(
    browser: Browser,
    address: str,
    made: Referral,
    number: str,
    emulator_url: str,
    deliver: Callable[[], Awaitable[None]],
) -> None:
    phone = Phone(emulator_url, number)

    async def heard(*words: str) -> None:
        await deliver()
        message = await asyncio.to_thread(phone.receives, made.code, *words, within_parts=1)
        for secret in ("Legal", "قانون", "Mosul", "الموصل", "Umm Ali"):
            assert secret not in message.body

    page, complaints = await sign_in(browser, address, "caseworker")
    await page.get_by_role("link", name="Referrals").click()
    await page.get_by_role("link", name=made.code).click()
    await page.get_by_role("button", name="I see to it").click()
    await expect(page.get_by_role("status")).to_contain_text("You see to it now")

    late, _ = await sign_in(browser, address, "admin")
    await late.goto(f"{address}{LIST}/{made.id}")
    await late.locator("#note").fill("they said no on the phone")

    await page.locator("#note").fill("spoke with the clinic")
    await page.get_by_role("button", name="They have it").click()
    await expect(page.get_by_role("status")).to_contain_text("The person is told")
    await expect(page.locator(".history li").first).to_contain_text("spoke with the clinic")
    await heard("استلموه")

    # A page that was opened before tells what stands now, and loses nothing.
    await late.get_by_role("button", name="They have it").click()
    await expect(late.get_by_role("alert")).to_contain_text("was faster")
    await expect(late.locator("#note")).to_have_value("they said no on the phone")
    await expect(late.get_by_role("button", name="They accept it")).to_be_visible()

    await expect(page.get_by_text("Umm Ali")).to_have_count(0)
    await page.get_by_role("button", name="Show number, name and words").click()
    await expect(page.locator("#person")).to_contain_text("Umm Ali")
    await expect(page.locator("#person")).to_contain_text(number)

    await page.get_by_role("button", name="They accept it").click()
    await heard("انقبل")
    await page.get_by_role("button", name="Help has begun").click()
    await heard("بدأ")
    await page.get_by_label("How it ended").select_option(label="Was helped")
    await page.get_by_role("button", name="Close it").click()
    await expect(page.locator("h1")).to_contain_text("Closed")
    await heard("انغلق")
    await expect(page.locator("#moves")).to_have_count(0)
    await page.get_by_role("link", name="To the referrals").click()
    await expect(page.get_by_text("Nothing here.")).to_be_visible()
    assert complaints == []


async def test_one_is_opened_on_the_phone_without_scripts(
    browser: Browser,
    address: str,
    talk: Conversation,
    made: Referral,
    number: str,
    emulator_url: str,
    deliver: Callable[[], Awaitable[None]],
) -> None:
    page, _ = await sign_in(browser, address, "caseworker", java_script_enabled=False)
    await page.goto(f"{address}/console/conversations/{talk.id}")
    await expect(page.locator(".thread-referrals")).to_contain_text(made.code)
    await page.get_by_role("link", name="Open a referral").click()
    await page.get_by_label("Need").select_option("legal_aid")
    await page.get_by_label("Place").select_option("IQG15Q05")
    await page.get_by_role("button", name="On: whom to").click()
    await page.get_by_label("Legal clinic").check()
    await page.get_by_role("button", name="Show the text for this").click()
    await expect(page.locator("#consent .bubble")).to_contain_text("Legal clinic's owner")
    await page.get_by_role("button", name="Open the referral").click()
    await expect(page.get_by_role("alert")).to_contain_text("Read the text out first")
    await page.get_by_label("I read it out, and they said yes").check()
    await page.get_by_role("button", name="Open the referral").click()
    await expect(page.get_by_role("status")).to_contain_text("The person gets its code as a text")
    code = await page.locator("h1 .referral-code").inner_text()
    assert code != made.code
    await deliver()
    await asyncio.to_thread(Phone(emulator_url, number).receives, code)


@pytest.mark.parametrize("look", ["english", "arabic on a phone in the dark"])
async def test_no_page_keeps_anybody_out(
    browser: Browser, address: str, talk: Conversation, made: Referral, look: str
) -> None:
    context: dict[str, object] = {}
    if look != "english":
        context = {"locale": "ar-IQ", "viewport": PHONE, "color_scheme": "dark"}
    page, _ = await sign_in(browser, address, "caseworker", **context)
    for path in (LIST, f"{LIST}/{made.id}", f"{LIST}/new?conversation={talk.id}"):
        await page.goto(address + path)
        await usable(page, path)
    await page.locator("[name=need]").select_option("legal_aid")
    await page.locator("[value=show]").click()
    await usable(page, "the consent")
    await page.goto(f"{address}{LIST}/{made.id}")
    await page.locator("#person button").click()
    await usable(page, "whom for")


async def usable(page: Page, where: str) -> None:
    """Nothing grave for those who can't see or point well, and nothing beyond the edge of the window."""
    await page.wait_for_load_state()
    await page.evaluate(AXE.read_text("utf-8"))
    found = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    grave = [(one["id"], one["nodes"][0]["html"]) for one in found["violations"] if one["impact"] in GRAVE]
    assert grave == [], where
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), where
