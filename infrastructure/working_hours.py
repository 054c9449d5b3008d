"""The hours in which staff answer, as operators write them: "SU-TH 08:00-16:00", in Baghdad's time."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from infrastructure.local_time import BAGHDAD

# The week as Iraq counts it: work starts on Sunday.
WEEK = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")
DAY_MINUTES = 24 * 60
_SPAN = re.compile(r"([A-Z]{2})(?:-([A-Z]{2}))? +([0-9]{1,2}):([0-9]{2}) *- *([0-9]{1,2}):([0-9]{2})")


@dataclass(frozen=True)
class Span:
    """Some days of the week (places in WEEK), from one minute of the day to another."""

    days: frozenset[int]
    opens: int
    closes: int


@dataclass(frozen=True)
class WorkingHours:
    """When somebody is there."""

    spans: tuple[Span, ...]

    @classmethod
    def read(cls, written: str) -> "WorkingHours":
        """Hours as they are written, several with commas between them; ValueError says what can't be read."""
        return cls(tuple(_span(part.strip()) for part in written.upper().split(",")))

    def is_open(self, at: datetime) -> bool:
        """Whether somebody is there at a moment."""
        local = at.astimezone(BAGHDAD)
        day, minute = _place(local.date()), local.hour * 60 + local.minute
        return any(day in span.days and span.opens <= minute < span.closes for span in self.spans)

    def opens(self, after: datetime) -> datetime:
        """When somebody comes next after a moment at which nobody is there."""
        today = after.astimezone(BAGHDAD).date()
        beginnings = (
            datetime.combine(day, time(span.opens // 60, span.opens % 60), BAGHDAD)
            for day in (today + timedelta(days) for days in range(8))
            for span in self.spans
            if _place(day) in span.days
        )
        return min(beginning for beginning in beginnings if beginning > after)


def _span(part: str) -> Span:
    found = _SPAN.fullmatch(part)
    if not found:
        raise ValueError(f"{part!r} is not like SU-TH 08:00-16:00")
    first, last, *clock = found.groups()
    days = _days(part, first, last or first)
    opens, closes = (int(hour) * 60 + int(minute) for hour, minute in (clock[:2], clock[2:]))
    if not 0 <= opens < closes <= DAY_MINUTES or int(clock[1]) > 59 or int(clock[3]) > 59:
        raise ValueError(f"{part!r} must end after it begins, between 00:00 and 24:00")
    return Span(days, opens, closes)


def _days(part: str, first: str, last: str) -> frozenset[int]:
    if not {first, last} <= set(WEEK):
        raise ValueError(f"{part!r} has a day that is none of {' '.join(WEEK)}")
    begin, end = WEEK.index(first), WEEK.index(last)
    return frozenset((begin + step) % 7 for step in range((end - begin) % 7 + 1))


def _place(day: date) -> int:
    """The place of a day in WEEK."""
    return (day.weekday() + 1) % 7
