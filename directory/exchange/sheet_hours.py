"""Opening hours in one cell: "SU-TH 09:00-15:00; SA 10:00-13:00", or the same in Arabic or English words.

A cell holds the weekly hours. What it has no words for (Ramadan, closures, days of a month, every second week) it only
counts ("2 other rules"), and whoever changes the cell leaves those rules alone.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from babel.dates import get_day_names

from directory.hours import CODES, WEEK, runs
from directory.records import Hours
from orthography.folding import fold

_OTHERS = re.compile(r"\d+ other rules?")
_CLOCK = r"(\d{1,2})(?:[:.](\d{2}))?(?::00)?\s*(am\b|pm\b|a\.m\.|p\.m\.|صباحا|صباحاً|مساء|مساءً|ظهرا|ظهراً|ص|م)?"
_TO = r"\s*(?:-|–|—|\bto\b|\buntil\b|الى|إلى|لغاية|حتى)\s*"
_TIMES = re.compile(rf"(?<!\d){_CLOCK}{_TO}{_CLOCK}(?!\d)", re.IGNORECASE)
_ALWAYS = re.compile(r"24\s*/\s*7|24\s*(?:hours|hrs|h|ساعة|ساعه)(?!\w)", re.IGNORECASE)
_AFTER_NOON = ("pm", "p.m.", "مساء", "مساءً", "ظهرا", "ظهراً", "م")
_DAY_TO = {"to", "till", "until", "through", "الي", "لغايه", "حتي"}
_AND = {"and", "و", "from", "من", "ايام", "days", "at", "الساعه"}
_EVERY_DAY = {"daily", "يوميا"}
_ALL = {"every day", "all days", "كل يوم", "كل الايام", "all week", "طوال الاسبوع"}
_WORD = re.compile(r"[^\W\d_]+|[-–—]")
_CLOCK_TEXT = re.compile(r"([01]\d|2[0-4]):([0-5]\d)(?::\d\d)?")
_BLANK = Hours().document()
NOON = 12


class Unclear(ValueError):
    """Hours that can't be read, or that can be read in two ways: the part in question."""


def write_hours(schedules: Iterable[Mapping[str, Any]]) -> str:
    """The weekly hours among schedules as text, and how many others there are."""
    schedules = list(schedules)
    weekly = [one for one in schedules if is_weekly(one)]
    said: dict[tuple[str, ...], list[str]] = {}
    for one in weekly:
        days = tuple(code for code in CODES if code in one["byday"])
        said.setdefault(days, []).append(f"{one['opens_at'][:5]}-{_end(one['closes_at'][:5])}")
    parts = [f"{_days(days)} {', '.join(times)}" for days, times in said.items()]
    if others := len(schedules) - len(weekly):
        parts.append(f"{others} other rule{'s' if others > 1 else ''}")
    return "; ".join(parts)


def read_hours(text: str) -> list[dict[str, Any]]:
    """The weekly hours that a text says, as schedules; Unclear with the part that can't be read."""
    found: list[dict[str, Any]] = []
    for part in re.split(r"[;؛\n]", _western(text)):
        part = part.strip()
        if part and not _OTHERS.fullmatch(part):
            found += _read_part(part)
    return found


