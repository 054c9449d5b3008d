"""«احذف بياناتي»: asked once more, then nothing is left; a report of misconduct is read by focal points alone."""

import re
import time

from tests.journeys.staff import Desk, signed_in
from tests.phone import Phone
from tests.stack import Stack


def test_erased_on_the_second_word(phone: Phone, stack: Stack) -> None:
    phone.texts("I need a lawyer in Duhok, my name is Zubaida Kareem")
    phone.receives("Duhok")
    hotline = signed_in(stack, "hotline")
    desk = Desk(hotline, phone)
    assert "Zubaida Kareem" in desk.page
    phone.texts("delete my data")
    phone.receives("cannot be undone", "1 Yes, delete")
    phone.texts("1")
    phone.receives("We are now erasing", "keep only")
    deadline = time.monotonic() + 20
    while hotline.get(desk.address).status_code != 404:
        assert time.monotonic() < deadline, "the conversation is still there"
        time.sleep(0.1)
    # Who writes again is somebody new.
    phone.texts("مرحبا")
    phone.receives("دليل")


def test_a_second_thought_keeps_everything(phone: Phone) -> None:
    phone.texts("احذفوا كل معلوماتي من عدكم")
    phone.receives("1 نعم، امسحوا")
    phone.texts("لا")
    phone.receives("ما مسحنا شي")


def test_in_the_middle_of_a_form_it_goes_first(phone: Phone) -> None:
    phone.texts("please register me for food in Mosul")
    phone.receives("Who should get your request?")
    phone.texts("delete my data")
    phone.receives("1 Yes, delete")
    phone.texts("2")
    phone.receives("nothing was erased")


def test_misconduct_is_kept_from_the_hotline(phone: Phone, stack: Stack) -> None:
    words = "the man who gives out the food baskets wants to sleep with me"
    phone.texts(words)
    phone.receives("Aid is free", within_parts=3)
    desk = Desk(signed_in(stack, "hotline"), phone)
    assert words not in desk.client.get(f"{desk.address}/thread").text
    focal_point = signed_in(stack, "psea")
    found = re.findall(r'href="(/console/misconduct/[0-9a-f-]+)"', focal_point.get("/console/misconduct").text)
    assert any(words in focal_point.get(report).text for report in found)
    # An admin can't either.
    assert signed_in(stack, "admin").get(found[0]).status_code == 403
