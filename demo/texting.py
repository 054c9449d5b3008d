"""Somebody's phone in the demo: texts for real, and keeps in the scene what was said."""

import re
from typing import Literal

from demo.story import Line, Scene
from tests.phone import Message, Phone

# Somebody else may be using the machine while the demo plays.
PATIENCE_SECONDS = 60


class Texting:
    """A person with a phone. What was said is a scene's line as soon as it was said."""

    def __init__(self, emulator: str, scene: Scene) -> None:
        self.scene = scene
        self.last: Message | None = None
        self._phone = Phone(emulator, scene.number, scene.channel)

    def texts(self, body: str) -> None:
        """Write in one's own words."""
        self._phone.texts(body)
        self.scene.steps.append(Line("person", body))

    def taps(self, title: str) -> None:
        """Tap a button or the row of a list under the last message."""
        self._phone.taps(title)
        self.scene.steps.append(Line("person", title, tapped=True))

    def chooses(self, label: str) -> None:
        """Write the number that stands before this choice in the last message."""
        assert self.last
        found = re.search(rf"^(\d+) {re.escape(label)}$", self.last.body, re.MULTILINE)
        assert found, f"«{label}» is no choice in: {self.last.body}"
        self.texts(found[1])

    def hears(self, *words: str, by: Literal["daleel", "staff"] = "daleel") -> str:
        """The next message, which must hold these words: the page shall tell of nothing that didn't happen."""
        self.last = self._phone.receives(*words, timeout=PATIENCE_SECONDS)
        choices = tuple(reply["title"] for reply in self.last.quick_replies)
        parts = self.last.segments if self.scene.channel == "sms" else None
        self.scene.steps.append(Line(by, self.last.body, choices, parts))
        return self.last.body
