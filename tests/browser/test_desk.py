"""Staff at the desk in a real browser: taking over, writing while the page lives, handing back, and losing no text."""

import asyncio
import uuid

from playwright.async_api import Browser, Page, Route, expect
from sqlalchemy import select

from console import accounts
from console.accounts import Staff
from conversations import handover
from conversations.models import Conversation, Handover, Message
from infrastructure import events
from infrastructure.resources import Resources
from tests.browser.test_console import PHONE, _sign_in
from tests.console.browsing import EMAIL, PASSWORD
from tests.console.rows import conversation, message


async def _talk(engines: Resources, channel: str = "sms") -> Conversation:
    """Somebody who waits for a person."""
    async with engines.sessions() as session:
        talk = await conversation(session, "+9647700000123", "I want to talk to somebody", channel=channel)
        await handover.request(session, talk.id, "asked")
        await session.commit()
    return talk


async def _opened(browser: Browser, address: str, engines: Resources, **context: object) -> tuple[Conversation, Page]:
    """Somebody who waits, and their conversation in a colleague's browser."""
    talk = await _talk(engines)
    page, _ = await _sign_in(browser, address, "en-GB", **context)
    await page.goto(f"{address}/console/conversations/{talk.id}")
    return talk, page


async def _writes(engines: Resources, talk: Conversation, text: str) -> None:
    async with engines.sessions() as session:
        await message(session, await session.get_one(Conversation, talk.id), text)
        await session.commit()
    await events.publish(engines.redis, "conversation_changed", conversation=str(talk.id))


async def _sent(engines: Resources) -> list[str]:
    async with engines.sessions() as session:
        theirs = select(Message.text).where(Message.author == "staff").order_by(Message.position)
        return list(await session.scalars(theirs))


async def _session_ends(engines: Resources) -> None:
    async with engines.sessions() as session:
        for signed_in in await session.scalars(select(accounts.StaffSession)):
            await session.delete(signed_in)
        await session.commit()


async def _signs_in_again(page: Page) -> None:
    await page.locator("#email").fill(EMAIL)
    await page.locator("#password").fill(PASSWORD)
    await page.locator("main form button").click()


async def test_take_over_write_and_hand_back(browser: Browser, address: str, staff: Staff, engines: Resources) -> None:
    talk = await _talk(engines)
    page, complaints = await _sign_in(browser, address, "en-GB")
    await page.get_by_role("link", name="Waiting 1").click()
    await page.get_by_role("link", name="•••123").click()
    await page.get_by_role("button", name="Take over").click()
    box = page.get_by_role("textbox", name="Your answer")
    await expect(page.get_by_text("Zainab took over")).to_be_visible()
    await box.press_sequentially("سلام")
    await expect(page.locator("#reply-count")).to_have_text("Characters: 4 / 1600 · SMS parts: 1", use_inner_text=True)
    # What happens meanwhile is shown, and what is being typed stays, with the caret where it was.
    await box.press("ArrowRight")
    await _writes(engines, talk, "are you there?")
    await expect(page.get_by_text("are you there?").last).to_be_visible()
    await expect(box).to_be_focused()
    await box.press_sequentially("!")
    await expect(box).to_have_value("سلا!م")
    await box.fill("x" * 161)
    await expect(page.locator("#reply-count")).to_contain_text("SMS parts: 2")
    await page.get_by_role("button", name="Send").click()
    await expect(page.locator(".turn.staff .bubble")).to_have_text(["x" * 161])
    await expect(box).to_have_value("")
    await expect(page.locator(".turn.staff .under")).to_contain_text("Zainab")
    await expect(page.locator(".turn.staff .under")).to_contain_text("Waiting to be sent")
    await page.get_by_text("Hand back to the automatic guide").click()
    await page.get_by_label("Referred").check()
    await page.get_by_role("button", name="Hand back").click()
    await expect(page.get_by_text("Zainab handed back: Referred")).to_be_visible()
    await expect(page.get_by_role("button", name="Take over")).to_be_visible()
    await expect(page.get_by_role("link", name="Waiting 0")).to_be_visible()
    assert complaints == []
    async with engines.sessions() as session:
        [period] = await session.scalars(select(Handover))
    assert (period.reason, period.taken_by, period.outcome) == ("asked", staff.id, "referred")


