"""The text a person reads: what it holds, and what is left out when there is little room."""

from dataclasses import replace
from datetime import date, time
from itertools import product
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from directory.card import LEFT_TO_RIGHT, answer, fit
from directory.models import Place
from directory.needs import NEEDS
from directory.opening import Rule
from directory.results import Found, Page
from directory.search import Wanted, search
from infrastructure.segments import is_gsm, parts
from infrastructure.wording import Wording

FOUND = Found(
    service_id=UUID(int=2),
    location_id=UUID(int=1),
    organization_id=UUID(int=3),
    service_name={"ar": "عيادة IOM", "en": "Clinic"},
    organization_name={"ar": "أحد", "en": "somebody"},
    summary={"ar": "طبيب ودواء", "en": "Doctor and medicine"},
    place_name={"ar": "سنجار", "en": "Sinjar"},
    address={"ar": "قرب السوق", "en": "Near the market"},
    point=None,
    kilometres=None,
    schedules=(Rule(byday=tuple("SU,MO,TU,WE,TH".split(",")), opens_at=time(9), closes_at=time(15)),),
    phone="+447700900123",
    alert={},
    access="walk_in",
    capacity="open",
    assured_date=date(2026, 11, 9),
    is_due=False,
    is_demo=False,
)
OTHER = replace(
    FOUND,
    service_name={"ar": "صيدلية", "en": "Pharmacy"},
    summary={"ar": "أدوية بعد الفحص عند طبيب المركز", "en": "Medicine after a visit to the doctor"},
    phone="+447700900124",
)


def page(*results: Found, total: int | None = None, offset: int = 0, needs: tuple[str, ...] = ("health",)) -> Page:
    count = len(results) if total is None else total
    return Page(results, count, offset, needs, "IQG15", {"ar": "نينوى", "en": "Ninewa"})


def test_english_in_full(words: Wording) -> None:
    assert answer(page(FOUND, total=3), "en", budget_parts=None, wording=words) == (
        "Health care in Ninewa\n"
        "Clinic\nDoctor and medicine\nSinjar, Near the market\nSun-Thu 9am-3pm\n+447700900123\nChecked 11/2026\n"
        'Write "more" for other services.'
    )


def test_arabic_in_full_with_the_number_reading_left_to_right(words: Wording) -> None:
    assert answer(page(FOUND), "ar", budget_parts=None, wording=words) == (
        "علاج ودواء في نينوى\n"
        "عيادة IOM\nطبيب ودواء\nسنجار، قرب السوق\nالأحد-الخميس 9ص-3م\n\u200e+447700900123\nتدقيق 11/2026"
    )


def test_only_an_international_number_in_arabic_is_marked_left_to_right(words: Wording) -> None:
    local = replace(FOUND, phone="119")
    assert LEFT_TO_RIGHT not in answer(page(local), "ar", budget_parts=None, wording=words)
    assert LEFT_TO_RIGHT not in answer(page(FOUND), "en", budget_parts=None, wording=words)


def test_the_header_does_not_repeat_itself(words: Wording) -> None:
    asked = replace(page(FOUND), place_name=FOUND.place_name)
    assert answer(asked, "en", budget_parts=None, wording=words).count("Sinjar") == 1


def test_several_needs_are_called_services(words: Wording) -> None:
    text = answer(page(FOUND, needs=("health", "cash")), "en", budget_parts=None, wording=words)
    assert text.startswith("Services in Ninewa\n")


def test_without_an_address_people_are_told_to_call(words: Wording) -> None:
    text = answer(page(replace(FOUND, address=None)), "en", budget_parts=None, wording=words)
    assert "Sinjar, call to ask where\n" in text


def test_unknown_details_leave_no_empty_lines(words: Wording) -> None:
    bare = replace(FOUND, schedules=(), phone=None, assured_date=None)
    assert answer(page(bare), "en", budget_parts=None, wording=words) == (
        "Health care in Ninewa\nClinic\nDoctor and medicine\nSinjar, Near the market"
    )


@pytest.mark.parametrize(("language", "mark"), [("ar", "بيانات تجريبية"), ("en", "Demo data")])
def test_demo_data_is_said_to_be_demo(words: Wording, language: str, mark: str) -> None:
    made_up = page(FOUND, replace(OTHER, is_demo=True))
    assert mark in answer(made_up, language, budget_parts=1, wording=words)
    assert mark in answer(made_up, language, budget_parts=None, wording=words)
    assert mark not in answer(page(FOUND, OTHER), language, budget_parts=None, wording=words)


def test_less_room_shortens_the_second_then_the_first_then_leaves_one_out(words: Wording) -> None:
    both_of_them = page(FOUND, OTHER)
    by_budget = {budget: fit(both_of_them, "ar", budget_parts=budget, wording=words) for budget in (4, 3, 2, 1)}
    details = {budget: found.text.count("تدقيق") for budget, found in by_budget.items()}
    assert details == {4: 2, 3: 1, 2: 0, 1: 0}
    assert {budget: found.shown for budget, found in by_budget.items()} == {4: 2, 3: 2, 2: 2, 1: 1}
    assert "صيدلية" in by_budget[2].text
    assert "طبيب" not in by_budget[2].text


