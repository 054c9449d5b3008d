"""The world outside the product, in memory: phones, what was said, who opted out, and the faults ordered."""

import asyncio
import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from channels.emulator.config import EmulatorConfig
from channels.emulator.faults import Fault
from infrastructure.segments import parts

Channel = Literal["sms", "whatsapp"]
Event = dict[str, Any]

DEMO_NUMBERS = ("+9647000000001", "+9647000000002", "+9647000000003")
# Twilio's own words for a long code: English only, the whole message.
STOP_WORDS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
START_WORDS = frozenset({"START", "UNSTOP", "YES"})
WINDOW = timedelta(hours=24)


def now() -> datetime:
    """The wall clock; tests pass another one."""
    return datetime.now(UTC)


def new_sid(prefix: str) -> str:
    """A fresh Twilio identifier: two letters and 32 hexadecimal digits."""
    return prefix + secrets.token_hex(16)


@dataclass
class Message:
    """One message as Twilio keeps it; inbound is from the person's phone to the product."""

    sid: str
    channel: Channel
    direction: Literal["inbound", "outbound"]
    number: str
    body: str
    status: str
    at: datetime
    sent_at: datetime | None = None
    updated_at: datetime | None = None
    error_code: int | None = None
    callback_url: str | None = None
    service_sid: str | None = None
    seen: bool = False
    quick_replies: list[dict[str, str]] = field(default_factory=list)
    media: list[dict[str, str]] = field(default_factory=list)
    location: dict[str, Any] | None = None
    # The webhook's form for an inbound message: a replay posts the very same one.
    form: dict[str, str] = field(default_factory=dict)

    @property
    def segments(self) -> int:
        """Parts a text message costs; WhatsApp does not split."""
        return max(1, parts(self.body)) if self.channel == "sms" else 1

    def as_json(self) -> Event:
        """The message as the phone API and the page show it."""
        return {
            "sid": self.sid,
            "channel": self.channel,
            "direction": self.direction,
            "number": self.number,
            "body": self.body,
            "status": self.status,
            "error_code": self.error_code,
            "at": self.at.isoformat(),
            "segments": self.segments,
            "seen": self.seen,
            "quick_replies": self.quick_replies,
            "media": self.media,
            "location": self.location,
        }


class World:
    """Everything the emulator remembers."""

    def __init__(self, config: EmulatorConfig, clock: Callable[[], datetime] = now) -> None:
        self.config = config
        self.clock = clock
        self.messages: dict[str, Message] = {}
        self.contents: dict[str, dict[str, Any]] = {
            sid: {"sid": sid, "variables": {}, "types": {"twilio/text": {"body": text}}}
            for sid, text in config.templates.items()
        }
        # Contents that WhatsApp approved as templates: only they reach who hasn't written within 24 hours.
        self.approved = set(config.templates)
        self.faults: list[Fault] = []
        self.opted_out: set[str] = set()
        # What each known phone sent and was sent, oldest first.
        self._phones: dict[str, list[Message]] = {number: [] for number in DEMO_NUMBERS}
        self._listeners: list[tuple[str | None, asyncio.Queue[Event]]] = []

    def sender(self, channel: Channel) -> str:
        """Our own number on that channel, bare."""
        if channel == "sms":
            return self.config.sms_number
        return self.config.whatsapp_number.removeprefix("whatsapp:")

    def add_number(self, number: str) -> None:
        """Make a phone known, so that the page lists it."""
        self._phones.setdefault(number, [])

    def phones(self) -> list[Event]:
        """Every known phone with what it has not looked at yet."""
        return [{"number": number, "unread": self._unread(number)} for number in self._phones]

    def _unread(self, number: str) -> dict[str, int]:
        waiting = Counter(message.channel for message in self._phones[number] if self.is_unread(message))
        return {"sms": waiting["sms"], "whatsapp": waiting["whatsapp"]}

    def is_unread(self, message: Message) -> bool:
        """Whether it has arrived on the phone and nobody has looked."""
        return message.direction == "outbound" and message.status == "delivered" and not message.seen

    def add(self, message: Message) -> None:
        """Remember a new message and show it on the phone."""
        self.add_number(message.number)
        self._phones[message.number].append(message)
        self.messages[message.sid] = message
        if message.direction == "inbound" and message.channel == "sms":
            self._note_opt_out(message)
        self.publish(message)

    def _note_opt_out(self, message: Message) -> None:
        word = message.body.strip().upper()
        if word in STOP_WORDS:
            self.opted_out.add(message.number)
        elif word in START_WORDS:
            self.opted_out.discard(message.number)

    def move(self, message: Message, status: str, error_code: int | None = None) -> None:
        """Give a message its next status and show it on the phone."""
        message.status, message.error_code, message.updated_at = status, error_code, self.clock()
        if status == "sent":
            message.sent_at = message.updated_at
        self.publish(message)

    def transcript(self, number: str, channel: str | None = None) -> list[Message]:
        """What a phone sent and was sent, oldest first."""
        return [m for m in self._phones.get(number, []) if channel in (None, m.channel)]

    def window_is_open(self, number: str) -> bool:
        """Whether WhatsApp allows free text: the person wrote within 24 hours."""
        since = self.clock() - WINDOW
        return any(m.direction == "inbound" and m.at > since for m in self.transcript(number, "whatsapp"))

    def take_fault(self, where: str, number: str) -> Fault | None:
        """The first fault ordered for this place and number, used up once."""
        for fault in self.faults:
            if fault.where == where and fault.to in (None, number):
                fault.times -= 1
                self.faults = [f for f in self.faults if f.times > 0]
                return fault
        return None

    def publish(self, message: Message) -> None:
        """Tell every open page about a new or changed message."""
        for number, queue in self._listeners:
            if number in (None, message.number):
                queue.put_nowait(message.as_json())

    @contextmanager
    def listening(self, number: str | None) -> Iterator[asyncio.Queue[Event]]:
        """A queue of message events of one phone, or of all."""
        listener = (number, asyncio.Queue[Event]())
        self._listeners.append(listener)
        try:
            yield listener[1]
        finally:
            self._listeners.remove(listener)
