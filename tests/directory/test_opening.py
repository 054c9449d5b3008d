import calendar
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from dateutil.rrule import MONTHLY, SU, WEEKLY, rrule, weekday

from directory.hours import COUNTS, WEEK, Opening, render
from directory.opening import (
    BAGHDAD,
    MOST_RULES,
    RAMADAN,
    Rule,
    describe,
    is_open,
    is_ramadan,
    read_rule,
    read_rules,
)
from infrastructure.wording import Wording

WORKDAYS = ("SU", "MO", "TU", "WE", "TH")
OFFICE = Rule(byday=WORKDAYS, opens_at=time(9), closes_at=time(15))
EVENING = Rule(byday=("FR", "SA"), opens_at=time(20), closes_at=time(2))
ALWAYS = Rule(byday=tuple(WEEK), opens_at=time(0), closes_at=time(23, 59))
RAMADAN_HOURS = Rule(kind="ramadan", byday=WORKDAYS, opens_at=time(10), closes_at=time(13))
EID = Rule(kind="closed", valid_from=date(2026, 3, 20), valid_to=date(2026, 3, 23))
HOLIDAY_IN_RAMADAN = Rule(kind="closed", valid_from=date(2026, 3, 1), valid_to=date(2026, 3, 2))
FIRST_SUNDAY = Rule(freq="MONTHLY", byday=("1SU",), opens_at=time(9), closes_at=time(13))
LAST_THURSDAY = Rule(freq="MONTHLY", byday=("-1TH",), opens_at=time(9), closes_at=time(13))
DAY_31 = Rule(freq="MONTHLY", bymonthday=(31,), opens_at=time(9), closes_at=time(13))
LAST_DAY = Rule(freq="MONTHLY", bymonthday=(-1,), opens_at=time(9), closes_at=time(13))
# In step with Sunday 1 November 2026; Monday 2 November is the same week in Iraq.
FORTNIGHTLY = Rule(interval=2, byday=("SU", "MO"), dtstart=date(2026, 11, 1), opens_at=time(9), closes_at=time(13))
NOVEMBER = Rule(
    byday=WORKDAYS, opens_at=time(9), closes_at=time(15), valid_from=date(2026, 11, 2), valid_to=date(2026, 11, 30)
)


def baghdad(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BAGHDAD)