def test_a_result_left_out_is_offered_with_more(words: Wording) -> None:
    one = fit(page(FOUND, OTHER), "ar", budget_parts=1, wording=words)
    assert one.text.endswith("اكتب «المزيد»")
    two = fit(page(FOUND, OTHER), "ar", budget_parts=3, wording=words)
    assert "المزيد" not in two.text


def test_one_long_result_is_fullest_alone_before_a_name_is_cut(words: Wording) -> None:
    long = replace(OTHER, service_name={"ar": "x" * 400, "en": "x" * 400})
    one = fit(page(FOUND, long), "ar", budget_parts=3, wording=words)
    assert one.shown == 1
    assert "طبيب ودواء" in one.text
    assert "x" * 400 in answer(page(long), "ar", budget_parts=3, wording=words)


@pytest.mark.parametrize(("language", "word"), [("ar", "«موظف»"), ("en", '"person"')])
def test_no_result_offers_a_person(words: Wording, language: str, word: str) -> None:
    none = page()
    texts = [
        answer(none, language, budget_parts=3, wording=words),
        answer(replace(none, place_name=None, place=None), language, budget_parts=3, wording=words),
        answer(replace(none, total=4, offset=4), language, budget_parts=3, wording=words),
    ]
    assert all(word in text for text in texts)
    assert len(set(texts)) == 3


async def test_every_demo_answer_fits_three_parts_with_both_results(demo: AsyncSession, words: Wording) -> None:
    places = list(await demo.scalars(select(Place.code).where(Place.level == "governorate")))
    detailed = {"ar": 0, "en": 0}
    answers = 0
    for need, place in product(NEEDS, places):
        page = await search(demo, Wanted([need], place), limit=100, demo=True)
        for offset in range(0, page.total, 2):
            answers += not page.is_nearby
            for language in detailed:
                shown = replace(page, results=page.results[offset : offset + 2], offset=offset)
                text = fits_three_parts(shown, language, words)
                is_detailed = words.say("utter_card_checked", language, month="").strip() in text
                detailed[language] += is_detailed and not page.is_nearby
    assert answers > 4 * len(NEEDS)
    # Nearly every answer tells where and when, not only whom to call.
    assert all(count / answers > 0.9 for count in detailed.values()), (detailed, answers)


def fits_three_parts(page: Page, language: str, words: Wording) -> str:
    text, shown = fit(page, language, budget_parts=3, wording=words)
    assert parts(text) <= 3, text
    assert shown == len(page.results), text
    assert is_gsm(text) == (language == "en"), text
    assert words.say("utter_card_demo", language) in text
    assert all(result.phone in text for result in page.results if result.phone)
    return text


@pytest.mark.parametrize("need", NEEDS)
@pytest.mark.parametrize("language", ["ar", "en"])
def test_every_need_has_a_short_name(words: Wording, need: str, language: str) -> None:
    assert 3 <= len(words.say(f"utter_need_{need}", language)) <= 26


def test_an_alert_a_full_house_and_how_to_come_are_said(words: Wording) -> None:
    closed = replace(
        FOUND, alert={"ar": "مغلق هذا الأسبوع", "en": "Closed this week"}, access="referral", capacity="full"
    )
    assert answer(page(closed), "en", budget_parts=None, wording=words) == (
        "Health care in Ninewa\nClinic\nDoctor and medicine\nClosed this week\nFull at the moment\n"
        "Sinjar, Near the market\nSun-Thu 9am-3pm\nBy referral only, +447700900123\nChecked 11/2026"
    )
    assert "مغلق هذا الأسبوع" in fit(page(closed, OTHER, total=9), "ar", budget_parts=3, wording=words).text


def test_what_was_checked_long_ago_says_so_however_short_the_answer(words: Wording) -> None:
    old = replace(FOUND, is_due=True)
    for language, word in (("ar", "تدقيق 11/2026"), ("en", "Checked 11/2026")):
        for budget in (1, 2, 3, None):
            assert word in answer(page(old), language, budget_parts=budget, wording=words)


def test_the_nearest_elsewhere_are_said_to_be_elsewhere(words: Wording) -> None:
    near = replace(page(FOUND), is_nearby=True)
    assert answer(near, "en", budget_parts=None, wording=words).startswith("None in Ninewa. Nearest, Health care\n")
    assert answer(near, "ar", budget_parts=None, wording=words).startswith("لا يوجد في نينوى. الأقرب، علاج ودواء\n")


@pytest.mark.parametrize(
    ("kilometres", "said"), [(0.04, "0.0 km"), (1.43, "1.4 km"), (9.96, "10.0 km"), (12.6, "13 km"), (None, None)]
)
def test_how_far_it_is_from_a_pin(words: Wording, kilometres: float | None, said: str | None) -> None:
    text = answer(page(replace(FOUND, kilometres=kilometres)), "en", budget_parts=None, wording=words)
    assert (f"Near the market, {said}" in text) if said else ("km" not in text)


def test_that_nothing_is_open_now_is_said_first(words: Wording) -> None:
    shut = replace(page(FOUND), none_open=True)
    assert answer(shut, "en", budget_parts=3, wording=words).startswith("Health care in Ninewa - none open now\n")
    assert "ماكو مفتوح هسه" in answer(shut, "ar", budget_parts=3, wording=words)
