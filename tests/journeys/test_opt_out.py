"""Who says stop gets nothing they didn't ask for; on both channels, in four languages, until they say start."""

import re

import pytest

from tests.journeys.staff import send, signed_in
from tests.journeys.test_referrals import opened
from tests.phone import Phone
from tests.stack import Stack


@pytest.mark.parametrize("word", ["اوقف الرسائل", "توقف", "stop messages", "ڕاوەستە", "rawestîne"])
def test_a_word_that_stops(whatsapp: Phone, word: str) -> None:
    whatsapp.texts("hello")
    whatsapp.receives()
    whatsapp.texts(word)
    answer = whatsapp.receives(within_parts=2)
    assert "START" in answer.body.upper() or "ابدأ" in answer.body


def test_a_question_after_stop_is_answered(phone: Phone) -> None:
    phone.texts("اوقف الرسائل")
    phone.receives()
    phone.texts("اريد محامي بدهوك")
    phone.receives("دهوك")
    phone.texts("ابدأ")
    phone.receives()


def test_news_of_a_referral_is_withheld_after_stop_on_the_other_channel(
    phone: Phone, stack: Stack, emulator_url: str
) -> None:
    code = opened(phone)
    whatsapp = Phone(emulator_url, phone.number, "whatsapp")
    whatsapp.texts("stop messages")
    whatsapp.receives()
    staff = signed_in(stack, "caseworker")
    listing = staff.get("/console/referrals").text
    address = re.search(rf'href="(/console/referrals/[0-9a-f-]+)"[^>]*>(?:(?!</a>).)*{code}', listing, re.S)
    assert address
    send(staff, f"{address[1]}/move", staff.get(address[1]).text, to="received", seen="sent")
    # Asked, it is told.
    phone.texts(f"my request {code}")
    phone.receives(code, "looked at")
