"""People say what went wrong with a service they were told of: staff find it among the reports."""

from tests.journeys.staff import signed_in
from tests.phone import Phone
from tests.stack import Stack


def test_a_number_that_is_wrong_stands_among_the_reports(phone: Phone, stack: Stack) -> None:
    phone.texts("I need a lawyer in Duhok")
    phone.receives("Duhok", "+44")
    phone.texts("the number you gave me is wrong")
    asked = phone.receives("Which one", "1 ", "2 ", within_parts=1)
    phone.texts("2")
    name = asked.body.split("\n2 ")[1].strip()
    phone.receives("Thank you", name, "more", within_parts=1)
    reports = signed_in(stack, "hotline").get("/console/directory/reports").text
    assert name in reports
    assert "The number is wrong" in reports
    assert phone.number not in reports


def test_refused_in_dialect_leads_to_a_person_too(phone: Phone) -> None:
    phone.texts("اريد محامي بدهوك")
    phone.receives("دهوك")
    phone.texts("ما قبلوني ورجعوني من الباب")
    phone.receives("عن أي مكان؟", within_parts=1)
    phone.texts("١")
    phone.receives("نأسف", within_parts=3)


def test_praise_is_no_report(phone: Phone) -> None:
    phone.texts("I need a lawyer in Duhok")
    phone.receives("Duhok")
    phone.texts("the lawyer was very good, thank you for the help, may god bless you all")
    assert "Which one" not in phone.receives().body


def test_a_complaint_about_nothing_we_said_goes_to_staff(phone: Phone) -> None:
    phone.texts("the food basket had worms and the rice was expired")
    phone.receives("staff", within_parts=2)
