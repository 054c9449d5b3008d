"""A referral by text: asked step by step, looked over, agreed to, asked after and taken back."""

import re

from tests.journeys.staff import send, signed_in
from tests.phone import Phone
from tests.stack import Stack

CODE = re.compile(r"\b[A-Z][0-9A-Z]{3}-[0-9A-Z]{4}\b")


def code_in(text: str) -> str:
    found = CODE.search(text)
    assert found, text
    return found[0]


def opened(phone: Phone) -> str:
    """A referral opened by text; its code."""
    phone.texts("please register me for food in Mosul")
    phone.receives("Who should get your request?", "Your team chooses")
    phone.texts("2")
    phone.receives("How can we reach you safely?")
    phone.texts("text me")
    phone.receives("In a few words")
    phone.texts("1")
    phone.receives("Your request", "Food", "Mosul", "1 Right")
    phone.texts("1")
    phone.receives("May our caseworkers", "nobody else", "1 yes")
    phone.texts("yes")
    return code_in(phone.receives("Its code is", within_parts=2).body)


def test_from_the_wish_to_the_code_in_dialect(phone: Phone) -> None:
    phone.texts("سجلوني على مساعدة غذائية بالموصل")
    phone.receives("لمن نرسل طلبك؟")
    phone.texts("٢")
    phone.receives("شلون نتواصل وياك", "للإيقاف اكتب 0")
    phone.texts("اتصلوا بيه العصر")
    phone.receives("بكلمات قليلة")
    phone.texts("عندنا رضيع وماكو حليب")
    phone.receives("الغذاء", "الموصل", "بعد الظهر", "رضيع", "1 صحيح")
    phone.texts("اي صحيح")
    phone.receives("توافق", "1 نعم")
    phone.texts("نعم")
    code = code_in(phone.receives("رمزه", within_parts=2).body)
    phone.texts("شصار بطلبي؟")
    phone.receives(code, "بالانتظار")


def test_in_arabizi_it_begins_as_well(phone: Phone) -> None:
    phone.texts("arid tsajluni w tit9lun biya, ani bil mosul")
    phone.receives("1 ")
    phone.texts("٠")
    phone.receives("ما أرسلنا شي")


def test_nothing_leaves_without_a_clear_yes(phone: Phone) -> None:
    phone.texts("please register me for food in Mosul")
    phone.receives("Who should get your request?")
    phone.texts("2")
    phone.receives("reach you")
    phone.texts("2")
    phone.receives("In a few words")
    phone.texts("1")
    phone.receives("1 Right")
    phone.texts("1")
    phone.receives("May our caseworkers")
    phone.texts("inshallah")
    phone.receives("May our caseworkers")
    phone.texts("no")
    phone.receives("Nothing was sent")
    phone.texts("what happened with my request")
    phone.receives("no request")


def test_the_summary_can_be_mended(phone: Phone) -> None:
    phone.texts("please register me for food in Mosul")
    phone.receives("Who should get your request?")
    phone.texts("2")
    phone.receives("reach you")
    phone.texts("2")
    phone.receives("In a few words")
    phone.texts("1")
    phone.receives("1 Right", "2 Change")
    phone.texts("2")
    phone.receives("What do you want to change?", "2 The place")
    phone.texts("2")
    phone.receives("Where do you need help?")
    phone.texts("Kirkuk")
    phone.receives("1 ")
    phone.texts("2")
    phone.receives("Kirkuk", "1 Right")


def test_contradictions_end_in_what_was_said_last(phone: Phone) -> None:
    phone.texts("please register me for food in Mosul")
    phone.receives("Who should get your request?")
    phone.texts("2")
    phone.receives("reach you")
    phone.texts("call me")
    phone.receives("good time")
    phone.texts("no don't call me, write a message")
    phone.receives("In a few words")
    phone.texts("1")
    phone.receives("Contact: text")


def test_another_question_in_between_and_back(phone: Phone) -> None:
    phone.texts("please register me for food in Mosul")
    phone.receives("Who should get your request?")
    phone.texts("is this free? who are you?")
    phone.receives("computer program")
    phone.texts("2")
    phone.receives("reach you")


def test_the_wish_again_in_the_middle_is_no_dead_end(phone: Phone) -> None:
    phone.texts("سجلوني على مساعدة غذائية بالموصل")
    phone.receives("لمن نرسل طلبك؟")
    phone.texts("سجلوني على مساعدة")
    phone.receives("ما فهمت هذا الجواب", "لمن نرسل طلبك؟")
    phone.texts("اتصلوا بيه العصر")
    phone.receives("لمن نرسل طلبك؟")
    phone.texts("2")
    phone.receives("بكلمات قليلة")


def test_another_number_is_called(phone: Phone) -> None:
    phone.texts("please register me for food in Mosul")
    phone.receives("Who should get your request?")
    phone.texts("2")
    phone.receives("3 Call another number")
    phone.texts("3")
    phone.receives("Write the number we should call")
    phone.texts("٠٧٧٠١٢٣٤٥٦٧")
    phone.receives("good time")
    phone.texts("any time")
    phone.receives("In a few words")
    phone.texts("1")
    phone.receives("+9647701234567")


def test_a_sensitive_need_is_never_collected(phone: Phone) -> None:
    phone.texts("I want to be referred for support for women survivors of violence in Mosul")
    answer = phone.receives()
    assert "reach you" not in answer.body
    assert "Who should get your request?" not in answer.body


def test_somebody_elses_code_is_as_unknown_as_none(phone: Phone, stack: Stack, emulator_url: str) -> None:
    code = opened(phone)
    stranger = Phone(emulator_url, "+9647990000001")
    stranger.texts(f"my request {code}")
    stranger.receives("no request with this code")


def test_taken_back_by_its_code(phone: Phone) -> None:
    code = opened(phone)
    phone.texts(f"cancel my request {code}")
    phone.receives("Shall we cancel", code, "1 Yes, cancel it")
    phone.texts("1")
    phone.receives(code, "cancelled", "consent")
    phone.texts(f"my request {code}")
    phone.receives(code, "cancelled")


def test_a_caseworker_moves_it_and_the_phone_hears(phone: Phone, stack: Stack) -> None:
    code = opened(phone)
    staff = signed_in(stack, "caseworker")
    listing = staff.get("/console/referrals").text
    address = re.search(rf'href="(/console/referrals/[0-9a-f-]+)"[^>]*>(?:(?!</a>).)*{code}', listing, re.S)
    assert address, "the referral is on the caseworkers' list"
    page = staff.get(address[1]).text
    assert phone.number not in page
    send(staff, f"{address[1]}/move", page, to="received", seen="sent")
    phone.receives(code, "arrived")


def test_on_whatsapp_with_buttons(whatsapp: Phone) -> None:
    whatsapp.texts("please register me for food in Mosul")
    whatsapp.receives("Who should get your request?")
    whatsapp.taps("Your team chooses")
    whatsapp.receives("reach you")
    whatsapp.taps("Write to me here")
    whatsapp.receives("In a few words")
    whatsapp.taps("Say nothing more")
    whatsapp.receives("Your request")
    # What is somebody's own has nothing to tap: Twilio would keep its text.
    whatsapp.texts("1")
    whatsapp.receives("May our caseworkers")
    whatsapp.texts("yes")
    whatsapp.receives("Its code is")
