"""Being understood: danger first, asked back when unclear, and what only a person can do."""

import pytest

from tests.phone import Phone


@pytest.mark.parametrize(
    ("text", "kind_word"),
    [
        ("راح انتحر وارتاح", "مو وحدك"),
        ("zawji yidhrubni kul yom", "مو ذنبك"),
        ("my husband beats me every night", "not your fault"),
        ("they took my passport and lock me in the house", "not your fault"),
        ("اكو رمي بالمنطقة والرصاص فوگ راسنا", "سلامتك"),
    ],
)
def test_somebody_in_danger_gets_a_safe_answer(phone: Phone, text: str, kind_word: str) -> None:
    phone.texts(text)
    phone.receives(kind_word, "0000000", within_parts=3)


def test_danger_in_the_middle_of_something_else_comes_first(phone: Phone) -> None:
    phone.texts("I need a lawyer")
    phone.receives("city")
    phone.texts("i want to kill myself")
    phone.receives("not alone")
    phone.texts("Kirkuk")
    phone.receives("Kirkuk")


@pytest.mark.parametrize("text", ["this heat is killing me lol", "دمرني الروتين", "الامتحان ذبحني والله 😂"])
def test_an_exaggeration_is_no_alarm(phone: Phone, text: str) -> None:
    phone.texts(text)
    assert "0000000" not in phone.receives().body


def test_what_stays_unclear_ends_with_the_offer_of_a_person(phone: Phone) -> None:
    phone.texts("...")
    phone.receives()
    phone.texts("؟؟؟")
    phone.receives("1 أريد أحكي ويه موظف", "2 شنو")
    phone.texts("١")
    phone.receives("موظف")


def test_a_complaint_about_an_aid_worker_goes_to_staff(phone: Phone) -> None:
    phone.texts("موظف المنظمة يريد فلوس حتى يحط اسمي بالقائمة")
    phone.receives("المساعدة مجانية")


def test_questions_about_papers_lead_to_who_helps(phone: Phone) -> None:
    phone.texts("شلون اطلع هوية بدل ضايع بكركوك")
    answer = phone.receives("إذا ضاعت", "منو يساعدني")
    phone.texts(next(line.split()[0] for line in answer.body.splitlines() if line.endswith("منو يساعدني")))
    phone.receives("كركوك", "الأوراق الرسمية")


def test_kurdish_gets_a_kind_note(phone: Phone) -> None:
    phone.texts("سڵاو، من لە هەولێرم و پێویستم بە یارمەتییە")
    phone.receives("کوردی")