async def test_two_colleagues_at_one_conversation(
    browser: Browser, address: str, staff: Staff, engines: Resources
) -> None:
    talk = await _talk(engines)
    async with engines.sessions() as session:
        await accounts.create_staff(session, "ali@example.org", "Ali", "caseworker", PASSWORD)
        await session.commit()
    zainab, _ = await _sign_in(browser, address, "en-GB")
    ali = await browser.new_page(locale="en-GB")
    await ali.goto(address)
    await ali.locator("#email").fill("ali@example.org")
    await ali.locator("#password").fill(PASSWORD)
    await ali.locator("main form button").click()
    for page in (zainab, ali):
        await page.goto(f"{address}/console/conversations/{talk.id}")
    await zainab.get_by_role("button", name="Take over").click()
    await zainab.get_by_role("textbox", name="Your answer").fill("half an ans")
    # Ali's page hears of it by itself.
    await ali.get_by_role("button", name="Relieve Zainab").click()
    await expect(ali.get_by_role("textbox", name="Your answer")).to_be_visible()
    await expect(zainab.get_by_role("button", name="Relieve Ali")).to_be_visible()
    await zainab.get_by_role("button", name="Relieve Ali").click()
    await expect(zainab.get_by_role("textbox", name="Your answer")).to_have_value("half an ans")
    assert await _sent(engines) == []


async def test_a_text_survives_the_end_of_the_session(
    browser: Browser, address: str, staff: Staff, engines: Resources
) -> None:
    talk, page = await _opened(browser, address, engines)
    await page.get_by_role("button", name="Take over").click()
    box = page.get_by_role("textbox", name="Your answer")
    await box.fill("a long answer\nin two lines")
    await _session_ends(engines)
    await page.get_by_role("button", name="Send").click()
    await _signs_in_again(page)
    await expect(box).to_have_value("a long answer\nin two lines")
    assert page.url.endswith(str(talk.id))
    await page.get_by_role("button", name="Send").click()
    await expect(page.locator(".turn.staff .bubble")).to_have_count(1)
    assert await _sent(engines) == ["a long answer\nin two lines"]
    await page.reload()
    await expect(box).to_have_value("")


async def test_an_answer_on_its_way_since_before_taking_over_leaves_the_box_alone(
    browser: Browser, address: str, staff: Staff, engines: Resources
) -> None:
    talk, page = await _opened(browser, address, engines)
    asked, taken_over, typed = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slowly(route: Route) -> None:
        asked.set()
        await taken_over.wait()
        answer = await route.fetch()
        await typed.wait()
        await route.fulfill(response=answer)

    await page.route("**/thread?*", slowly, times=1)
    await _writes(engines, talk, "are you there?")
    await asked.wait()
    await page.get_by_role("button", name="Take over").click()
    box = page.get_by_role("textbox", name="Your answer")
    await box.press_sequentially("سلا")
    typed_in = await box.element_handle()
    taken_over.set()
    await page.evaluate("() => { settled = new Promise((done) => addEventListener('htmx:afterSettle', done)); }")
    typed.set()
    await page.evaluate("settled")
    # A letter typed into another box, before what was typed is put back there, would take the place of all of it.
    assert typed_in is not None
    assert await typed_in.evaluate("box => box.isConnected")
    await page.keyboard.type("م")
    await expect(box).to_have_value("سلام")


