"""What the product is told about its messages, and how failures are ordered."""

import time
from typing import Any

import httpx
import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from twilio.rest.api.v2010.account.message import MessageInstance

from tests.emulator.account import ACCOUNT, SMS_NUMBER, TOKEN, WHATSAPP_NUMBER
from tests.emulator.product import Product
from tests.phone import Phone

PERSON = "+9647000000009"
WAY = ["queued", "sending", "sent", "delivered"]


@pytest.fixture
def callback(product_url: str) -> str:
    return f"{product_url}/twilio/status"


def send(twilio: Client, callback: str, to: str = PERSON) -> MessageInstance:
    sender = WHATSAPP_NUMBER if to.startswith("whatsapp:") else SMS_NUMBER
    return twilio.messages.create(to=to, from_=sender, body="hello", status_callback=callback)


def order(http: httpx.Client, **fault: Any) -> None:
    assert http.post("/faults", json=fault).status_code == 201


def test_every_status_is_posted_in_order_and_signed(twilio: Client, product: Product, callback: str) -> None:
    sent = send(twilio, callback)

    posts = [product.next() for _ in WAY]
    assert [post.form["MessageStatus"] for post in posts] == WAY
    for post in posts:
        assert RequestValidator(TOKEN).validate(callback, post.form, post.signature)
        assert not RequestValidator("another token").validate(callback, post.form, post.signature)
    assert posts[-1].form == {
        "MessageSid": sent.sid,
        "SmsSid": sent.sid,
        "MessageStatus": "delivered",
        "SmsStatus": "delivered",
        "To": PERSON,
        "From": SMS_NUMBER,
        "AccountSid": ACCOUNT,
        "ApiVersion": "2010-04-01",
    }


def test_whatsapp_says_when_it_was_read(
    twilio: Client, product: Product, callback: str, whatsapp: Phone, http: httpx.Client
) -> None:
    whatsapp.texts("hello")
    product.next()
    send(twilio, callback, f"whatsapp:{PERSON}")
    assert product.statuses(4) == WAY

    whatsapp.reads()
    assert product.statuses(1) == ["read"]
    whatsapp.reads()
    assert product.is_quiet()


def test_sms_never_says_that_it_was_read(twilio: Client, product: Product, callback: str, phone: Phone) -> None:
    send(twilio, callback)
    assert product.statuses(4) == WAY
    phone.reads()
    assert phone.receives("hello").status == "delivered"


def test_without_a_callback_nothing_is_posted(twilio: Client, product: Product, phone: Phone) -> None:
    twilio.messages.create(to=PERSON, from_=SMS_NUMBER, body="hello")
    phone.receives("hello")
    assert product.is_quiet()


@pytest.mark.parametrize("where", ["send", "callback"])
@pytest.mark.parametrize(
    ("ending", "way"),
    [("undelivered", ["queued", "sending", "sent", "undelivered"]), ("failed", ["queued", "sending", "failed"])],
)
def test_a_message_that_does_not_arrive(
    twilio: Client, http: httpx.Client, product: Product, callback: str, where: str, ending: str, way: list[str]
) -> None:
    order(http, where=where, then_status=ending, code=30003)
    sent = send(twilio, callback)

    posts = [product.next() for _ in way]
    assert [post.form["MessageStatus"] for post in posts] == way
    assert posts[-1].form["ErrorCode"] == "30003"
    assert "ErrorCode" not in posts[0].form
    fetched = twilio.messages(sent.sid or "").fetch()
    assert (fetched.status, fetched.error_code) == (ending, 30003)
    assert fetched.error_message == "Unreachable destination handset"


def test_callbacks_twice(twilio: Client, http: httpx.Client, product: Product, callback: str) -> None:
    order(http, where="callback", effect="duplicate")
    send(twilio, callback)
    assert product.statuses(8) == [status for status in WAY for _ in range(2)]


def test_callbacks_in_reverse(twilio: Client, http: httpx.Client, product: Product, callback: str) -> None:
    order(http, where="callback", effect="reorder")
    send(twilio, callback)
    assert product.statuses(4) == WAY[::-1]


def test_callbacks_lost(twilio: Client, http: httpx.Client, product: Product, callback: str, phone: Phone) -> None:
    order(http, where="callback", effect="drop")
    send(twilio, callback)
    phone.receives("hello")
    assert product.is_quiet()


def test_a_refusal_is_used_up(twilio: Client, http: httpx.Client, callback: str) -> None:
    order(http, where="send", status=429, code=20429, times=2)
    for _ in range(2):
        with pytest.raises(TwilioRestException) as refused:
            send(twilio, callback)
        assert (refused.value.status, refused.value.code) == (429, 20429)
    assert send(twilio, callback).status == "queued"


@pytest.mark.parametrize(
    ("fault", "status", "code"), [({}, 500, 20500), ({"status": 503}, 503, 20500), ({"status": 429}, 429, 20429)]
)
def test_a_fault_without_a_code(
    twilio: Client, http: httpx.Client, callback: str, fault: dict[str, int], status: int, code: int
) -> None:
    order(http, where="send", **fault)
    with pytest.raises(TwilioRestException) as refused:
        send(twilio, callback)
    assert (refused.value.status, refused.value.code) == (status, code)


def test_a_fault_for_one_phone_spares_the_others(twilio: Client, http: httpx.Client, callback: str) -> None:
    order(http, where="send", to=PERSON)
    assert send(twilio, callback, "+9647000000008").status == "queued"
    with pytest.raises(TwilioRestException):
        send(twilio, callback)


def test_accepted_but_the_answer_was_lost(
    twilio: Client, http: httpx.Client, callback: str, product: Product, phone: Phone
) -> None:
    order(http, where="send", effect="accept_then_drop")
    with pytest.raises(TwilioRestException) as refused:
        send(twilio, callback)

    assert refused.value.status == 500
    phone.receives("hello")
    assert product.statuses(4) == WAY
    assert len(twilio.messages.list(to=PERSON)) == 1


def test_a_late_answer(twilio: Client, http: httpx.Client, callback: str) -> None:
    order(http, where="send", delay_ms=300)
    began = time.monotonic()
    assert send(twilio, callback).status == "queued"
    assert time.monotonic() - began >= 0.3


def test_faults_are_forgotten(twilio: Client, http: httpx.Client, callback: str) -> None:
    order(http, where="send", times=100)
    assert http.delete("/faults").status_code == 204
    assert send(twilio, callback).status == "queued"


@pytest.mark.parametrize("wrong", [{}, {"where": "sky"}, {"where": "send", "times": 0}, {"where": "send", "to": "x"}])
def test_a_fault_that_makes_no_sense_is_refused(http: httpx.Client, wrong: dict[str, Any]) -> None:
    assert http.post("/faults", json=wrong).status_code == 422