def merge_hours(schedules: Iterable[Mapping[str, Any]], weekly: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Schedules with other weekly hours, and what has no place in a cell as it was."""
    return [*map(dict, weekly), *(dict(one) for one in schedules if not is_weekly(one))]


def is_weekly(schedule: Mapping[str, Any]) -> bool:
    """Whether a cell has words for a schedule."""
    days, times = schedule["byday"], (schedule["opens_at"], schedule["closes_at"])
    is_plain = {**_BLANK, **schedule} == {**_BLANK, "byday": days, "opens_at": times[0], "closes_at": times[1]}
    return is_plain and bool(days) and set(days) <= set(CODES) and all(map(_CLOCK_TEXT.fullmatch, map(str, times)))


def _days(days: Sequence[str]) -> str:
    if len(days) == len(CODES):
        return f"{CODES[0]}-{CODES[-1]}"
    return ",".join(first if first == last else f"{first}-{last}" for first, last in runs(tuple(days)))


def _end(closes_at: str) -> str:
    return "24:00" if closes_at == "00:00" else closes_at


def _western(text: str) -> str:
    """With the digits of an English keyboard."""
    return "".join(str(int(sign)) if sign.isdecimal() else sign for sign in text)


def _read_part(part: str) -> list[dict[str, Any]]:
    if always := _ALWAYS.search(part):
        rest = part[: always.start()] + part[always.end() :]
        days = _read_days(rest, part) if _WORD.search(rest) else list(CODES)
        return [_opening(days, "00:00", "00:00")]
    times = list(_TIMES.finditer(part))
    if not times:
        raise Unclear(part)
    days = _read_days(_TIMES.sub(" ", part), part)
    return [_opening(days, *_read_times(one, part)) for one in times]


def _opening(days: list[str], opens_at: str, closes_at: str) -> dict[str, Any]:
    return Hours(byday=days, opens_at=opens_at, closes_at=closes_at).document()


def _read_times(found: re.Match[str], part: str) -> tuple[str, str]:
    opens = _clock(found[1], found[2], found[3], part)
    closes = _clock(found[4], found[5], found[6], part)
    # "9-3" means the afternoon, and "3-8 pm" may: a table that means it must say so.
    is_backwards = closes <= opens and closes != "00:00"
    is_night = opens >= f"{NOON}:00" and not found[3]
    if found[6] is None and is_backwards and not is_night:
        raise Unclear(part)
    if found[3] is None and found[6] and closes >= f"{NOON}:00" and int(found[1]) < int(found[4]) % NOON:
        raise Unclear(part)
    return opens, closes


def _clock(hour: str, minutes: str | None, half: str | None, part: str) -> str:
    at = int(hour)
    if half:
        if not 1 <= at <= NOON:
            raise Unclear(part)
        at = at % NOON + (NOON if half.lower() in _AFTER_NOON else 0)
    if at > 24 or int(minutes or 0) > 59 or (at == 24 and int(minutes or 0)):
        raise Unclear(part)
    return f"{at % 24:02}:{minutes or '00'}"


def _read_days(text: str, part: str) -> list[str]:
    """The days that words name, in the week's order."""
    if fold(text) in _ALL | _EVERY_DAY:
        return list(CODES)
    days: set[str] = set()
    last, is_range = "", False
    for word in _WORD.findall(text):
        folded = fold(word)
        if word in "-–—" or folded in _DAY_TO:
            is_range = True
        elif folded not in _AND:
            day = _day(folded)
            if day is None or (is_range and not last):
                raise Unclear(part)
            days |= _between(last, day) if is_range else {day}
            last, is_range = day, False
    if not days or is_range:
        raise Unclear(part)
    return [code for code in CODES if code in days]


def _between(first: str, last: str) -> set[str]:
    start = CODES.index(first)
    return {CODES[(start + n) % 7] for n in range((CODES.index(last) - start) % 7 + 1)}


def _day(word: str) -> str | None:
    names = _day_names()
    return names.get(word) or names.get(word.removeprefix("و"))


@lru_cache(maxsize=1)
def _day_names() -> dict[str, str]:
    """Codes by the names of days: in Arabic also without the article, in English also shortened."""
    names: dict[str, str] = {}
    for code, number in WEEK.items():
        arabic = fold(get_day_names("wide", locale="ar")[number])
        english = get_day_names("wide", locale="en")[number].lower()
        short = get_day_names("abbreviated", locale="en")[number].lower()
        names |= dict.fromkeys((code.lower(), arabic, arabic.removeprefix("ال"), english, short, english[:4]), code)
    return names
