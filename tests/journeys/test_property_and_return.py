"""House and land, and the way home: told with care, the ways home never mixed up."""

from tests.phone import Phone


def test_compensation_in_arabizi(phone: Phone) -> None:
    phone.texts("baytna nhadam bil mosul, aku ta3wid?")
    phone.receives("القانون", "تعويض", "محد")


def test_a_house_with_others_in_it_warns_first(phone: Phone) -> None:
    phone.texts("احد ساكن ببيتي بالموصل ومايطلع")
    phone.receives("سلامتك أول", "لا تواجه")


def test_an_eviction_pushes_nobody(phone: Phone) -> None:
    phone.texts("the landlord wants to evict us from our house, what can we do")
    phone.receives("lawyer")


def test_a_burned_deed(phone: Phone) -> None:
    phone.texts("سند الطابو مالتي احترق بالحرب")
    phone.receives("السجل", "محامي")


def test_a_vague_question_about_a_house_is_asked_once(phone: Phone) -> None:
    phone.texts("قائمة")
    phone.receives("3 بيت أو أرض")
    phone.texts("3")
    phone.receives("1 سند أو طابو", "5 بيتي مهدّم")
    phone.texts("٣")
    phone.receives("القسام الشرعي")


def test_going_home_asks_one_question_with_four_answers(phone: Phone) -> None:
    phone.texts("I want to go back home")
    phone.receives("your own choice", "1 I am Iraqi", "2 Foreigner", "3 Displaced", "4 Refugee", within_parts=2)
    phone.texts("4")
    phone.receives("UNHCR", "you decide freely")


def test_an_iraqi_abroad(phone: Phone) -> None:
    phone.texts("I am Iraqi living in Germany and want to return to Iraq")
    phone.receives("Coming back is your choice")


def test_a_foreign_worker_is_not_sent_to_the_police(phone: Phone) -> None:
    phone.texts("اني عامل بنگلاديشي واريد ارجع لبلدي")
    phone.receives("قرارك", "قبل أي دائرة", "موظف")


def test_a_refugee_is_told_the_refugees_way(phone: Phone) -> None:
    phone.texts("انا لاجئ سوري واريد ارجع على سوريا")
    phone.receives("مفوضية")


def test_the_displaced_hear_of_all_three_ways(phone: Phone) -> None:
    phone.texts("احنه نازحين من سنجار ونريد نرجع")
    phone.receives("ترجع", "تبقى")
    phone.texts("شكد تطول؟")
    phone.receives()


def test_no_amount_is_promised(phone: Phone) -> None:
    phone.texts("شنو هي منحة العودة")
    answer = phone.receives("منحة")
    assert "مليون" not in answer.body


def test_a_programme_is_explained(phone: Phone) -> None:
    phone.texts("شنو هو صندوق تنمية المشاريع ومنو يستحق")
    phone.receives("مشاريع")
    phone.texts("what is AVRR")
    phone.receives("The choice is yours")


def test_a_programme_whose_name_alone_is_written(phone: Phone) -> None:
    phone.texts("EDF")
    phone.receives("مشاريع")
