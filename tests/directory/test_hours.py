from datetime import time

import pytest

from directory.hours import Opening, render
from infrastructure.wording import Wording


@pytest.mark.parametrize(
    ("byday", "opens", "closes", "arabic", "english"),
    [
        ("SU,MO,TU,WE,TH", time(9), time(15), "الأحد-الخميس 9ص-3م", "Sun-Thu 9am-3pm"),
        ("TH,TU,SU", time(8, 30), time(12), "الأحد، الثلاثاء، الخميس 8:30ص-12م", "Sun, Tue, Thu 8:30am-12pm"),
        ("SA", time(10), time(13), "السبت 10ص-1م", "Sat 10am-1pm"),
        ("SA,SU,MO", time(14), time(18), "السبت-الاثنين 2م-6م", "Sat-Mon 2pm-6pm"),
        ("SU,MO,TU,WE,TH,SA", time(8), time(14), "السبت-الخميس 8ص-2م", "Sat-Thu 8am-2pm"),
        ("SU,MO,TU,WE,TH,FR,SA", time(9), time(17), "كل يوم 9ص-5م", "Every day 9am-5pm"),
        ("SU,MO,TU,WE,TH,FR,SA", time(0), time(23, 59), "كل يوم 24 ساعة", "Every day 24 hours"),
        ("FR", time(0), time(1), "الجمعة 12ص-1ص", "Fri 12am-1am"),
    ],
)
def test_hours_are_short_and_clear(
    words: Wording, byday: str, opens: time, closes: time, arabic: str, english: str
) -> None:
    openings = [Opening(tuple(byday.split(",")), opens, closes)]
    assert render(openings, "ar", words) == arabic
    assert render(openings, "en", words) == english


def test_several_openings_come_in_the_order_of_the_week(words: Wording) -> None:
    openings = [
        Opening(("SA",), time(9), time(12)),
        Opening(("SU", "MO"), time(14), time(16)),
        Opening(("SU", "MO"), time(9), time(12)),
    ]
    assert render(openings, "en", words) == "Sun-Mon 9am-12pm, Sun-Mon 2pm-4pm, Sat 9am-12pm"


def test_no_opening_says_nothing(words: Wording) -> None:
    assert render([], "en", words) == ""
