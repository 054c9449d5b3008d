"""The phones: transcripts, unread counts, events, and texts that must not make anything fall over."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from twilio.rest import Client

from tests.emulator.account import SMS_NUMBER
from tests.emulator.product import Product
from tests.phone import Phone

PERSON = "+9647000000009"
URL = f"/phones/{PERSON}/messages"
BAD_JSON = [
    b"",
    b"{}",
    b"not json",
    b"\xff\xfe",
    b'{"body": 5}',
    b'{"body": "\xed\xa0\x80"}',
    b'{"channel": "\\ud800"}',
    b'{"\\ud800": 1}',
    b'{"sid": "\\ud800"}',
    b'{"channel": "whatsapp", "location": {"latitude": NaN, "longitude": 1e999}}',
    b'{"channel": "whatsapp", "location": {"latitude": 91, "longitude": 0}}',
    b'{"location": {"latitude": 1, "longitude": 1}}',
    b"[" * 100_000,
    b"1" * 10_000,
]


def test_a_transcript_is_readable(phone: Phone, twilio: Client, http: httpx.Client) -> None:
    phone.texts("hello")
    twilio.messages.create(to=PERSON, from_=SMS_NUMBER, body="مرحبا\nأهلا")
    phone.receives("مرحبا")

    assert phone.transcript() == ("  > hello  [delivered, 1 parts]\n  < مرحبا\n    أهلا  [delivered, 1 parts]")
    first, second = http.get(URL).json()
    assert (first["direction"], second["direction"]) == ("inbound", "outbound")
    assert first["at"] == "2026-05-04T09:00:00+00:00"


def test_channels_are_two_conversations(phone: Phone, whatsapp: Phone, http: httpx.Client) -> None:
    phone.texts("by SMS")
    whatsapp.texts("by WhatsApp")

    assert [m["body"] for m in http.get(URL, params={"channel": "sms"}).json()] == ["by SMS"]
    assert len(http.get(URL).json()) == 2


def test_unread_messages_are_counted_until_looked_at(phone: Phone, twilio: Client, http: httpx.Client) -> None:
    def unread() -> dict[str, int]:
        return next(p["unread"] for p in http.get("/phones").json() if p["number"] == PERSON)

    twilio.messages.create(to=PERSON, from_=SMS_NUMBER, body="hello")
    phone.receives("hello")
    assert unread() == {"sms": 1, "whatsapp": 0}
    assert http.post(f"/phones/{PERSON}/read").json() == {"read": 1}
    assert unread() == {"sms": 0, "whatsapp": 0}


def test_a_number_can_be_added(http: httpx.Client) -> None:
    assert http.post("/phones", json={"number": "+9647000000123"}).status_code == 201
    assert http.post("/phones", json={"number": "hello"}).status_code == 422
    assert "+9647000000123" in [phone["number"] for phone in http.get("/phones").json()]


@pytest.mark.parametrize("path", [f"/phones/{PERSON}/events", "/events"])
def test_events_tell_of_every_change(phone: Phone, http: httpx.Client, path: str) -> None:
    with http.stream("GET", path) as events:
        lines = events.iter_lines()
        assert next(lines) == ": listening"
        phone.texts("hello")
        assert statuses(lines, 2) == ["sending", "delivered"]


def statuses(lines: Iterator[str], count: int) -> list[str]:
    told = (json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: "))
    return [next(told)["status"] for _ in range(count)]


def test_a_phones_events_are_its_own(phone: Phone, emulator_url: str, http: httpx.Client) -> None:
    with http.stream("GET", f"/phones/{PERSON}/events") as events:
        lines = events.iter_lines()
        next(lines)
        Phone(emulator_url, "+9647000000008").texts("from another phone")
        phone.texts("mine")
        first = next(line for line in lines if line.startswith("data: "))
    assert json.loads(first.removeprefix("data: "))["body"] == "mine"


@pytest.mark.parametrize(
    ("body", "posted"),
    [
        ('"a\\u0000b"', "a\0b"),
        ('"' + "ا" * 10_000 + '"', "ا" * 10_000),
        ('"\\ud800 alone"', "\ufffd alone"),
        ('"\\ud83d\\ude00 paired"', "\U0001f600 paired"),
        ('"/restart"', "/restart"),
        ('"<script>"', "<script>"),
        ('""', ""),
    ],
)
def test_any_text_travels(http: httpx.Client, product: Product, body: str, posted: str) -> None:
    answer = http.post(URL, content=f'{{"channel": "sms", "body": {body}, "unknown": 1}}')

    assert answer.status_code == 201
    assert product.next().form["Body"] == posted
    assert http.get(URL).json()[0]["body"] == posted


@pytest.mark.parametrize("path", [URL, "/phones", "/faults", f"/phones/{PERSON}/read"])
def test_no_bad_json_is_an_error_of_ours(http: httpx.Client, path: str) -> None:
    for content in BAD_JSON:
        assert http.post(path, content=content).status_code in (200, 201, 422), content[:80]


@pytest.mark.parametrize("number", ["hello", "%ED%A0%80", "%00", "+0", "9647000000009", "+964 700"])
def test_no_bad_number_is_an_error_of_ours(http: httpx.Client, number: str) -> None:
    for path in ("messages", "events"):
        assert http.get(f"/phones/{number}/{path}").status_code == 422
    assert http.post(f"/phones/{number}/messages", json={"body": "x"}).status_code == 422


def test_a_failed_expectation_shows_the_whole_conversation(phone: Phone, twilio: Client) -> None:
    phone.texts("question")
    twilio.messages.create(to=PERSON, from_=SMS_NUMBER, body="answer " * 60)

    with pytest.raises(AssertionError, match=r"(?s)«other» is not in .*> question.*< answer"):
        phone.receives("other", within_parts=9)
    with pytest.raises(AssertionError, match=r"nothing arrived within 0\.1 s"):
        phone.receives(timeout=0.1)


def test_a_message_over_its_budget_fails(phone: Phone, twilio: Client) -> None:
    twilio.messages.create(to=PERSON, from_=SMS_NUMBER, body="ا" * 71)

    with pytest.raises(AssertionError, match="costs 2 SMS parts, more than 1"):
        phone.receives(within_parts=1)
    assert phone.has_received(1)
    assert not phone.has_received(2)


def test_a_button_that_is_not_there_cannot_be_tapped(whatsapp: Phone) -> None:
    with pytest.raises(AssertionError, match="no quick reply «المزيد»"):
        whatsapp.taps("المزيد")


def test_messages_are_received_in_order_each_once(phone: Phone, twilio: Client) -> None:
    def say(body: str) -> Any:
        return twilio.messages.create(to=PERSON, from_=SMS_NUMBER, body=body)

    say("one")
    phone.receives("one")
    say("two")
    phone.receives("two")
    assert phone.has_received(2)
