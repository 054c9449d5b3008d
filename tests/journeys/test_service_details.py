"""More about the service just shown, and the numbered menu on both channels."""

from tests.phone import Phone


def test_hours_and_phone_of_what_was_shown(phone: Phone) -> None:
    phone.texts("I need a lawyer in Duhok")
    phone.receives("Duhok", "+44")
    phone.texts("when are they open")
    phone.receives("Hours", "Sun-Thu", within_parts=2)
    phone.texts("what is the phone number")
    phone.receives("Phone: +44", within_parts=2)


def test_what_is_not_known_of_a_service_is_said(phone: Phone) -> None:
    phone.texts("اريد محامي بدهوك")
    phone.receives("دهوك")
    phone.texts("شكد يكلف")
    phone.receives("الكلفة: ما نعرف", within_parts=2)


def test_the_menu_in_arabic_digits(phone: Phone) -> None:
    phone.texts("قائمة")
    phone.receives("1 خدمة أو مساعدة", "2 مستمسكات", "6 أحكي ويه موظف", within_parts=3)
    phone.texts("١")
    phone.receives("شنو تحتاج؟", "1 علاج ودواء")
    phone.texts("٢")
    phone.receives("في أي مكان")
    phone.texts("كركوك")
    phone.receives("الغذاء", "كركوك")


def test_a_number_without_a_question_shows_the_menu(phone: Phone) -> None:
    phone.texts("hello")
    phone.receives("Daleel")
    phone.texts("7")
    phone.receives("1 A service or help")


def test_the_menu_is_a_list_on_whatsapp(whatsapp: Phone) -> None:
    whatsapp.texts("help")
    menu = whatsapp.receives("1 A service or help")
    assert [reply["title"] for reply in menu.quick_replies][:2] == ["A service or help", "Documents"]
    whatsapp.taps("Documents")
    whatsapp.receives("Which document?")
    whatsapp.taps("Passport")
    whatsapp.receives("passport")


def test_a_button_of_an_older_question_says_its_own_words(whatsapp: Phone) -> None:
    whatsapp.texts("my documents are lost")
    whatsapp.receives("Which document?")
    whatsapp.texts("food in Kirkuk")
    whatsapp.receives("Kirkuk")
    # The list is still on the screen.
    whatsapp.texts("Birth certificate")
    whatsapp.receives("birth")


def test_more_services_after_more_of_an_article(phone: Phone) -> None:
    phone.texts("I need a lawyer in Duhok")
    phone.receives('Write "more"')
    phone.texts("more")
    phone.receives("Duhok")
    phone.texts("my national card is lost, what are the steps")
    phone.receives("National card", "If it is lost")
    phone.texts("more")
    phone.receives("National card")