@pytest.mark.parametrize(
    ("rules", "at", "expected"),
    [
        # 15 November 2026 is a Sunday.
        ([OFFICE], "2026-11-15 08:59", False),
        ([OFFICE], "2026-11-15 09:00", True),
        ([OFFICE], "2026-11-15 14:59", True),
        ([OFFICE], "2026-11-15 15:00", False),
        ([OFFICE], "2026-11-20 10:00", False),  # Friday
        ([OFFICE], "2026-11-21 10:00", False),  # Saturday
        ([], "2026-11-15 10:00", None),
        # Over midnight: Saturday's night ends on Sunday, there is none from Sunday to Monday.
        ([EVENING], "2026-11-20 21:00", True),
        ([EVENING], "2026-11-22 01:59", True),
        ([EVENING], "2026-11-22 02:00", False),
        ([EVENING], "2026-11-23 01:00", False),
        ([EVENING], "2026-11-20 01:00", False),
        # Day and night.
        ([ALWAYS], "2026-11-15 23:59:30", True),
        ([ALWAYS], "2026-11-15 00:00", True),
        ([Rule(byday=("SU",), opens_at=time(0), closes_at=time(0))], "2026-11-15 12:00", True),
        ([Rule(byday=("SU",), opens_at=time(0), closes_at=time(0))], "2026-11-16 00:00", False),
        # Ramadan 2026: 18 February (Wednesday) to 19 March (Thursday).
        ([OFFICE, RAMADAN_HOURS], "2026-02-17 14:00", True),
        ([OFFICE, RAMADAN_HOURS], "2026-02-18 14:00", False),
        ([OFFICE, RAMADAN_HOURS], "2026-02-18 12:00", True),
        ([OFFICE, RAMADAN_HOURS], "2026-03-19 09:30", False),
        ([OFFICE, RAMADAN_HOURS], "2026-03-22 09:30", True),
        ([OFFICE], "2026-02-18 14:00", True),
        ([RAMADAN_HOURS], "2026-11-15 11:00", False),
        # A holiday beats everything, in Ramadan too.
        ([OFFICE, RAMADAN_HOURS, HOLIDAY_IN_RAMADAN], "2026-03-01 11:00", False),
        ([OFFICE, RAMADAN_HOURS, HOLIDAY_IN_RAMADAN], "2026-03-03 11:00", True),
        ([HOLIDAY_IN_RAMADAN, OFFICE], "2026-03-02 11:00", False),
        ([EID], "2026-03-20 11:00", False),
        ([EID], "2026-03-24 11:00", None),
        # A night ends at the midnight at which a closure begins, and a closed day begins none.
        ([EVENING, Rule(kind="closed", valid_from=date(2026, 11, 21))], "2026-11-20 23:59", True),
        ([EVENING, Rule(kind="closed", valid_from=date(2026, 11, 21))], "2026-11-21 00:30", False),
        ([EVENING, Rule(kind="closed", valid_to=date(2026, 11, 20))], "2026-11-21 00:30", False),
        ([EVENING, Rule(kind="closed", valid_to=date(2026, 11, 20))], "2026-11-21 20:30", True),
        # Both ends of a validity count.
        ([NOVEMBER], "2026-11-01 10:00", False),
        ([NOVEMBER], "2026-11-02 10:00", True),
        ([NOVEMBER], "2026-11-30 10:00", True),
        ([NOVEMBER], "2026-12-01 10:00", False),
        # Months.
        ([FIRST_SUNDAY], "2026-11-01 10:00", True),
        ([FIRST_SUNDAY], "2026-11-08 10:00", False),
        ([LAST_THURSDAY], "2026-11-26 10:00", True),
        ([LAST_THURSDAY], "2026-11-19 10:00", False),
        ([LAST_THURSDAY], "2026-12-31 10:00", True),
        ([DAY_31], "2026-12-31 10:00", True),
        ([DAY_31], "2026-11-30 10:00", False),
        ([DAY_31], "2026-12-01 10:00", False),
        ([LAST_DAY], "2028-02-29 10:00", True),
        ([LAST_DAY], "2027-02-28 10:00", True),
        ([LAST_DAY], "2028-02-28 10:00", False),
        # Every second week.
        ([FORTNIGHTLY], "2026-10-18 10:00", False),
        ([FORTNIGHTLY], "2026-11-01 10:00", True),
        ([FORTNIGHTLY], "2026-11-02 10:00", True),
        ([FORTNIGHTLY], "2026-11-08 10:00", False),
        ([FORTNIGHTLY], "2026-11-09 10:00", False),
        ([FORTNIGHTLY], "2026-11-15 10:00", True),
        ([FORTNIGHTLY], "2030-11-10 10:00", True),
        ([FORTNIGHTLY], "2030-11-03 10:00", False),
    ],
)
def test_is_open(rules: Sequence[Rule], at: str, expected: bool | None) -> None:
    assert is_open(rules, baghdad(at)) is expected


def test_other_time_zones_are_understood() -> None:
    assert is_open([OFFICE], datetime(2026, 11, 15, 6, 0, tzinfo=UTC)) is True
    assert is_open([OFFICE], datetime(2026, 11, 15, 5, 59, tzinfo=UTC)) is False
    with pytest.raises(ValueError, match="at: needs a time zone"):
        is_open([OFFICE], datetime(2026, 11, 15, 10))


@pytest.mark.parametrize(
    ("freq", "interval", "byday", "bymonthday"),
    [
        ("WEEKLY", 1, ("SU", "TH"), ()),
        ("WEEKLY", 2, ("SU", "WE", "SA"), ()),
        ("WEEKLY", 3, ("FR",), ()),
        ("MONTHLY", 1, ("1SU", "3SU"), ()),
        ("MONTHLY", 2, ("-1TH",), ()),
        ("MONTHLY", 3, ("5MO",), ()),
        ("MONTHLY", 5, ("TU",), ()),
        ("MONTHLY", 1, (), (29, 30, 31)),
        ("MONTHLY", 2, (), (1, -1)),
    ],
)
@pytest.mark.parametrize("dtstart", [date(2026, 1, 7), date(2026, 1, 31), date(2027, 2, 28)])
def test_dates_are_those_of_the_whole_recurrence(
    freq: str, interval: int, byday: tuple[str, ...], bymonthday: tuple[int, ...], dtstart: date
) -> None:
    """We start near the day that is asked about; counted from its beginning it must be the same."""
    rule = Rule(freq, interval, byday, bymonthday, dtstart, opens_at=time(9), closes_at=time(10))
    begin = datetime.combine(dtstart.replace(day=1) if freq == "MONTHLY" else dtstart, time(0))
    until = datetime(2029, 6, 30)
    days = [weekday(WEEK[code[-2:]], COUNTS.get(code[:-2])) for code in byday]
    whole = rrule(
        WEEKLY if freq == "WEEKLY" else MONTHLY,
        interval=interval,
        byweekday=days or None,
        bymonthday=bymonthday or None,
        wkst=SU,
        dtstart=begin,
        until=until,
    )
    expected = {at.date() for at in whole if at.date() >= dtstart}
    first = date(2025, 12, 1)
    all_days = [first + timedelta(days=n) for n in range((until.date() - first).days + 1)]
    assert {day for day in all_days if rule.recurs_on(day)} == expected
    assert expected


