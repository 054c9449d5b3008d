"""When a place is open: recurring hours, Ramadan's own hours and closures, in Baghdad's time.

What holds on a day: a closure before everything, then Ramadan's hours in Ramadan, then the regular ones. A night is of
the day on which the doors open, but a closure ends it at midnight: a shut door costs more than a missed hour.
"""

import calendar
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from dateutil.rrule import MONTHLY, SU, WEEKLY, rrule, weekday

from directory import hours
from directory.hours import COMMA, COUNTS, WEEK, Opening, check, is_midnight, render, say_date
from infrastructure.local_time import BAGHDAD
from infrastructure.wording import Wording

DAY = timedelta(days=1)
# By the year of the Hijra, because 2030 has two. Umm al-Qura as in ICU 78.3 (Intl's calendar `islamic-umalqura`).
RAMADAN = {
    1447: (date(2026, 2, 18), date(2026, 3, 19)),
    1448: (date(2027, 2, 8), date(2027, 3, 8)),
    1449: (date(2028, 1, 28), date(2028, 2, 25)),
    1450: (date(2029, 1, 16), date(2029, 2, 13)),
    1451: (date(2030, 1, 5), date(2030, 2, 3)),
    1452: (date(2030, 12, 26), date(2031, 1, 23)),
    1453: (date(2031, 12, 16), date(2032, 1, 13)),
    1454: (date(2032, 12, 4), date(2033, 1, 2)),
}
KINDS = ("regular", "ramadan", "closed")
YEARS = range(2000, 2101)  # a date outside these is a typing error
LONGEST = {"WEEKLY": 52, "MONTHLY": 12}
MOST_RULES, MOST_DAYS, LONGEST_NOTE = 100, 366, 500
# HSDS fields that would change when a rule holds: dropping one in silence would send people to a shut door.
UNREAD = ("until", "count", "byweekno", "byyearday")


@dataclass(frozen=True)
class Rule:
    """One HSDS schedule; a bad field is a ValueError that names it. Closing before opening is on the next day."""

    freq: str = "WEEKLY"
    interval: int = 1
    byday: tuple[str, ...] = ()
    bymonthday: tuple[int, ...] = ()
    dtstart: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    opens_at: time | None = None
    closes_at: time | None = None
    kind: str = "regular"
    note: str = ""

    def __post_init__(self) -> None:
        check(self.kind in KINDS, "kind", f"unknown '{self.kind:.20}', write one of {', '.join(KINDS)}")
        check(self.freq in LONGEST, "freq", f"unknown '{self.freq:.20}', write WEEKLY or MONTHLY")
        check(1 <= self.interval <= LONGEST[self.freq], "interval", f"write 1 to {LONGEST[self.freq]}")
        for field in ("dtstart", "valid_from", "valid_to"):
            day: date | None = getattr(self, field)
            check(day is None or day.year in YEARS, field, f"write a year from {YEARS[0]} to {YEARS[-1]}")
        check((self.valid_from or date.min) <= (self.valid_to or date.max), "valid_to", "is before valid_from")
        check(len(self.note) <= LONGEST_NOTE, "note", f"is longer than {LONGEST_NOTE} characters")
        if self.kind == "closed":
            check(bool(self.valid_from or self.valid_to), "valid_from", "a closure needs a date")
            check(not any((self.byday, self.bymonthday, self.opens_at, self.closes_at)), "kind", "closed has no hours")
            return
        check(self.opens_at is not None, "opens_at", "is missing")
        check(self.closes_at is not None, "closes_at", "is missing")
        check(self.interval == 1 or self.dtstart is not None, "dtstart", "is needed if interval is more than 1")
        check(bool(self.byday or self.bymonthday), "byday", "is missing")
        check(not (self.byday and self.bymonthday), "bymonthday", "cannot be together with byday")
        check(self.freq == "MONTHLY" or not self.bymonthday, "bymonthday", "needs freq MONTHLY")
        for number in self.bymonthday:
            check(number == -1 or 1 <= number <= 31, "bymonthday", f"unknown day {number}, write 1 to 31, or -1")
        for code in self.byday:
            check(code[-2:] in WEEK, "byday", f"unknown day '{code:.20}'")
            check(code in WEEK or code[:-2] in COUNTS, "byday", f"unknown count in '{code:.20}', write 1 to 5, or -1")
            check(code in WEEK or self.freq == "MONTHLY", "byday", f"'{code}' needs freq MONTHLY")

    @property
    def opening(self) -> Opening:
        """Its days and hours; a closure has none."""
        assert self.opens_at is not None
        assert self.closes_at is not None
        return Opening(self.byday, self.opens_at, self.closes_at, self.bymonthday)

    def is_valid(self, day: date) -> bool:
        """Whether a day is between `valid_from` and `valid_to`, both included."""
        return (self.valid_from or date.min) <= day <= (self.valid_to or date.max)

    def recurs_on(self, day: date) -> bool:
        """Whether the recurrence falls on a day."""
        return day in _dates(self.freq, self.interval, self.byday, self.bymonthday, self.dtstart, day.replace(day=1))