async def test_what_is_too_long_or_met_no_answer_stays_in_the_box(
    browser: Browser, address: str, staff: Staff, engines: Resources
) -> None:
    _, page = await _opened(browser, address, engines)
    await page.get_by_role("button", name="Take over").click()
    box, send = page.get_by_role("textbox", name="Your answer"), page.get_by_role("button", name="Send")
    await box.fill("س" * 1601)
    await expect(page.locator("#reply-count")).to_contain_text("Characters: 1601 / 1600 · SMS parts: 24")
    await send.click()
    await expect(page.get_by_role("alert").filter(has_text="too long")).to_be_visible()
    await expect(box).to_have_value("س" * 1601)
    await box.fill("short")
    await page.context.set_offline(True)
    await send.click()
    await expect(page.get_by_role("alert").filter(has_text="This was not done")).to_be_visible()
    await page.context.set_offline(False)
    await page.reload()
    await expect(box).to_have_value("short")
    await send.click()
    await expect(page.locator(".turn.staff .bubble")).to_have_text(["short"])
    assert await _sent(engines) == ["short"]


async def test_a_text_whose_answer_got_lost_is_not_sent_twice(
    browser: Browser, address: str, staff: Staff, engines: Resources
) -> None:
    """It arrived, but the page never heard of it."""
    talk, page = await _opened(browser, address, engines)
    await page.get_by_role("button", name="Take over").click()
    box, send = page.get_by_role("textbox", name="Your answer"), page.get_by_role("button", name="Send")
    await box.fill("once")
    key = await page.locator("input[name=key]").input_value()
    async with engines.sessions() as session:
        there = await session.get_one(Conversation, talk.id)
        columns = {"direction": "outbound", "author": "staff", "status": "queued", "written_by": staff.id}
        await message(session, there, "once", id=uuid.UUID(key), provider_id=None, **columns)
        await session.commit()
    await send.click()
    await expect(page.locator(".turn.staff .bubble")).to_have_text(["once"])
    await expect(box).to_have_value("")
    assert await _sent(engines) == ["once"]


async def test_nobody_else_in_this_tab_finds_a_draft(
    browser: Browser, address: str, staff: Staff, engines: Resources
) -> None:
    _, page = await _opened(browser, address, engines)
    await page.get_by_role("button", name="Take over").click()
    await page.get_by_role("textbox", name="Your answer").fill("about somebody")
    assert "about somebody" in await page.evaluate("JSON.stringify(sessionStorage)")
    await page.get_by_role("link", name="Learning").click()
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.locator("#email")).to_be_visible()
    assert "about somebody" not in await page.evaluate("JSON.stringify(sessionStorage)")


async def test_without_scripts_forms_do(browser: Browser, address: str, staff: Staff, engines: Resources) -> None:
    _, page = await _opened(browser, address, engines, java_script_enabled=False)
    await page.get_by_role("button", name="Take over").click()
    await page.get_by_role("textbox", name="Your answer").fill("hello\nfrom here")
    await page.get_by_role("button", name="Send").click()
    await expect(page.locator(".turn.staff .bubble")).to_have_text(["hello\nfrom here"])
    await page.get_by_role("textbox", name="Your answer").fill("too late")
    await _session_ends(engines)
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_text("this was not sent")).to_be_visible()
    await expect(page.get_by_label("What you wrote")).to_have_value("too late")
    await _signs_in_again(page)
    await page.get_by_text("Hand back to the automatic guide").click()
    await page.get_by_label("Answered").check()
    await page.get_by_role("button", name="Hand back").click()
    await expect(page.get_by_text("Zainab handed back: Answered")).to_be_visible()
    assert await _sent(engines) == ["hello\nfrom here"]


async def test_it_fits_a_phone_in_arabic(browser: Browser, address: str, staff: Staff, engines: Resources) -> None:
    talk = await _talk(engines)
    page, complaints = await _sign_in(browser, address, "ar-IQ", viewport=PHONE)
    await page.goto(f"{address}/console/conversations/{talk.id}")
    await page.get_by_role("button", name="استلام").click()
    await page.get_by_role("textbox", name="جوابك").fill("هلا بيك " * 30)
    await page.get_by_text("إعادة المحادثة إلى الدليل الآلي").click()
    await expect(page.get_by_role("button", name="إعادة", exact=True)).to_be_in_viewport()
    assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert complaints == []
