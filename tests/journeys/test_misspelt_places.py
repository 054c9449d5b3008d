"""A misspelt place is a guess, and a guess is asked about: a wrong address costs somebody the way there."""

from tests.phone import Phone


def test_a_misspelt_place_is_asked_about(phone: Phone) -> None:
    phone.texts("I need a lawyer in Karkok")
    phone.receives("Kirkuk?", "1 Yes", within_parts=1)
    phone.texts("1")
    phone.receives("Kirkuk", "+44", within_parts=3)


def test_a_yes_in_words_will_do(phone: Phone) -> None:
    phone.texts("اريد محامي من بقداد")
    phone.receives("بغداد؟", within_parts=1)
    phone.texts("اي نعم")
    phone.receives("بغداد", "+44", within_parts=3)


def test_another_place_than_the_one_guessed_at(phone: Phone) -> None:
    phone.texts("where is a doctor in Bagdhad")
    phone.receives("Baghdad?")
    phone.texts("no")
    phone.receives("name of a city")
    phone.texts("Basra")
    phone.receives("Basra", "Health", within_parts=3)


def test_a_guess_is_dropped_when_somebody_goes_on(phone: Phone) -> None:
    phone.texts("I need a lawyer in Karkok")
    phone.receives("Kirkuk?")
    phone.texts("I need a lawyer in Duhok")
    phone.receives("Duhok", "+44")
    phone.texts("yes")
    assert "Kirkuk" not in phone.receives().body
