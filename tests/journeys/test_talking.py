"""The conversation itself: greetings, language, a person, and what isn't for us."""

from tests.phone import Phone
from tests.stack import Stack


def test_greeting_tells_who_this_is(phone: Phone) -> None:
    phone.texts("السلام عليكم")
    phone.receives("دليل", "موظف", within_parts=2)
    phone.texts("thank you very much my friend")
    phone.receives("welcome", within_parts=1)
    phone.texts("bye bye, see you soon")
    phone.receives("Goodbye")


def test_help_shows_what_to_write(phone: Phone) -> None:
    phone.texts("help")
    phone.receives("1 A service or help", "6 Talk to a person", "own words")


def test_the_language_is_sticky_and_changes_on_request(phone: Phone) -> None:
    phone.texts("مرحبا")
    phone.receives("دليل")
    phone.texts("English")
    phone.receives("English")
    phone.texts("Mosul")
    phone.receives("What do you need")
    phone.texts("عربي")
    phone.receives("العربي")


def test_a_language_we_do_not_write_yet(phone: Phone) -> None:
    phone.texts("احچي وياي كردي")
    phone.receives("موظف")


def test_a_person_is_called_once(phone: Phone) -> None:
    phone.texts("اريد احچي ويه موظف")
    first = phone.receives()
    phone.texts("اريد احچي ويه موظف")
    second = phone.receives()
    assert first.body != second.body


def test_what_is_not_for_us_is_said_so(phone: Phone) -> None:
    phone.texts("who will win the football match tonight between Real Madrid and Barcelona")
    phone.receives("person")


def test_whatsapp_quick_replies_can_be_tapped(whatsapp: Phone) -> None:
    whatsapp.texts("احچي وياي كردي")
    whatsapp.receives("عربي")
    whatsapp.taps("English")
    whatsapp.receives("English")


def test_one_person_two_phones_two_conversations(stack: Stack, emulator_url: str, number: str) -> None:
    sms, whatsapp = Phone(emulator_url, number), Phone(emulator_url, number, "whatsapp")
    sms.texts("I need a lawyer")
    sms.receives("city")
    whatsapp.texts("Mosul")
    whatsapp.receives("What do you need")