def read_rule(values: Mapping[str, object]) -> Rule:
    """A rule from a database row, a form or HSDS; what cannot be read is a ValueError naming the field."""
    for field in UNREAD:
        check(not values.get(field), field, "is not supported, write valid_to or other days")
    interval = hours.read_numbers(values, "interval") or (1,)
    check(len(interval) == 1, "interval", "write one number")
    # Weeks start on Sunday here, which decides what "every second week" is.
    check(interval == (1,) or hours.read_text(values, "wkst") in ("", "SU"), "wkst", "only SU is supported")
    return Rule(
        freq=hours.read_text(values, "freq").upper() or "WEEKLY",
        interval=interval[0],
        byday=tuple(dict.fromkeys(part.upper() for part in hours.read_parts(values, "byday"))),
        bymonthday=hours.read_numbers(values, "bymonthday"),
        dtstart=hours.read_day_or_time(values, "dtstart", date),
        valid_from=hours.read_day_or_time(values, "valid_from", date),
        valid_to=hours.read_day_or_time(values, "valid_to", date),
        opens_at=hours.read_day_or_time(values, "opens_at", time),
        closes_at=hours.read_day_or_time(values, "closes_at", time),
        kind=hours.read_text(values, "kind") or "regular",
        note=hours.read_text(values, "note") or hours.read_text(values, "notes"),
    )


def read_rules(rows: Sequence[Mapping[str, object]]) -> tuple[Rule, ...]:
    """All rules of one service at one location; too many are a ValueError."""
    check(len(rows) <= MOST_RULES, "schedules", f"more than {MOST_RULES}")
    return tuple(map(read_rule, rows))


def read_those_that_read(rows: Sequence[Mapping[str, object]]) -> tuple[Rule, ...]:
    """The rules of a draft, without those that are only half written."""
    return tuple(rule for row in rows if (rule := _read_or_none(row)))


def _read_or_none(row: Mapping[str, object]) -> Rule | None:
    try:
        return read_rule(row)
    except ValueError:
        return None


def is_ramadan(day: date) -> bool:
    """Whether a day is in Ramadan: an approximation, Iraq's authorities announce it by the moon (see `RAMADAN`)."""
    return any(first <= day <= last for first, last in RAMADAN.values())


def is_open(rules: Sequence[Rule], at: datetime) -> bool | None:
    """Whether the doors are open; None if no hours are known (a closure says nothing about other days)."""
    at = _local(at)
    if all(rule.kind == "closed" for rule in rules) and not _is_closed(rules, at.date()):
        return None
    return any(start <= at < end for start, end in _spans(rules, at.date()))


