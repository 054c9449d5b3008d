"""Takes the README's pictures: a phone, the console after the same talk, and the directory. `make pictures`."""

import re
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from channels.emulator.config import EmulatorConfig
from tests.emulator.running import running_emulator
from tests.phone import Phone
from tests.stack import ACCOUNT, ROOT, SMS_NUMBER, TOKEN, WHATSAPP_NUMBER, Stack

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
PICTURES = ROOT / "docs" / "pictures"
HAMID, SARA = "+9647000000001", "+9647000000002"


def main() -> None:
    """Start everything, let two people text, photograph what they and staff see."""
    port = Stack.choose_port()
    config = EmulatorConfig(
        ACCOUNT,
        TOKEN,
        SMS_NUMBER,
        WHATSAPP_NUMBER,
        f"http://localhost:{port}/twilio/messages",
        ROOT / "node_modules",
    )
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home, running_emulator(config) as emulator:
        stack = Stack(Path(home), emulator, port)
        stack.start()
        try:
            talk(emulator)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
                photograph_phone(browser, emulator)
                photograph_console(browser, stack)
                photograph_directory(browser, stack)
                browser.close()
        finally:
            stack.stop()


def talk(emulator: str) -> None:
    """A question in dialect with "more", one in English on WhatsApp, and somebody who wants a person."""
    sms, whatsapp = Phone(emulator, HAMID), Phone(emulator, HAMID, "whatsapp")
    sms.texts("وين اكدر احصل على دعم نفسي بالموصل؟")
    sms.receives("الموصل")
    sms.texts("المزيد")
    sms.receives("نينوى")
    whatsapp.texts("where can I get help with my lost documents in Duhok")
    whatsapp.receives("Duhok", within_parts=20)
    whatsapp.texts("احچي وياي كردي")
    whatsapp.receives()
    other = Phone(emulator, SARA)
    other.texts("اريد احچي ويه موظف")
    other.receives()


def photograph_phone(browser: Browser, emulator: str) -> None:
    """The phone page, both phones of one number."""
    page = browser.new_page(viewport={"width": 1100, "height": 860})
    page.goto(f"{emulator}/?number={HAMID.replace('+', '%2B')}&lang=en")
    page.get_by_text("in Duhok (Demo data)").wait_for()
    page.screenshot(path=PICTURES / "phone.png")


def photograph_console(browser: Browser, stack: Stack) -> None:
    """The console as hotline staff see it, in Arabic, with a conversation open."""
    page = sign_in(browser, stack, "hotline", "ar")
    page.locator(".line", has_text="001").last.click()
    page.get_by_text("وين اكدر").first.wait_for()
    page.screenshot(path=PICTURES / "console.png")


def photograph_directory(browser: Browser, stack: Stack) -> None:
    """A service's form and the coverage, as an admin sees them."""
    page = sign_in(browser, stack, "admin", "en")
    page.goto(f"{stack.url}/console/directory?words=lawyer")
    page.locator(".entries a").first.click()
    page.get_by_role("link", name="Change").click()
    page.locator("#check .bubble").first.wait_for()
    page.screenshot(path=PICTURES / "editor.png")
    page.goto(f"{stack.url}/console/directory/coverage")
    page.screenshot(path=PICTURES / "coverage.png")


def sign_in(browser: Browser, stack: Stack, role: str, language: str) -> Page:
    """A page in which a demo account is signed in."""
    found = re.search(rf"({role}@\S+)\s+(\S+)", stack.output.read_text())
    assert found
    page = browser.new_page(viewport={"width": 1100, "height": 860}, locale=language)
    page.goto(f"{stack.url}/console")
    page.fill("input[name=email]", found[1])
    page.fill("input[name=password]", found[2])
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/console/conversations")
    return page


if __name__ == "__main__":
    main()
