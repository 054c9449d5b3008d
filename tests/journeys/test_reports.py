"""People say what went wrong with a service they were told of: it opens a task, and staff look into it."""

from tests.phone import Phone


def test_a_number_that_is_wrong(phone: Phone) -> None:
    phone.texts("I need a lawyer in Duhok")
    phone.receives("Duhok", "+44")
    phone.texts("the number you gave me is wrong")
    asked = phone.receives("Which one", "1 ", "2 ", within_parts=1)
    phone.texts("2")
    name = asked.body.split("2 ")[1].strip()
    phone.receives("Thank you", name, "more", within_parts=1)


def test_in_dialect_and_refused_leads_to_a_person(phone: Phone) -> None:
    phone.texts("اريد محامي بدهوك")
    phone.receives("دهوك")
    phone.texts("ما قبلوني ورجعوني من الباب")
    phone.receives("عن أي مكان؟", within_parts=1)
    phone.texts("١")
    phone.receives("نأسف", within_parts=2)


def test_praise_is_no_report(phone: Phone) -> None:
    phone.texts("I need a lawyer in Duhok")
    phone.receives("Duhok")
    phone.texts("the lawyer was very good, thank you for the help, may god bless you all")
    assert "Which one" not in phone.receives().body


def test_a_complaint_about_nothing_we_said_goes_to_staff(phone: Phone) -> None:
    phone.texts("the food basket had worms and the rice was expired")
    phone.receives("staff", within_parts=1)
