"""A person takes the conversation over: asked for, urgent, or by themselves; the bot is silent, then goes on."""

from concurrent.futures import ThreadPoolExecutor

from tests.journeys.staff import Desk, signed_in
from tests.phone import Phone
from tests.stack import Stack


def test_staff_answer_in_place_of_the_bot(phone: Phone, stack: Stack) -> None:
    phone.texts("اريد احچي ويه موظف")
    phone.receives("موظف")
    desk = Desk(signed_in(stack, "hotline"), phone)
    desk.takes_over()
    phone.receives("Hotline (demo)")
    phone.texts("اريد محامي بدهوك")
    desk.writes("هلا بيك، شلون أساعدك؟")
    answer = phone.receives("شلون أساعدك؟")
    assert "دهوك" not in answer.body
    desk.hands_back()
    phone.receives("دليل الآلي")
    phone.texts("اريد محامي بدهوك")
    phone.receives("دهوك", "+44")


def test_somebody_in_danger_stands_on_top_and_staff_take_over(phone: Phone, stack: Stack) -> None:
    phone.texts("زوجي يضربني كل يوم")
    phone.receives("مو ذنبك")
    hotline = signed_in(stack, "hotline")
    waiting = hotline.get("/console/conversations?show=waiting").text
    assert f"•••{phone.number[-3:]}" in waiting
    desk = Desk(hotline, phone)
    desk.takes_over()
    phone.receives("Hotline (demo)")
    desk.writes("وياج. ما تحتاجين تحچين شي ما تريدينه.")
    phone.receives("وياج")
    desk.hands_back("referred")
    phone.receives()


def test_the_form_that_was_open_is_gone_after_a_person(phone: Phone, stack: Stack) -> None:
    phone.texts("please register me for food in Mosul")
    phone.receives("Who should get your request?")
    phone.texts("I want to talk to a person")
    phone.receives("staff")
    desk = Desk(signed_in(stack, "caseworker"), phone)
    desk.takes_over()
    phone.receives("Caseworker (demo)")
    desk.hands_back("referred")
    phone.receives("automatic guide")
    phone.texts("2")
    phone.receives("1 A service or help")


def test_ten_messages_at_once_while_staff_hold_are_all_kept(phone: Phone, stack: Stack) -> None:
    phone.texts("human please, I want to talk to a person")
    phone.receives("staff")
    desk = Desk(signed_in(stack, "hotline"), phone)
    desk.takes_over()
    phone.receives("Hotline (demo)")
    said = [f"this is message number {number} of ten" for number in range(10)]
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(phone.texts, said))
    desk.writes("I read all of it.")
    phone.receives("I read all of it.")
    page = desk.page
    assert all(text in page for text in said)
    desk.hands_back()
    phone.receives("automatic guide")


def test_two_colleagues_at_once_one_has_it(phone: Phone, stack: Stack) -> None:
    phone.texts("I want to talk to a person")
    phone.receives("staff")
    desks = [Desk(signed_in(stack, role), phone) for role in ("hotline", "caseworker")]
    with ThreadPoolExecutor(2) as pool:
        answers = [answer.status_code for answer in pool.map(Desk.takes_over, desks)]
    assert sorted(answers) == [200, 409]
    phone.receives("(demo)")
    late = desks[answers.index(409)].writes("I would have helped too")
    assert late.status_code == 409
    assert "I would have helped too" in late.text
    desks[answers.index(200)].hands_back("not_needed")
    phone.receives("automatic guide")


def test_a_picture_and_a_voice_note_reach_staff(whatsapp: Phone, stack: Stack) -> None:
    whatsapp.sends_picture("هذا المستمسك مالتي")
    whatsapp.receives()
    whatsapp.sends_voice()
    whatsapp.receives()
    page = Desk(signed_in(stack, "hotline"), whatsapp).page
    assert "Picture" in page
    assert "Voice note" in page


def test_a_pin_answers_what_is_near(whatsapp: Phone) -> None:
    whatsapp.texts("I need a doctor")
    whatsapp.receives("Where do you need this?")
    whatsapp.sends_location(36.34, 43.13)
    whatsapp.receives("Health care in Mosul")
