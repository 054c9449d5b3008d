"""Pictures of what a phone and a desk show at a moment, taken with Chromium; without it there are none."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Browser, FloatRect, Page, ViewportSize, sync_playwright

from demo.story import Picture
from demo.texting import Texting
from tests.pictures import CHROMIUM, FLAGS, sign_in
from tests.stack import Stack

# The desk's is a small screen: its letters are still to be read when the picture is.
PHONES: ViewportSize = {"width": 1100, "height": 900}
DESK: ViewportSize = {"width": 980, "height": 760}
# As the console tells time.
ZONE = "Asia/Baghdad"
# How far down a page of the console goes, at most to the end of the window: nobody looks at what is blank.
LAST_LINE = """Math.min(innerHeight, 24 + Math.max(
    ...[...document.querySelectorAll('main *')].map((one) => one.getBoundingClientRect().bottom)))"""


class Camera:
    """Takes pictures into a folder and puts them into the scene they belong to."""

    def __init__(self, browser: Browser | None, emulator: str, stack: Stack, folder: Path) -> None:
        self._browser, self._emulator, self._stack, self._folder = browser, emulator, stack, folder
        self._desks: dict[str, Page] = {}

    def phone(self, who: Texting, words: str) -> None:
        """The phone of a person, as soon as it shows the last message they got."""
        if not self._browser or not who.last:
            return
        scene = who.scene
        page = self._browser.new_page(viewport=PHONES, timezone_id=ZONE, device_scale_factor=1.5)
        page.goto(f"{self._emulator}/?number={quote(scene.number)}&lang={scene.language}")
        page.locator(f"[data-sid='{who.last.sid}']").wait_for()
        picture = self._picture(who, "phone", words)
        page.locator(f".phone.{scene.channel}").screenshot(path=self._folder / picture.file)
        page.close()

    def desk(self, who: Texting, words: str, role: str, address: str, *, at: str = "h1") -> None:
        """A page of the console in the scene's language, as the member of staff in this role sees it.

        `at` is what must be in sight.
        """
        if not self._browser:
            return
        page = self._desk(self._browser, role, who.scene.language)
        page.goto(f"{self._stack.url}{address}")
        page.locator(at).last.wait_for()
        # In one go: live events may put the thread anew at any moment.
        page.evaluate("(at) => [...document.querySelectorAll(at)].at(-1).scrollIntoView({block: 'nearest'})", at)
        clip: FloatRect = {"x": 0, "y": 0, "width": DESK["width"], "height": page.evaluate(LAST_LINE)}
        page.screenshot(path=self._folder / self._picture(who, "desk", words).file, clip=clip)

    def _desk(self, browser: Browser, role: str, language: str) -> Page:
        desk = f"{role} {language}"
        if desk not in self._desks:
            self._desks[desk] = sign_in(browser, self._stack, role, language)
            self._desks[desk].set_viewport_size(DESK)
        return self._desks[desk]

    def _picture(self, who: Texting, of: str, words: str) -> Picture:
        pictures = who.scene.pictures
        file = f"{who.scene.key.replace('_', '-')}-{len(pictures) + 1}.png"
        pictures.append(Picture(file, "phone" if of == "phone" else "desk", words))
        return pictures[-1]


@contextmanager
def opened(emulator: str, stack: Stack, folder: Path) -> Iterator[Camera]:
    """A camera for the time of a play; where there is no Chromium it takes no pictures."""
    if not Path(CHROMIUM).exists():
        yield Camera(None, emulator, stack, folder)
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield Camera(browser, emulator, stack, folder)
        browser.close()
