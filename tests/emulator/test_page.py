"""The phone page in a real browser."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from twilio.rest import Client
from twilio.rest.content.v1.content import ContentList

from channels.emulator.app import FONTS
from channels.emulator.config import EmulatorConfig
from channels.emulator.page_words import WORDS
from infrastructure.segments import parts
from tests.emulator.account import SMS_NUMBER, WHATSAPP_NUMBER
from tests.emulator.product import Product
from tests.emulator.running import running_emulator
from tests.phone import Phone

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
FIRST = "+9647000000001"
FONT = "/assets/fonts/noto-sans-arabic-arabic-wght-normal.woff2"
STATIC = Path(__file__).parents[2] / "channels/emulator/static"

needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine (apt install chromium)")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser, emulator_url: str) -> Iterator[Page]:
    """The page, opened in English; any error in its script fails the test."""
    opened = browser.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.goto(emulator_url)
    expect(opened.locator("#numbers [aria-current]")).to_have_count(1)
    yield opened
    opened.close()
    assert errors == []


def bubbles(page: Page, channel: str) -> str:
    return f".phone.{channel} .bubble"


@needs_browser
def test_markup_in_messages_is_text(page: Page, twilio: Client) -> None:
    attack = "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"
    page.fill(".sms textarea", attack)
    page.press(".sms textarea", "Enter")
    twilio.messages.create(to=FIRST, from_=SMS_NUMBER, body=attack)

    expect(page.locator(bubbles(page, "sms"))).to_have_count(2)
    assert page.locator(".sms .body").all_text_contents() == [attack, attack]
    assert page.locator(".sms .messages script, .sms .messages img").count() == 0
    assert page.title() == WORDS["title"]["en"]


@needs_browser
def test_enter_sends_and_shift_enter_breaks_the_line(page: Page, product: Product) -> None:
    line = page.locator(".sms textarea")
    line.press_sequentially("one")
    line.press("Shift+Enter")
    line.press_sequentially("two")
    line.press("Enter")

    assert product.next().form["Body"] == "one\ntwo"
    expect(page.locator(".sms .bubble.inbound.delivered")).to_have_count(1)
    expect(line).to_have_value("")


@needs_browser
def test_each_bubble_has_its_own_direction(page: Page, emulator_url: str) -> None:
    Phone(emulator_url, FIRST).texts("مرحبا")
    Phone(emulator_url, FIRST).texts("hello")

    expect(page.locator(".sms .body")).to_have_count(2)
    directions = page.locator(".sms .body").evaluate_all("all => all.map(one => getComputedStyle(one).direction)")
    assert directions == ["rtl", "ltr"]


@needs_browser
def test_the_counter_counts_as_the_product_does(page: Page) -> None:
    texts = [
        "",
        "a",
        "a" * 160,
        "a" * 161,
        "€" * 80,
        "€" * 81,
        "ا" * 70,
        "ا" * 71,
        "ا" * 134,
        "ا" * 135,
        "a😀" * 30,
        "é\n^",
    ]
    counted = page.evaluate(
        "async texts => { const { parts } = await import('/static/segments.js'); return texts.map(parts); }", texts
    )
    assert counted == [parts(text) for text in texts]
    page.fill(".sms textarea", "ا" * 71)
    expect(page.locator(".counter")).to_have_text("71 characters · 2 SMS parts")


@needs_browser
def test_quick_replies_locations_pictures_and_voice_notes(page: Page, product: Product, http: httpx.Client) -> None:
    page.click(".whatsapp .picture")
    assert product.next().form["MediaContentType0"] == "image/png"
    page.click(".whatsapp .voice")
    assert product.next().form["MediaContentType0"] == "audio/wav"
    page.click(".whatsapp .place")
    page.get_by_role("button", name="Duhok", exact=True).click()
    assert product.next().form["Label"] == "Duhok"
    page.click(".whatsapp .place")
    page.get_by_label("Latitude").fill("33.5")
    page.get_by_label("Latitude").press("Enter")
    assert product.next().form["Latitude"] == "33.5"
    expect(page.locator(bubbles(page, "whatsapp"))).to_have_count(4)


@needs_browser
def test_a_quick_reply_is_a_chip_until_it_is_tapped(
    page: Page, product: Product, twilio: Client, http: httpx.Client
) -> None:
    http.post(f"/phones/{FIRST}/messages", json={"channel": "whatsapp", "body": "hello"})
    assert product.next().form["Body"] == "hello"
    create_quick_reply(twilio)
    page.get_by_role("button", name="المزيد").click()

    assert product.next().form["ButtonPayload"] == "more"
    expect(page.locator(".whatsapp .chips")).to_be_hidden()


def create_quick_reply(twilio: Client) -> None:
    shape = {"body": "answer", "actions": [{"title": "المزيد", "id": "more"}]}
    content = {"friendly_name": "a", "language": "ar", "variables": {}, "types": {"twilio/quick-reply": shape}}
    contents = twilio.content.v1.contents
    sid = contents.create(content_create_request=ContentList.ContentCreateRequest(content)).sid
    twilio.messages.create(to=f"whatsapp:{FIRST}", from_=WHATSAPP_NUMBER, content_sid=sid)


@needs_browser
def test_looking_at_the_phone_reads_it_and_others_wait(page: Page, twilio: Client, http: httpx.Client) -> None:
    twilio.messages.create(to="+9647000000002", from_=SMS_NUMBER, body="for the second phone")
    waiting = page.locator("#numbers .count")
    expect(waiting).to_have_text(re.compile("^1"))

    page.click("#numbers li:nth-child(2) button")
    expect(page.locator(".sms .body")).to_have_text("for the second phone")
    expect(waiting).to_have_count(0)


@needs_browser
def test_a_number_is_added_or_the_mistake_explained(page: Page) -> None:
    page.fill("#new-number", "07701234567")
    page.press("#new-number", "Enter")
    expect(page.locator("#add-wrong")).to_be_visible()

    page.fill("#new-number", "+964 700 000 0077")
    page.press("#new-number", "Enter")
    expect(page.locator("#numbers [aria-current]")).to_have_text("+964 700 000 0077")


@needs_browser
@pytest.mark.parametrize("lang", ["ar", "en"])
def test_it_fits_a_small_phone(browser: Browser, emulator_url: str, lang: str) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 640})
    page.goto(f"{emulator_url}/?lang={lang}")
    expect(page.locator("#numbers [aria-current]")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    expect(page.locator(".phone.whatsapp")).to_be_hidden()
    page.click("[data-tab=whatsapp]")
    expect(page.locator(".phone.whatsapp .send")).to_be_in_viewport()
    page.close()


@needs_browser
def test_every_control_has_a_name(page: Page) -> None:
    nameless = page.locator("button, input, textarea").evaluate_all(
        "all => all.filter(c => !(c.ariaLabel || c.textContent.trim() || c.labels?.length)).map(c => c.outerHTML)"
    )
    assert nameless == []


def test_the_page_speaks_both_languages(http: httpx.Client) -> None:
    assert all(both.keys() == {"ar", "en"} and all(both.values()) for both in WORDS.values())
    arabic, english = http.get("/", params={"lang": "ar"}).text, http.get("/").text
    assert '<html lang="ar" dir="rtl">' in arabic
    assert '<html lang="en" dir="ltr">' in english
    assert WORDS["write"]["ar"] in arabic
    assert http.get("/", params={"lang": "xx"}).status_code == 422


def test_every_word_the_page_uses_exists() -> None:
    scripts = "".join(path.read_text("utf-8") for path in STATIC.glob("*.js"))
    assert set(re.findall(r'word\("(\w+)"', scripts)) <= WORDS.keys()


def test_nothing_is_fetched_from_elsewhere() -> None:
    for path in (*STATIC.iterdir(), *(STATIC.parent / "templates").iterdir()):
        addresses = set(re.findall(r"https?://[\w./-]+", path.read_text("utf-8")))
        assert addresses <= {"http://www.w3.org/2000/svg"}, path


def test_the_font_is_served_where_it_is_installed(config: EmulatorConfig, http: httpx.Client) -> None:
    assert http.get(FONT).status_code == 404, "the page does without"
    file = config.assets_path / FONTS / FONT.rpartition("/")[2]
    file.parent.mkdir(parents=True)
    file.write_bytes(b"a font")

    with running_emulator(config) as url:
        assert httpx.get(url + FONT, trust_env=False).content == b"a font"
    assert FONT in (STATIC / "fonts.css").read_text("utf-8")


def test_only_our_own_scripts_may_run(http: httpx.Client) -> None:
    policy = http.get("/").headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self';")
    assert "script-src" not in policy
