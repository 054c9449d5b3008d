"""How a document is got, replaced or mended: the short answer first, then piece by piece."""

import pytest

from tests.phone import Phone


def test_a_lost_card_and_what_it_costs(phone: Phone) -> None:
    phone.texts("ضاعت بطاقتي الوطنية شسوي")
    phone.receives("البطاقة الوطنية", "إذا ضاعت")
    phone.texts("وشكد تكلف؟")
    phone.receives("البطاقة الوطنية", "الكلفة", "دينار")
    phone.texts("شكرا هواي")
    phone.receives("أهلاً")


def test_a_question_keeps_its_topic_for_a_child(phone: Phone) -> None:
    phone.texts("how do I get a national card")
    phone.receives("national card", "1 ")
    phone.texts("and for my son?")
    phone.receives("For a child")
    phone.texts("how long does it take")
    phone.receives("How long")


def test_where_in_dialect(phone: Phone) -> None:
    phone.texts("وين اكدر اطلع هوية؟")
    phone.receives("وين", "البطاقة الوطنية")


def test_a_passport_abroad_in_arabizi(phone: Phone) -> None:
    phone.texts("jawazi tha3 w ani bturkiya shasawi")
    phone.receives("جواز", "القنصلية")


def test_sources_that_differ_are_said_to_differ(phone: Phone) -> None:
    phone.texts("شكد يكلف الجواز")
    phone.receives("المصادر تختلف", "25,000", "91,000")


def test_numbers_lead_on_and_more_goes_on(phone: Phone) -> None:
    phone.texts("اريد بطاقة سكن شنو المطلوب")
    first = phone.receives("بطاقة السكن", "شنو أجيب", "المزيد")
    phone.texts("المزيد")
    second = phone.receives()
    assert first.body != second.body


def test_which_document_is_asked_once(phone: Phone) -> None:
    phone.texts("ضيعت مستمسكاتي كلها")
    phone.receives("أي مستمسك", "1 البطاقة الوطنية", "2 جواز السفر")
    phone.texts("٣")
    phone.receives("الولادة")


def test_papers_from_an_armed_group_ask_for_nothing(phone: Phone) -> None:
    phone.texts("عندي عقد زواج من وقت داعش")
    answer = phone.receives("ما تقبلها الدولة", "لا ترسل صورتها")
    assert "داعش" not in answer.body


def test_a_child_without_papers_is_asked_no_reason(phone: Phone) -> None:
    phone.texts("my son was born at home and he has no birth certificate")
    phone.receives("Birth certificate")


def test_what_is_not_known_is_said(phone: Phone) -> None:
    phone.texts("how much does a housing card cost")
    phone.receives("not sure", "person")


def test_from_a_document_to_who_helps_nearby(phone: Phone) -> None:
    phone.texts("how do I get a birth certificate")
    answer = phone.receives("birth", "Who can help me")
    number = next(line.split()[0] for line in answer.body.splitlines() if line.endswith("Who can help me"))
    phone.texts(number)
    phone.receives("Where do you need this?")
    phone.texts("Mosul")
    phone.receives("Documents in Mosul", "Demo data", "+44")


def test_a_death_is_spoken_of_kindly(phone: Phone) -> None:
    phone.texts("زوجي مات الله يرحمه واريد شهادة وفاة")
    phone.receives("البقية بحياتك")


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("batakat tamween mali in7argat", "البطاقة التموينية"),
        ("i need divorce paper from court", "divorce"),
        ("شلون اطلع قسام شرعي", "القسام"),
        ("wen atla3 shahadat jinsiya", "الجنسية"),
        ("my university certificate was burned", "certificate"),
        ("اريد وصاية على ابن اخوي", "محكمة الأحوال الشخصية"),
        ("security clearance for travel, do I need it", "person"),
        ("I am a worker from Bangladesh, my residence permit finished", "person"),
    ],
)
def test_other_documents(phone: Phone, text: str, part: str) -> None:
    phone.texts(text)
    phone.receives(part)