def test_ramadan_is_a_lunar_month_later_each_year() -> None:
    years = list(RAMADAN.values())
    assert [last - first for first, last in years if not 28 <= (last - first).days <= 29] == []
    for (first, _), (following, _) in pairwise(years):
        assert 353 <= (following - first).days <= 356
    assert is_ramadan(date(2030, 1, 5))
    assert is_ramadan(date(2030, 12, 26))
    assert not is_ramadan(date(2030, 6, 1))


def test_a_rule_is_read_from_text_and_from_values() -> None:
    expected = Rule(
        "MONTHLY", 2, ("1SU", "-1TH"), (), date(2026, 1, 4), None, date(2026, 12, 31), time(9), time(13, 30)
    )
    text = {
        "freq": "monthly",
        "interval": "2",
        "byday": "1su, -1TH,1SU",
        "bymonthday": "",
        "dtstart": "2026-01-04",
        "valid_from": "",
        "valid_to": "2026-12-31",
        "opens_at": "9:00",
        "closes_at": "13:30+03:00",
    }
    assert read_rule(text) == expected
    values = {
        "freq": "MONTHLY",
        "interval": 2.0,
        "byday": ["1SU", "-1TH"],
        "bymonthday": None,
        "dtstart": datetime(2026, 1, 4),
        "valid_to": date(2026, 12, 31),
        "opens_at": time(9),
        "closes_at": time(13, 30),
    }
    assert read_rule(values) == expected


def test_a_row_as_the_directory_has_it_now_is_a_rule() -> None:
    assert read_rule({"byday": "SU,MO,TU,WE,TH", "opens_at": time(9), "closes_at": time(15)}) == OFFICE
    assert read_rule(
        {"freq": "MONTHLY", "bymonthday": [1, -1.0], "opens_at": "09:00", "closes_at": "10:00"}
    ).bymonthday == (1, -1)
    closed = read_rule({"kind": "closed", "valid_to": "2026-12-03", "notes": " Eid "})
    assert closed == Rule(kind="closed", valid_to=date(2026, 12, 3), note="Eid")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"byday": "SU,XX"}, "byday: unknown day 'XX'"),
        ({"byday": "1SU"}, "byday: '1SU' needs freq MONTHLY"),
        ({"byday": ""}, "byday: is missing"),
        ({"byday": "9SU", "freq": "MONTHLY"}, "byday: unknown count in '9SU'"),
        ({"byday": "0SU", "freq": "MONTHLY"}, "byday: unknown count"),
        ({"byday": "1" * 10**6 + "SU", "freq": "MONTHLY"}, "byday: unknown count"),
        ({"byday": "SU," * 10**5 + "x" * 10**5}, "byday: unknown day"),
        ({"byday": ["SU", {"MO": 1}]}, "byday: unknown day"),
        ({"bymonthday": "3"}, "bymonthday: cannot be together with byday"),
        ({"byday": "", "bymonthday": "3"}, "bymonthday: needs freq MONTHLY"),
        ({"byday": "", "freq": "MONTHLY", "bymonthday": "32"}, "bymonthday: unknown day 32"),
        ({"byday": "", "freq": "MONTHLY", "bymonthday": "0"}, "bymonthday: unknown day 0"),
        ({"bymonthday": "first"}, "bymonthday: 'first' is not a whole number"),
        ({"freq": "SECONDLY"}, "freq: unknown 'SECONDLY'"),
        ({"interval": 0}, "interval: write 1 to 52"),
        ({"interval": -1}, "interval: write 1 to 52"),
        ({"interval": "9" * 5000}, "interval: '99999999999999999999' is not a whole number"),
        ({"interval": 1.5}, "interval: '1.5' is not a whole number"),
        ({"interval": True}, "interval: 'True' is not a whole number"),
        ({"interval": "1,2"}, "interval: write one number"),
        ({"interval": 13, "freq": "MONTHLY"}, "interval: write 1 to 12"),
        ({"interval": 2}, "dtstart: is needed if interval is more than 1"),
        ({"interval": 2, "dtstart": "2026-11-01", "wkst": "MO"}, "wkst: only SU is supported"),
        ({"dtstart": date(1, 1, 1)}, "dtstart: write a year from 2000 to 2100"),
        ({"dtstart": "0001-01-01"}, "dtstart: write a year from 2000 to 2100"),
        ({"valid_to": date.max}, "valid_to: write a year from 2000 to 2100"),
        ({"valid_from": "3/12/2026"}, "valid_from: '3/12/2026' is not like 2026-12-03"),
        ({"valid_from": "2026-12-04", "valid_to": "2026-12-03"}, "valid_to: is before valid_from"),
        ({"opens_at": ""}, "opens_at: is missing"),
        ({"closes_at": None}, "closes_at: is missing"),
        ({"opens_at": "25:00"}, "opens_at: '25:00' is not like 09:30"),
        ({"opens_at": datetime(2026, 11, 15, 9)}, "opens_at: '2026-11-15"),
        ({"opens_at": "06:00Z"}, "opens_at: write the time in Baghdad"),
        ({"kind": "sometimes"}, "kind: unknown 'sometimes'"),
        ({"kind": "closed"}, "valid_from: a closure needs a date"),
        ({"kind": "closed", "valid_to": "2026-12-03"}, "kind: closed has no hours"),
        ({"until": "2026-12-03"}, "until: is not supported"),
        ({"count": 3}, "count: is not supported"),
        ({"note": "x" * 501}, "note: is longer than 500"),
    ],
)
def test_a_bad_field_is_named(changes: dict[str, object], problem: str) -> None:
    values = {"freq": "WEEKLY", "byday": "SU", "opens_at": "09:00", "closes_at": "15:00", **changes}
    with pytest.raises(ValueError) as refused:  # noqa: PT011 its text is compared below
        read_rule(values)
    assert str(refused.value).startswith(problem)
    assert len(str(refused.value)) < 120


