"""Whatever is sent: stored, answered or passed to a person, never an error, never twice."""

import base64
import hmac
import uuid
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha1

import httpx
import pytest

from tests.phone import Phone
from tests.stack import SMS_NUMBER, TOKEN, Stack


def form(number: str, body: str = "مرحبا", **more: str) -> dict[str, str]:
    return {"MessageSid": f"SM{uuid.uuid4().hex}", "From": number, "To": SMS_NUMBER, "Body": body, **more}


@pytest.mark.parametrize("signature", ["", "bm90IGEgc2lnbmF0dXJl", "ليس توقيعا"])
def test_unsigned_is_refused_and_leaves_nothing(stack: Stack, phone: Phone, signature: str) -> None:
    answer = httpx.post(
        f"{stack.url}/twilio/messages",
        data=form(phone.number),
        headers={"X-Twilio-Signature": signature.encode()},
        trust_env=False,
    )
    assert answer.status_code == 403
    phone.texts("hello")
    phone.receives("Daleel")
    assert phone.has_received(1)


def test_a_forwarded_header_cannot_move_the_address_that_is_signed(stack: Stack, number: str) -> None:
    moved = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    assert stack.signed_post("/twilio/messages", form(number), **moved).status_code == 200


def test_a_hundred_replays_at_once_get_one_answer(stack: Stack, phone: Phone) -> None:
    same = form(phone.number, "hello")
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: stack.signed_post("/twilio/messages", same), range(100)))
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.text for answer in answers} == {"<Response/>"}
    phone.receives("Daleel")
    phone.texts("thanks")
    phone.receives("welcome")
    assert phone.has_received(2)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("", id="empty"),
        pytest.param("   \n ", id="blank"),
        pytest.param("👍👍👍", id="emoji"),
        pytest.param("؟", id="one mark"),
        pytest.param("٣", id="a digit"),
        pytest.param("ا" * 10_000, id="10,000 letters"),
        pytest.param("كلمة " * 2_000, id="10,000 characters of words"),
        pytest.param("مرحبا\x00\x00 hello", id="null bytes"),
        pytest.param("/restart", id="a Rasa command"),
        pytest.param('/find_service{"need": ["cash"]}', id="a Rasa intent"),
        pytest.param("\u202e/session_start", id="a command behind an override"),
        pytest.param("<script>alert(1)</script>", id="script"),
        pytest.param("{place} {0} %s ${HOME}", id="template marks"),
        pytest.param("'; drop table message; --", id="SQL"),
        pytest.param("https://example.org/a?b=c&d=e", id="link"),
    ],
)
def test_odd_texts_are_answered(phone: Phone, body: str) -> None:
    phone.texts(body)
    phone.receives(within_parts=3)
    phone.texts("where is a doctor in Mosul")
    phone.receives("Mosul")
    assert phone.has_received(2)


def test_half_an_emoji(stack: Stack, phone: Phone) -> None:
    sid = f"SM{uuid.uuid4().hex}"
    number = phone.number.replace("+", "%2B").encode()
    body = b"Body=hello%ED%A0%BD&From=" + number + b"&MessageSid=" + sid.encode()
    signed = f"{stack.url}/twilio/messages".encode() + b"Bodyhello\xed\xa0\xbd"
    signed += b"From" + phone.number.encode() + b"MessageSid" + sid.encode()
    signature = base64.b64encode(hmac.digest(TOKEN.encode(), signed, sha1)).decode()
    answer = httpx.post(
        f"{stack.url}/twilio/messages",
        content=body,
        headers={"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"},
        trust_env=False,
    )
    assert answer.status_code == 200
    phone.receives()


def test_pictures_and_voice_notes_go_to_a_person(whatsapp: Phone) -> None:
    whatsapp.sends_picture()
    whatsapp.receives()
    whatsapp.sends_voice()
    whatsapp.receives()


def test_a_caption_is_answered_and_its_picture_kept_for_a_person(whatsapp: Phone) -> None:
    whatsapp.sends_picture(caption="where is a doctor in Mosul")
    whatsapp.receives("Mosul", within_parts=20)
    whatsapp.receives()


def test_unknown_fields_and_an_odd_sender(stack: Stack, number: str) -> None:
    odd = form(number, Unheard="of", OptOutType="?", NumSegments="many", Latitude="nan")
    assert stack.signed_post("/twilio/messages", odd).status_code == 200
    assert stack.signed_post("/twilio/messages", form("+" + "9" * 3_000)).status_code in (200, 400)
    assert stack.signed_post("/twilio/messages", {"Body": "no sender"}).status_code == 400
    assert stack.signed_post("/twilio/messages", form(number, "ا" * 300_000)).status_code == 413


def test_callbacks_about_nothing(stack: Stack) -> None:
    known_nowhere = {"MessageSid": "SMnowhere", "MessageStatus": "delivered"}
    assert stack.signed_post("/twilio/status", known_nowhere).status_code == 200
    assert stack.signed_post(f"/twilio/status?message={uuid.uuid4()}", known_nowhere).status_code == 200
    assert stack.signed_post("/twilio/status?message=nonsense", known_nowhere).status_code == 422
    assert httpx.post(f"{stack.url}/twilio/status", data=known_nowhere, trust_env=False).status_code == 403


def test_ten_messages_at_the_same_moment_each_get_one_answer(phone: Phone) -> None:
    places = ["Mosul", "Duhok", "Kirkuk", "Erbil", "Baghdad", "Basra", "Najaf", "Tikrit", "Ramadi", "Sulaymaniyah"]
    with ThreadPoolExecutor(len(places)) as pool:
        list(pool.map(phone.texts, [f"where is a doctor in {place}" for place in places]))
    answers = [phone.receives(timeout=30).body for _ in places]
    assert all(sum(place in answer.splitlines()[0] for answer in answers) == 1 for place in places)
    assert phone.has_received(len(places))


def test_messages_one_after_another_are_answered_in_order(phone: Phone) -> None:
    places = ["Mosul", "Duhok", "Kirkuk", "Erbil", "Baghdad"]
    for place in places:
        phone.texts(f"where is a doctor in {place}")
    for place in places:
        phone.receives(place)
    assert phone.has_received(len(places))
