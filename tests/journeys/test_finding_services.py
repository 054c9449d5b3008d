"""People ask where help is. Real Rasa, PostgreSQL, Valkey; only Twilio is emulated."""

from tests.phone import Phone


def test_arabic_question_with_need_and_place(phone: Phone) -> None:
    phone.texts("وين اكدر احصل على دعم نفسي بالموصل؟")
    phone.receives("دعم نفسي", "الموصل", "+44", "بيانات تجريبية", "المزيد", within_parts=3)


def test_english_question_with_need_and_place(phone: Phone) -> None:
    phone.texts("where can I get help with my lost documents in Duhok")
    answer = phone.receives("Duhok", "+447700900", "Demo data", within_parts=3)
    assert "9/2026" in answer.body or "10/2026" in answer.body or "11/2026" in answer.body


def test_two_results_then_more_until_there_are_none(phone: Phone) -> None:
    phone.texts("اريد دكتور نفسي بالموصل")
    seen = [phone.receives("الدعم النفسي", "المزيد").body]
    for _ in range(20):
        phone.texts("المزيد")
        answer = phone.receives(within_parts=3)
        if "الدعم النفسي" not in answer.body:
            break
        assert answer.body not in seen
        seen.append(answer.body)
    assert len(seen) >= 2
    assert "كل الخدمات" in answer.body


def test_the_place_is_asked_for_and_then_remembered(phone: Phone) -> None:
    phone.texts("I need a lawyer")
    phone.receives("city")
    phone.texts("Kirkuk")
    phone.receives("Kirkuk", "+447700900")
    phone.texts("and food?")
    phone.receives("Kirkuk", "Food")


def test_the_need_is_asked_for(phone: Phone) -> None:
    phone.texts("احتاج مساعدة")
    phone.receives("تحتاج")
    phone.texts("محامي")
    phone.receives("المدينة")
    phone.texts("بدهوك")
    phone.receives("دهوك", "+44")


def test_a_pin_is_a_place(whatsapp: Phone) -> None:
    whatsapp.texts("اريد طبيب")
    whatsapp.receives("المدينة")
    whatsapp.sends_location(36.34, 43.13, "الموصل")
    whatsapp.receives("الموصل", "+44", within_parts=10)


def test_a_pin_far_from_iraq_is_not_guessed_at(whatsapp: Phone) -> None:
    whatsapp.texts("اريد طبيب")
    whatsapp.receives("المدينة")
    whatsapp.sends_location(48.85, 2.35)
    whatsapp.receives("العراق", within_parts=3)


def test_dialect_and_arabizi(phone: Phone) -> None:
    phone.texts("اكو احد يساعدني بالايجار بالانبار")
    phone.receives("الأنبار")
    phone.texts("areed shughul bil mosul")
    phone.receives("الموصل")


def test_whatsapp_gets_both_results_in_full(whatsapp: Phone) -> None:
    whatsapp.texts("وين اكو عيادة نفسية بالموصل")
    answer = whatsapp.receives("الموصل", within_parts=20)
    assert answer.body.count("+44") == 2
    assert answer.body.count("2026") == 2


def test_an_organization_by_its_name(phone: Phone) -> None:
    phone.texts("وين مكتب جمعية نبع المثال بالموصل")
    phone.receives("جمعية نبع المثال في الموصل", "بيانات تجريبية", "+44", within_parts=3)
    phone.texts("وبدهوك؟")
    phone.receives("جمعية نبع المثال", "دهوك", within_parts=3)
    phone.texts("شنو رقم جمعية جسر المثال")
    phone.receives("جمعية جسر المثال", "+44", within_parts=3)


def test_the_same_organization_elsewhere_by_no_name(phone: Phone) -> None:
    phone.texts("وين مكتب جمعية نبع المثال بالموصل")
    phone.receives("جمعية نبع المثال في الموصل")
    phone.texts("وينهم بدهوك")
    phone.receives("جمعية نبع المثال", "دهوك", within_parts=3)
    phone.texts("متى؟")
    phone.receives("الدوام", within_parts=2)
    phone.texts("where are they in Mosul")
    phone.receives("in Mosul", within_parts=3)
    phone.texts("and in Duhok")
    phone.receives("in Duhok", within_parts=3)


def test_an_organization_by_its_name_in_english_then_something_else(phone: Phone) -> None:
    phone.texts("Example Roof Society phone number")
    first = phone.receives("Example Roof Society", "+44", "more", within_parts=3)
    phone.texts("more")
    assert phone.receives("Example Roof Society", within_parts=3).body != first.body
    phone.texts("food in Mosul")
    phone.receives("Food in Mosul", within_parts=3)


def test_a_need_that_the_named_organization_has_nothing_for(phone: Phone) -> None:
    phone.texts("does Example Roof Society have a psychologist in Mosul")
    phone.receives("Mental health", "Mosul", within_parts=3)


def test_an_organization_is_not_asked_for_any_more_with_another_need(phone: Phone) -> None:
    phone.texts("وين مكتب جمعية نبع المثال بالموصل")
    phone.receives("جمعية نبع المثال في الموصل")
    phone.texts("اريد محامي من بقداد")
    phone.receives("قصدك", "بغداد")
    phone.texts("1")
    answer = phone.receives("قانونية", "بغداد", "+44", within_parts=3)
    assert "نبع المثال" not in answer.body