def test_too_many_rules_are_refused() -> None:
    row = {"byday": "SU", "opens_at": "09:00", "closes_at": "15:00"}
    assert len(read_rules([row] * MOST_RULES)) == MOST_RULES
    with pytest.raises(ValueError, match="schedules: more than 100"):
        read_rules([row] * 10_000)


def test_a_recurrence_that_never_comes_ends() -> None:
    never = Rule("MONTHLY", 12, (), (31,), date(2026, 2, 1), opens_at=time(9), closes_at=time(10))
    assert is_open([never] * MOST_RULES, baghdad("2027-02-28 09:30")) is False


@pytest.mark.parametrize(
    ("rules", "at", "english", "arabic"),
    [
        ([], "2026-11-15", "", ""),
        ([OFFICE], "2026-11-15", "Sun-Thu 9am-3pm", "الأحد-الخميس 9ص-3م"),
        ([ALWAYS], "2026-11-15", "Every day 24 hours", "كل يوم 24 ساعة"),
        ([EVENING, OFFICE], "2026-11-15", "Sun-Thu 9am-3pm, Fri-Sat 8pm-2am", "الأحد-الخميس 9ص-3م، الجمعة-السبت 8م-2ص"),
        ([OFFICE, RAMADAN_HOURS], "2026-11-15", "Sun-Thu 9am-3pm", "الأحد-الخميس 9ص-3م"),
        ([OFFICE, RAMADAN_HOURS], "2026-02-20", "Ramadan: Sun-Thu 10am-1pm", "رمضان: الأحد-الخميس 10ص-1م"),
        ([OFFICE], "2026-02-20", "Sun-Thu 9am-3pm", "الأحد-الخميس 9ص-3م"),
        ([RAMADAN_HOURS], "2026-11-15", "", ""),
        ([FIRST_SUNDAY], "2026-11-15", "1st Sun of the month 9am-1pm", "أول أحد من الشهر 9ص-1م"),
        ([LAST_THURSDAY], "2026-11-15", "last Thu of the month 9am-1pm", "آخر خميس من الشهر 9ص-1م"),
        (
            [FIRST_SUNDAY, OFFICE],
            "2026-11-15",
            "Sun-Thu 9am-3pm, 1st Sun of the month 9am-1pm",
            "الأحد-الخميس 9ص-3م، أول أحد من الشهر 9ص-1م",
        ),
        (
            [Rule("MONTHLY", 1, ("2MO", "4WE"), opens_at=time(9), closes_at=time(13))],
            "2026-11-15",
            "2nd Mon, 4th Wed of the month 9am-1pm",
            "ثاني اثنين، رابع أربعاء من الشهر 9ص-1م",
        ),
        (
            [Rule("MONTHLY", 1, (), (1, 15, -1), opens_at=time(9), closes_at=time(13))],
            "2026-11-15",
            "day 1, day 15, last day of the month 9am-1pm",
            "يوم 1، يوم 15، آخر يوم من الشهر 9ص-1م",
        ),
        (
            [FORTNIGHTLY],
            "2026-11-17",
            "Sun-Mon 9am-1pm, not every week, next 29 Nov",
            "الأحد-الاثنين 9ص-1م، ليس كل أسبوع، القادم 29/11",
        ),
        (
            [Rule("MONTHLY", 3, ("1SU",), (), date(2026, 10, 1), opens_at=time(9), closes_at=time(13))],
            "2026-11-17",
            "1st Sun of the month 9am-1pm, not every month, next 3 Jan",
            "أول أحد من الشهر 9ص-1م، ليس كل شهر، القادم 3/1",
        ),
        ([NOVEMBER], "2026-12-01", "", ""),
        # Not begun yet.
        ([Rule(byday=("SU",), dtstart=date(2026, 12, 6), opens_at=time(9), closes_at=time(13))], "2026-12-01", "", ""),
        ([Rule(byday=("SU",), opens_at=time(0), closes_at=time(0))], "2026-12-01", "Sun 24 hours", "الأحد 24 ساعة"),
        (
            [OFFICE, Rule(kind="closed", valid_from=date(2026, 12, 1), valid_to=date(2026, 12, 3))],
            "2026-12-01",
            "Closed until 3 Dec",
            "مغلق لغاية 3/12",
        ),
        (
            [OFFICE, Rule(kind="closed", valid_from=date(2026, 12, 1), valid_to=date(2026, 12, 3))],
            "2026-12-04",
            "Sun-Thu 9am-3pm",
            "الأحد-الخميس 9ص-3م",
        ),
        # One closure after another is one; far away, the year is said.
        (
            [
                Rule(kind="closed", valid_from=date(2026, 12, 4), valid_to=date(2026, 12, 6)),
                Rule(kind="closed", valid_from=date(2026, 12, 1), valid_to=date(2026, 12, 3)),
                Rule(kind="closed", valid_from=date(2026, 12, 8), valid_to=date(2026, 12, 9)),
            ],
            "2026-12-01",
            "Closed until 6 Dec",
            "مغلق لغاية 6/12",
        ),
        (
            [Rule(kind="closed", valid_to=date(2028, 12, 3))],
            "2026-12-01",
            "Closed until 3 Dec 2028",
            "مغلق لغاية 3/12/2028",
        ),
        ([Rule(kind="closed", valid_from=date(2026, 12, 1))], "2026-12-01", "Closed", "مغلق"),
        ([OFFICE, RAMADAN_HOURS, HOLIDAY_IN_RAMADAN], "2026-03-01", "Closed until 2 Mar", "مغلق لغاية 2/3"),
    ],
)
def test_describe(words: Wording, rules: Sequence[Rule], at: str, english: str, arabic: str) -> None:
    moment = baghdad(f"{at} 12:00")
    assert describe(rules, "en", words, at=moment) == english
    assert describe(rules, "ar", words, at=moment) == arabic


@pytest.mark.parametrize("language", ["ar", "en"])
def test_regular_weekly_hours_read_exactly_as_before(words: Wording, language: str) -> None:
    openings = [Opening((day,), time(8 + n), time(14 + n, 30)) for n, day in enumerate(WEEK)]
    rules = [Rule(byday=o.days, opens_at=o.opens_at, closes_at=o.closes_at) for o in openings]
    assert describe(rules[::-1], language, words) == render(openings, language, words)


@pytest.mark.parametrize("code", [f"{count}{day}" for count in COUNTS for day in WEEK])
@pytest.mark.parametrize("language", ["ar", "en"])
def test_every_counted_day_has_words(words: Wording, language: str, code: str) -> None:
    said = render([Opening((code,), time(9), time(13))], language, words)
    assert code not in said
    assert "ال" not in said.split()[1]


def test_the_days_of_a_month_are_there_for_every_month() -> None:
    every_day = Rule("MONTHLY", 1, (), tuple(range(1, 32)), opens_at=time(9), closes_at=time(13))
    for month in range(1, 13):
        length = calendar.monthrange(2028, month)[1]
        assert all(every_day.recurs_on(date(2028, month, day)) for day in range(1, length + 1))
