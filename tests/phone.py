"""A phone in a test: conversations with the product read as conversations.

phone = Phone(emulator_url, "+9647000000001")
phone.texts("where can I get legal help in Duhok")
phone.receives("Duhok", "legal", within_parts=3)
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

POLL_SECONDS = 0.05
ARRIVED = ("delivered", "read")
# A person texts slower than this; the emulator answers once the product's webhook did.
SEND_TIMEOUT = 30


@dataclass(frozen=True)
class Message:
    """One message on the phone's screen, as the emulator tells it."""

    sid: str
    direction: str
    body: str
    status: str
    segments: int
    quick_replies: list[dict[str, str]]
    error_code: int | None

    @classmethod
    def read(cls, told: dict[str, Any]) -> "Message":
        """The fields a test needs."""
        return cls(**{name: told[name] for name in cls.__dataclass_fields__})

    @property
    def arrived(self) -> bool:
        """Whether the product's message is on the screen."""
        return self.direction == "outbound" and self.status in ARRIVED


class Phone:
    """Somebody's phone on one channel. Messages are received in order, each once."""

    def __init__(self, emulator_url: str, number: str, channel: str = "sms") -> None:
        self.number, self.channel = number, channel
        self._url = f"{emulator_url.rstrip('/')}/phones/{quote(number)}"
        self._http = httpx.Client(timeout=SEND_TIMEOUT, trust_env=False)
        self._received: set[str] = set()

    def texts(self, body: str, *, sid: str | None = None) -> str:
        """Write; returns the message's sid. A sid sent before posts that message again, as a retry would."""
        return self._sends(body=body, sid=sid)

    def taps(self, title: str) -> str:
        """Tap the quick reply or the row of a list with this title under the last message."""
        last = next((m for m in reversed(self._messages()) if m.arrived), None)
        offered = {reply["title"]: reply for reply in last.quick_replies} if last else {}
        assert title in offered, self._told(f"no quick reply «{title}» under the last message, only {list(offered)}")
        kind = offered[title].get("kind", "button")
        return self._sends(button={"payload": offered[title]["id"], "text": title, "kind": kind})

    def sends_location(self, latitude: float, longitude: float, label: str = "") -> str:
        """Send a pin."""
        return self._sends(location={"latitude": latitude, "longitude": longitude, "label": label})

    def sends_picture(self, caption: str = "") -> str:
        """Send a picture, with a caption or none."""
        return self._sends(body=caption, media=[{"content_type": "image/png"}])

    def sends_voice(self) -> str:
        """Send a voice note."""
        return self._sends(media=[{"content_type": "audio/ogg"}])

    def reads(self) -> None:
        """Look at the screen: WhatsApp reports what has arrived as read."""
        self._http.post(f"{self._url}/read", json={"channel": self.channel}).raise_for_status()

    def receives(self, *substrings: str, within_parts: int = 3, timeout: float = 15) -> Message:
        """The next message not received yet: it must contain every substring and cost no more SMS parts."""
        message = self._next(timeout)
        assert message, self._told(f"nothing arrived within {timeout:g} s")
        self._received.add(message.sid)
        for substring in substrings:
            assert substring in message.body, self._told(f"«{substring}» is not in the next message")
        assert message.segments <= within_parts, self._told(
            f"the next message costs {message.segments} SMS parts, more than {within_parts}"
        )
        return message

    def has_received(self, count: int) -> bool:
        """Whether exactly this many messages have arrived in all."""
        return sum(message.arrived for message in self._messages()) == count

    def transcript(self) -> str:
        """The whole conversation, readable: what the phone sent after >, what it was sent after <."""
        return "\n".join(self._lines())

    def _sends(self, **message: Any) -> str:
        answer = self._http.post(f"{self._url}/messages", json={"channel": self.channel, **message})
        answer.raise_for_status()
        sid: str = answer.json()["sid"]
        return sid

    def _messages(self) -> list[Message]:
        answer = self._http.get(f"{self._url}/messages", params={"channel": self.channel})
        answer.raise_for_status()
        return [Message.read(told) for told in answer.json()]

    def _next(self, timeout: float) -> Message | None:
        deadline = time.monotonic() + timeout
        while True:
            for message in self._messages():
                if message.arrived and message.sid not in self._received:
                    return message
            if time.monotonic() > deadline:
                return None
            time.sleep(POLL_SECONDS)

    def _lines(self) -> Iterator[str]:
        for message in self._messages():
            arrow = ">" if message.direction == "inbound" else "<"
            error = f" {message.error_code}" if message.error_code else ""
            body = message.body.replace("\n", "\n    ")
            yield f"  {arrow} {body}  [{message.status}{error}, {message.segments} parts]"
            if message.quick_replies:
                yield "    (" + " | ".join(reply["title"] for reply in message.quick_replies) + ")"

    def _told(self, problem: str) -> str:
        return f"{problem}\n{self.channel} {self.number}:\n{self.transcript()}"
