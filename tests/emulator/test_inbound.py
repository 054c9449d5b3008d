"""What the product is posted when a person writes."""

import socket
from typing import Any

import httpx
import pytest
from twilio.request_validator import RequestValidator

from channels.emulator.config import EmulatorConfig
from tests.emulator.account import ACCOUNT, SMS_NUMBER, TOKEN, WHATSAPP_NUMBER
from tests.emulator.product import Product
from tests.emulator.running import running_emulator
from tests.phone import Phone

PERSON = "+9647000000009"


def test_a_text_is_posted_as_twilio_does(phone: Phone, product: Product, config: EmulatorConfig) -> None:
    sid = phone.texts("وين اكدر احصل على دعم نفسي بالموصل؟")

    post = product.next()
    assert post.path == "/twilio/messages"
    assert post.form == {
        "MessageSid": sid,
        "SmsSid": sid,
        "SmsMessageSid": sid,
        "AccountSid": ACCOUNT,
        "From": PERSON,
        "To": SMS_NUMBER,
        "Body": "وين اكدر احصل على دعم نفسي بالموصل؟",
        "NumSegments": "1",
        "NumMedia": "0",
        "SmsStatus": "received",
        "ApiVersion": "2010-04-01",
    }
    assert RequestValidator(TOKEN).validate(config.webhook_url, post.form, post.signature)
    assert not RequestValidator(TOKEN).validate(config.webhook_url, {**post.form, "Body": "x"}, post.signature)


def test_whatsapp_says_who_writes(whatsapp: Phone, product: Product) -> None:
    whatsapp.texts("hello")

    form = product.next().form
    assert (form["From"], form["To"]) == (f"whatsapp:{PERSON}", WHATSAPP_NUMBER)
    assert (form["WaId"], form["MessageType"]) == (PERSON[1:], "text")
    assert form["ProfileName"]
    assert "ExternalUserId" not in form


def test_whatsapp_without_a_number(emulator_url: str, product: Product) -> None:
    Phone(emulator_url, "IQ.abcd1234", "whatsapp").texts("hello")

    form = product.next().form
    assert (form["From"], form["ExternalUserId"]) == ("whatsapp:IQ.abcd1234", "whatsapp:IQ.abcd1234")
    assert "WaId" not in form


def test_a_location(whatsapp: Phone, product: Product) -> None:
    whatsapp.sends_location(36.34, 43.13, "الموصل")

    form = product.next().form
    assert (form["MessageType"], form["Latitude"], form["Longitude"]) == ("location", "36.34", "43.13")
    assert (form["Label"], form["Body"]) == ("الموصل", "")


def test_a_picture_and_a_voice_note_can_be_fetched(whatsapp: Phone, product: Product, http: httpx.Client) -> None:
    whatsapp.sends_picture()
    whatsapp.sends_voice()

    picture, voice = product.next().form, product.next().form
    assert (picture["MessageType"], picture["NumMedia"], picture["Body"]) == ("image", "1", "")
    assert (voice["MessageType"], voice["MediaContentType0"]) == ("audio", "audio/ogg")
    assert http.get(picture["MediaUrl0"]).content.startswith(b"\x89PNG")
    assert http.get(voice["MediaUrl0"]).content.startswith(b"RIFF")
    assert http.get("/media/unknown").status_code == 404


def test_a_tapped_button(http: httpx.Client, product: Product) -> None:
    button = {"payload": "more", "text": "المزيد"}
    http.post(f"/phones/{PERSON}/messages", json={"channel": "whatsapp", "button": button})

    form = product.next().form
    assert (form["ButtonPayload"], form["ButtonText"]) == ("more", "المزيد")
    assert (form["Body"], form["MessageType"]) == ("المزيد", "button")


def test_a_replay_posts_the_very_same_message(phone: Phone, product: Product, http: httpx.Client) -> None:
    sid = phone.texts("hello")
    phone.texts("changed", sid=sid)

    assert product.next() == product.next()
    assert len(http.get(f"/phones/{PERSON}/messages").json()) == 1


@pytest.mark.parametrize(
    ("status", "shown"), [(200, "delivered"), (204, "delivered"), (403, "failed"), (500, "failed")]
)
def test_the_phone_shows_whether_the_product_took_it(
    phone: Phone, product: Product, http: httpx.Client, status: int, shown: str
) -> None:
    product.status = status
    phone.texts("hello")

    assert http.get(f"/phones/{PERSON}/messages").json()[0]["status"] == shown
    product.next()
    assert product.is_quiet(), "Twilio does not retry an answer"


def test_a_product_that_is_down(config: EmulatorConfig) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{taken.getsockname()[1]}/twilio/messages"
        down = EmulatorConfig(ACCOUNT, TOKEN, SMS_NUMBER, WHATSAPP_NUMBER, nobody, config.assets_path)
        with running_emulator(down) as url:
            phone = Phone(url, PERSON)
            phone.texts("hello")
            assert "[failed 11200" in phone.transcript()


@pytest.mark.parametrize(
    ("fault", "posts", "shown"),
    [({"effect": "drop"}, 0, "failed"), ({"effect": "duplicate"}, 2, "delivered"), ({"delay_ms": 50}, 1, "delivered")],
)
def test_webhook_faults(
    phone: Phone, product: Product, http: httpx.Client, fault: dict[str, Any], posts: int, shown: str
) -> None:
    http.post("/faults", json={"where": "webhook", "to": PERSON, **fault})
    phone.texts("hello")

    taken = [product.next() for _ in range(posts)]
    assert len(set(map(str, taken))) <= 1
    assert product.is_quiet()
    assert http.get(f"/phones/{PERSON}/messages").json()[0]["status"] == shown