def describe(rules: Sequence[Rule], language: str, wording: Wording, *, at: datetime | None = None) -> str:
    """One short line about the hours in force, now or at another moment; empty if there is nothing to say."""
    day = _local(at or datetime.now(BAGHDAD)).date()
    if _is_closed(rules, day):
        last = _last_closed(rules, day)
        key = "utter_hours_closed" if last == date.max else "utter_hours_closed_until"
        return wording.say(key, language, date=say_date(last, day, language))
    in_force = _in_force(rules, day)
    always = [rule.opening for rule in in_force if rule.interval == 1 and (rule.dtstart or day) <= day]
    said = [render(always, language, wording)]
    for rule in (rule for rule in in_force if rule.interval > 1):
        # "Every 2 weeks" would not say which weeks; the next date does.
        ahead = (day + n * DAY for n in range(MOST_DAYS + 31))
        if coming := next((other for other in ahead if rule.is_valid(other) and rule.recurs_on(other)), None):
            key = "utter_hours_some_weeks" if rule.freq == "WEEKLY" else "utter_hours_some_months"
            one = render([rule.opening], language, wording)
            said.append(wording.say(key, language, hours=one, date=say_date(coming, day, language)))
    line = COMMA[language].join(filter(None, said))
    is_ramadans = bool(line) and in_force[0].kind == "ramadan"
    return wording.say("utter_hours_ramadan", language, hours=line) if is_ramadans else line


def _is_closed(rules: Sequence[Rule], day: date) -> bool:
    return any(rule.kind == "closed" and rule.is_valid(day) for rule in rules)


def _last_closed(rules: Sequence[Rule], last: date) -> date:
    """The last day of the closures that follow on one another from a closed day."""
    for rule in sorted(rules, key=lambda rule: rule.valid_from or date.min):
        if rule.kind == "closed" and last < date.max and (rule.is_valid(last) or rule.is_valid(last + DAY)):
            last = rule.valid_to or date.max
    return last


def _in_force(rules: Sequence[Rule], day: date) -> list[Rule]:
    """Ramadan's rules or the regular ones, whichever hold on a day; none if it is closed."""
    valid = [] if _is_closed(rules, day) else [rule for rule in rules if rule.is_valid(day)]
    ramadan = [rule for rule in valid if rule.kind == "ramadan"] if is_ramadan(day) else []
    return ramadan or [rule for rule in valid if rule.kind == "regular"]


def _spans(rules: Sequence[Rule], today: date) -> Iterator[tuple[datetime, datetime]]:
    """When the doors are open on a day and in the night before it."""
    for day in (today - DAY, today):
        for opening in (rule.opening for rule in _in_force(rules, day) if rule.recurs_on(day)):
            end = _at(day, opening.closes_at)
            is_night = opening.closes_at <= opening.opens_at
            if is_midnight(opening.closes_at) or (is_night and _is_closed(rules, day + DAY)):
                end = _at(day + DAY)
            elif is_night:
                end += DAY
            yield _at(day, opening.opens_at), end


# Most services share a few patterns: those are worked out once a month.
@lru_cache(maxsize=4096)
def _dates(
    freq: str, interval: int, byday: tuple[str, ...], monthdays: tuple[int, ...], dtstart: date | None, first: date
) -> frozenset[date]:
    """The dates of a recurrence in the month that starts with `first`.

    Counted from its own start it would take longer every year, and dateutil looks for one that never comes (every 12
    months on 30 February) until the year 9999. So it starts near the month, in step with `dtstart`.
    """
    begin, until = dtstart or first, _at(first.replace(day=calendar.monthrange(first.year, first.month)[1]))
    days = [weekday(WEEK[code[-2:]], COUNTS.get(code[:-2])) for code in byday]
    if freq == "WEEKLY":
        step = 7 * interval
        start = _at(begin + DAY * step * max(0, (first - begin).days // step))
        found = rrule(WEEKLY, interval=interval, byweekday=days, wkst=SU, dtstart=start, until=until)
    elif ((first.year - begin.year) * 12 + first.month - begin.month) % interval == 0:
        found = rrule(MONTHLY, byweekday=days or None, bymonthday=monthdays or None, dtstart=_at(first), until=until)
    else:
        return frozenset()
    return frozenset(moment.date() for moment in found if max(begin, first) <= moment.date())


def _at(day: date, moment: time = time(0)) -> datetime:
    return datetime.combine(day, moment, BAGHDAD)


def _local(at: datetime) -> datetime:
    check(at.tzinfo is not None, "at", "needs a time zone")
    return at.astimezone(BAGHDAD)
