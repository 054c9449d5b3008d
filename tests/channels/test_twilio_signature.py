"""Who may post to us: Twilio's signature, held against the official validator."""

import base64
import hmac
from hashlib import sha1
from urllib.parse import urlencode

import pytest
from twilio.request_validator import RequestValidator

from channels.twilio.signature import fields, is_signed

URL, TOKEN = "https://daleel.example.org/twilio/messages", "a token"
FORM = {"MessageSid": "SM1", "From": "+9647000000001", "Body": "مرحبا & hello"}


def signed(form: dict[str, str], url: str = URL, token: str = TOKEN) -> str:
    return RequestValidator(token).compute_signature(url, form)


def test_what_twilio_signed() -> None:
    assert is_signed(URL, urlencode(FORM).encode(), signed(FORM), TOKEN)


def test_empty_fields_are_signed_too() -> None:
    form = FORM | {"Body": ""}
    assert is_signed(URL, urlencode(form).encode(), signed(form), TOKEN)


@pytest.mark.parametrize(
    ("body", "signature"),
    [
        pytest.param(urlencode(FORM | {"Body": "changed"}).encode(), signed(FORM), id="changed body"),
        pytest.param(urlencode(FORM).encode(), signed(FORM, url="https://elsewhere.example"), id="for another address"),
        pytest.param(urlencode(FORM).encode(), signed(FORM, token="guessed"), id="with another token"),
        pytest.param(urlencode(FORM).encode(), "", id="missing"),
        pytest.param(urlencode(FORM).encode(), "ليس توقيعا", id="not even base64"),
        pytest.param(b"&".join(b"a%d=1" % i for i in range(2000)), "x", id="thousands of fields"),
        pytest.param(bytes(range(256)), "x", id="no form at all"),
    ],
)
def test_what_twilio_did_not_sign(body: bytes, signature: str) -> None:
    assert not is_signed(URL, body, signature, TOKEN)


def test_bytes_that_are_no_text_are_checked_as_the_bytes_they_are() -> None:
    body = b"Body=%ED%A0%BD&MessageSid=SM1"
    text = URL.encode() + b"Body\xed\xa0\xbdMessageSidSM1"
    signature = base64.b64encode(hmac.digest(TOKEN.encode(), text, sha1)).decode()
    assert is_signed(URL, body, signature, TOKEN)
    assert not is_signed(URL, body.replace(b"SM1", b"SM2"), signature, TOKEN)
    assert fields(body)["Body"] == "\ufffd" * 3
