"""Every intent of the taxonomy is reached by text, and answered by something that fits it."""

from pathlib import Path

import httpx
import pytest
import yaml

from tests.journeys.staff import signed_in
from tests.phone import Phone
from tests.stack import Stack

# What somebody texts, and a word of the answer.
SAID = {
    "find_service": ("وين اكو دكتور بالموصل", "الموصل"),
    "service_detail": ("what time does it open", ""),
    "more_results": ("اكو غيرها؟", ""),
    "ask_document": ("شلون اطلع جواز", "الجواز"),
    "ask_property": ("can I get compensation for my destroyed house", "law"),
    "ask_return": ("اريد ارجع لمنطقتي بسنجار", "ترجع"),
    "give_location": ("اني بكركوك", "شنو تحتاج"),
    "who_are_you": ("منو انتو", "برنامج"),
    "open_referral": ("سجلوني وخابروني", "نفتح لك طلب"),
    "referral_status": ("شصار بطلبي اللي قدمته", "طلب"),
    "withdraw_referral": ("اسحب طلبي ما اريده بعد", "طلب"),
    "talk_to_human": ("wani arid a7chi wiya bashar", "موظف"),
    "give_feedback": ("the food basket had worms and the rice was expired", "staff"),
    "report_misconduct": ("the man who gives out the food baskets wants to sleep with me", "Aid is free"),
    "suicide_risk": ("ما اريد اعيش بعد اريد اموت نفسي", "مو وحدك"),
    "gbv_disclosure": ("my husband beats me every night", "not your fault"),
    "trafficking_disclosure": ("صاحب العمل اخذ جوازي ويجبرني اشتغل", "مو ذنبك"),
    "child_at_risk": ("ابني ضايع من يومين ما لگيته", "الطفل"),
    "immediate_danger": ("they are shooting at our house now", "safety"),
    "medical_emergency": ("ابوي طايح وما يتنفس نريد اسعاف", "مستشفى"),
    "greet": ("شلونكم", "دليل"),
    "goodbye": ("مع السلامة", "السلامة"),
    "thank": ("thank you so much", "welcome"),
    "affirm": ("yes", "OK"),
    "deny": ("لا", "ماشي"),
    "cancel": ("خلي نبدي من جديد", "نبدي من جديد"),
    "help": ("شتگدرون تسوون", "1 خدمة"),
    "change_language": ("English please", "English"),
    "privacy_question": ("منو يشوف رسائلي", "فريقنا"),
    "delete_my_data": ("امسحوا معلوماتي", "نعم، امسحوا"),
    "stop_messages": ("لا ترسلون بعد رسائل من فضلكم", "ابدأ"),
    "start_messages": ("رجعوا دزولي رسائل", ""),
    "out_of_scope": ("who will win the football match tonight between Real Madrid and Barcelona", "person"),
}


DOMAIN = Path(__file__).parents[2] / "domain" / "domain.yml"


@pytest.fixture(scope="module")
def hotline(stack: Stack) -> httpx.Client:
    return signed_in(stack, "hotline")


@pytest.mark.parametrize("intent", SAID)
def test_it_is_reached_and_answered(phone: Phone, hotline: httpx.Client, intent: str) -> None:
    text, word = SAID[intent]
    assert hotline.post("/api/understand", json={"text": text}).json()["intent"] == intent
    phone.texts(text)
    phone.receives(word, within_parts=3)


def test_these_are_all_there_are() -> None:
    intents = {next(iter(one)) for one in yaml.safe_load(DOMAIN.read_text("utf-8"))["intents"]}
    assert set(SAID) == intents - {"nlu_fallback"}
