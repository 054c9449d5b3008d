"""Twilio's forms, good and bad, as a table."""

import pytest

from channels.twilio.parsing import Malformed, clean, inbound, status_update
from conversations.inbox import InboundMessage, Location, Media

SMS = {
    "MessageSid": "SM1",
    "From": "+9647000000001",
    "To": "+447700900100",
    "Body": "وين اكو طبيب",
    "NumMedia": "0",
}
WHATSAPP = SMS | {"From": "whatsapp:+9647000000001", "To": "whatsapp:+447700900101", "WaId": "9647000000001"}


def expected(**changes: object) -> InboundMessage:
    fields = {"channel": "sms", "provider_id": "SM1", "sender": "+9647000000001", "text": "وين اكو طبيب"}
    return InboundMessage(**(fields | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("form", "message"),
    [
        pytest.param(SMS, expected(), id="SMS"),
        pytest.param(WHATSAPP, expected(channel="whatsapp"), id="WhatsApp"),
        pytest.param(SMS | {"Body": ""}, expected(text=""), id="empty body"),
        pytest.param({k: v for k, v in SMS.items() if k != "Body"}, expected(text=""), id="no body at all"),
        pytest.param(SMS | {"Body": "a\x00b\ud83d"}, expected(text="ab"), id="null byte and half an emoji"),
        pytest.param(SMS | {"Body": "ا" * 10_000}, expected(text="ا" * 10_000), id="10,000 characters"),
        pytest.param(SMS | {"Body": "/restart"}, expected(text="/restart"), id="a slash is text"),
        pytest.param(SMS | {"Unheard": "of"}, expected(), id="unknown fields"),
        pytest.param(
            WHATSAPP | {"Body": "", "MediaUrl0": "https://m/1", "MediaContentType0": "audio/ogg", "NumMedia": "1"},
            expected(channel="whatsapp", text="", media=(Media("https://m/1", "audio/ogg"),)),
            id="voice note",
        ),
        pytest.param(
            SMS | {"Body": "", "MediaUrl0": "https://m/1", "NumMedia": "not a number"},
            expected(text="", media=(Media("https://m/1", "application/octet-stream"),)),
            id="picture of unknown type, count garbled",
        ),
        pytest.param(
            WHATSAPP | {"Body": "", "Latitude": "36.34", "Longitude": "43.13", "Label": "الموصل"},
            expected(channel="whatsapp", text="", location=Location(36.34, 43.13, "الموصل")),
            id="pin",
        ),
        pytest.param(WHATSAPP | {"Latitude": "nan", "Longitude": "43"}, expected(channel="whatsapp"), id="pin nowhere"),
        pytest.param(
            WHATSAPP | {"Latitude": "91", "Longitude": "43"},
            expected(channel="whatsapp"),
            id="pin off the map",
        ),
        pytest.param(WHATSAPP | {"Latitude": "36", "Longitude": "x"}, expected(channel="whatsapp"), id="pin garbled"),
        pytest.param(
            WHATSAPP | {"ButtonText": "المزيد", "ButtonPayload": "المزيد", "Body": "المزيد"},
            expected(channel="whatsapp", text="المزيد"),
            id="quick reply",
        ),
        pytest.param(
            {"MessageSid": "SM1", "ExternalUserId": "IQ.abc", "Body": "hi"},
            expected(channel="whatsapp", sender="IQ.abc", text="hi"),
            id="WhatsApp user without a number",
        ),
    ],
)
def test_inbound(form: dict[str, str], message: InboundMessage) -> None:
    assert inbound(form) == message


@pytest.mark.parametrize(
    "changes",
    [{"MessageSid": ""}, {"From": ""}, {"From": "whatsapp:"}, {"From": " "}, {"MessageSid": "S" * 65}],
)
def test_what_is_no_message(changes: dict[str, str]) -> None:
    with pytest.raises(Malformed):
        inbound(SMS | changes)


@pytest.mark.parametrize(
    ("form", "news"),
    [
        ({"MessageSid": "SM1", "MessageStatus": "delivered"}, ("SM1", "delivered", None)),
        (
            {"MessageSid": "SM1", "MessageStatus": "undelivered", "ErrorCode": "30003"},
            ("SM1", "failed", 30003),
        ),
        ({"SmsSid": "SM1", "SmsStatus": "sent"}, ("SM1", "sent", None)),
        ({"MessageSid": "SM1", "MessageStatus": "failed", "ErrorCode": "oh²"}, ("SM1", "failed", None)),
        ({"MessageSid": "SM1", "MessageStatus": "canceled"}, None),
        ({"MessageStatus": "sent"}, None),
        ({}, None),
    ],
)
def test_status(form: dict[str, str], news: tuple[str, str, int | None] | None) -> None:
    update = status_update(form)
    assert (update and (update.sid, update.status, update.error_code)) == news


def test_clean_keeps_everything_people_write() -> None:
    assert clean("سلام‌عليكم 😀\n\t١٢٣ \u200f") == "سلام‌عليكم 😀\n\t١٢٣ \u200f"
