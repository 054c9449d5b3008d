"""Opening hours as people read them: «الأحد-الخميس 9ص-3م», "Sun-Thu 9am-3pm". Day names come from CLDR.

And their parts as forms, spreadsheets and HSDS write them, which `directory.opening` makes rules of.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeVar

from babel.dates import get_day_names, get_month_names, get_period_names

from infrastructure.wording import Wording

# The week as Iraq counts it, work starts on Sunday; the numbers are Babel's (0 is Monday).
WEEK = {"SU": 6, "MO": 0, "TU": 1, "WE": 2, "TH": 3, "FR": 4, "SA": 5}
CODES = tuple(WEEK)
COMMA = {"ar": "، ", "en": ", "}
NOON = 12
# Which Sunday of a month "2SU" is: the counts that have a word (`utter_hours_nth_...`) in both languages.
COUNTS = {**{str(count): count for count in range(1, 6)}, "-1": -1}
# The days after which a date is said with its year.
FAR = 300
EXAMPLES = {date: "2026-12-03", time: "09:30"}
T = TypeVar("T", date, time)


@dataclass(frozen=True)
class Opening:
    """Some days (any order) and when the doors open and close on them.

    Days are codes of `WEEK`, counted within a month if a number of `COUNTS` stands before them ("1SU"), and numbers of
    days in a month (-1 is its last).
    """

    days: tuple[str, ...]
    opens_at: time
    closes_at: time
    month_days: tuple[int, ...] = ()

    @property
    def is_weekly(self) -> bool:
        """Whether these are days of every week."""
        return not self.month_days and all(code in WEEK for code in self.days)


def render(openings: Iterable[Opening], language: str, wording: Wording) -> str:
    """All openings in one short line; empty if there are none."""
    return COMMA[language].join(
        f"{_days(opening, language, wording)} {_times(opening, language, wording)}"
        for opening in sorted(openings, key=_order)
    )


def is_midnight(closes_at: time) -> bool:
    """Whether a closing time is the end of the day: a time has no 24:00, so its last minute stands for it."""
    return closes_at == time(0) or closes_at >= time(23, 59)


def say_date(day: date, today: date, language: str) -> str:
    """A day as short as it is clear: "3 Dec", «3/12»; with its year if it is far from today."""
    year = abs((day - today).days) > FAR
    if language == "ar":
        return f"{day.day}/{day.month}" + (f"/{day.year}" if year else "")
    month = get_month_names("abbreviated", locale=language)[day.month]
    return f"{day.day} {month}" + (f" {day.year}" if year else "")


def check(fine: bool, field: str, problem: str) -> None:
    """A ValueError that names the field, unless all is fine."""
    if not fine:
        raise ValueError(f"{field}: {problem}")


def read_text(values: Mapping[str, object], field: str) -> str:
    """A field as text, empty if there is nothing."""
    value = values.get(field)
    return "" if value is None else str(value).strip()


def read_parts(values: Mapping[str, object], field: str) -> tuple[str, ...]:
    """The parts of a list or of a text with commas, without repetition."""
    value = values.get(field)
    parts = value if isinstance(value, list | tuple) else read_text(values, field).split(",")
    return tuple(dict.fromkeys(text for part in parts if (text := str(part).strip())))


def read_numbers(values: Mapping[str, object], field: str) -> tuple[int, ...]:
    """Whole numbers from a list or a text with commas; anything else is a ValueError."""
    parts = read_parts(values, field)
    for part in parts:
        # JSON knows no whole numbers: 2.0 is two.
        check(bool(re.fullmatch(r"-?[0-9]{1,4}(\.0)?", part)), field, f"'{part:.20}' is not a whole number")
    return tuple(int(part.removesuffix(".0")) for part in parts)


def read_day_or_time(values: Mapping[str, object], field: str, kind: type[T]) -> T | None:
    """A date, or a time in Baghdad ("9:30" too); what is neither is a ValueError."""
    value, text = values.get(field), read_text(values, field)
    if isinstance(value, datetime):
        value = value.date()
    try:
        found = value if isinstance(value, kind) else kind.fromisoformat(text.zfill(5)) if text else None
    except ValueError:
        raise ValueError(f"{field}: '{text:.20}' is not like {EXAMPLES[kind]}") from None
    if isinstance(found, time):
        check(found.utcoffset() in (None, timedelta(hours=3)), field, "write the time in Baghdad (+03:00)")
        return found.replace(tzinfo=None)
    return found


def _order(opening: Opening) -> tuple[bool, int, time]:
    """As the week goes, then what comes once a month."""
    first = min((CODES.index(code[-2:]) for code in opening.days), default=0)
    return not opening.is_weekly, first, opening.opens_at


def _days(opening: Opening, language: str, wording: Wording) -> str:
    if opening.is_weekly:
        return _days_of_week(opening.days, language, wording)
    counted = [_counted(code, language, wording) for code in opening.days]
    counted += [_day_of_month(number, language, wording) for number in opening.month_days]
    return wording.say("utter_hours_of_the_month", language, days=COMMA[language].join(counted))


def _counted(code: str, language: str, wording: Wording) -> str:
    name: str = get_day_names("abbreviated", locale=language)[WEEK[code[-2:]]]
    if code in WEEK:
        return name
    # After a count an Arabic day has no article: «أول أحد».
    nth = "last" if code.startswith("-") else code[:-2]
    return wording.say(f"utter_hours_nth_{nth}", language, day=name.removeprefix("ال"))


def _day_of_month(number: int, language: str, wording: Wording) -> str:
    return wording.say("utter_hours_last_day" if number == -1 else "utter_hours_day", language, day=number)


def _days_of_week(days: tuple[str, ...], language: str, wording: Wording) -> str:
    if set(days) == set(CODES):
        return wording.say("utter_hours_every_day", language)
    names = get_day_names("abbreviated", locale=language)
    return COMMA[language].join(
        names[WEEK[first]] if first == last else f"{names[WEEK[first]]}-{names[WEEK[last]]}"
        for first, last in runs(days)
    )


def runs(days: tuple[str, ...]) -> list[tuple[str, str]]:
    """Unbroken runs of days; a run over the week's end (Saturday to Monday) stays whole."""
    is_open = [code in days for code in CODES]
    found = []
    for start in (day for day in range(7) if is_open[day] and not is_open[day - 1]):
        closed_after = next(n for n in range(1, 7) if not is_open[(start + n) % 7])
        found.append((CODES[start], CODES[(start + closed_after - 1) % 7]))
    return found


def _times(opening: Opening, language: str, wording: Wording) -> str:
    if opening.opens_at == time(0) and is_midnight(opening.closes_at):
        return wording.say("utter_hours_day_and_night", language)
    return f"{_clock(opening.opens_at, language)}-{_clock(opening.closes_at, language)}"


def _clock(at: time, language: str) -> str:
    names = get_period_names("abbreviated", context="format", locale=language)
    half = names["pm" if at.hour >= NOON else "am"].lower()
    minutes = f":{at.minute:02}" if at.minute else ""
    return f"{at.hour % NOON or NOON}{minutes}{half}"
