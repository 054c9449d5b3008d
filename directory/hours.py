"""Opening hours as people read them: «الأحد-الخميس 9ص-3م», "Sun-Thu 9am-3pm". Day names come from CLDR."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time

from babel.dates import get_day_names, get_period_names

from infrastructure.wording import Wording

# The week as Iraq counts it, work starts on Sunday; the numbers are Babel's (0 is Monday).
WEEK = {"SU": 6, "MO": 0, "TU": 1, "WE": 2, "TH": 3, "FR": 4, "SA": 5}
CODES = tuple(WEEK)
COMMA = {"ar": "، ", "en": ", "}
NOON = 12


@dataclass(frozen=True)
class Opening:
    """Some days of the week (codes of `WEEK`, any order) and when the doors open and close on them."""

    days: tuple[str, ...]
    opens_at: time
    closes_at: time


def read_opening(byday: str, opens_at: time, closes_at: time) -> Opening:
    """An opening from HSDS's comma-separated `byday`. An unknown day is a ValueError."""
    days = tuple(day.strip() for day in byday.split(","))
    if unknown := set(days) - set(CODES):
        raise ValueError(f"unknown days: {sorted(unknown)}")
    return Opening(days, opens_at, closes_at)


def render(openings: Iterable[Opening], language: str, wording: Wording) -> str:
    """All openings in one short line; empty if there are none."""
    ordered = sorted(openings, key=lambda o: (min(map(CODES.index, o.days)), o.opens_at))
    return COMMA[language].join(
        f"{_days(opening.days, language, wording)} {_times(opening, language, wording)}" for opening in ordered
    )


def _days(days: tuple[str, ...], language: str, wording: Wording) -> str:
    if set(days) == set(CODES):
        return wording.say("utter_hours_every_day", language)
    names = get_day_names("abbreviated", locale=language)
    return COMMA[language].join(
        names[WEEK[first]] if first == last else f"{names[WEEK[first]]}-{names[WEEK[last]]}"
        for first, last in _runs(days)
    )


def _runs(days: tuple[str, ...]) -> list[tuple[str, str]]:
    """Unbroken runs of days; a run over the week's end (Saturday to Monday) stays whole."""
    is_open = [code in days for code in CODES]
    runs = []
    for start in (day for day in range(7) if is_open[day] and not is_open[day - 1]):
        closed_after = next(n for n in range(1, 7) if not is_open[(start + n) % 7])
        runs.append((CODES[start], CODES[(start + closed_after - 1) % 7]))
    return runs


def _times(opening: Opening, language: str, wording: Wording) -> str:
    # The last minute of a day stands for midnight: a time has no 24:00.
    if opening.opens_at == time(0) and opening.closes_at >= time(23, 59):
        return wording.say("utter_hours_day_and_night", language)
    return f"{_clock(opening.opens_at, language)}-{_clock(opening.closes_at, language)}"


def _clock(at: time, language: str) -> str:
    names = get_period_names("abbreviated", context="format", locale=language)
    half = names["pm" if at.hour >= NOON else "am"].lower()
    minutes = f":{at.minute:02}" if at.minute else ""
    return f"{at.hour % NOON or NOON}{minutes}{half}"
