"""HSDS schedules as our rules of opening, in Iraq's time; what can't be kept as it is meant is a problem."""

from datetime import date, time, timedelta
from typing import Any

from pydantic import ValidationError

from directory.exchange import hsds
from directory.exchange.hsds_report import Findings, Place
from directory.exchange.incoming_parts import spoken
from directory.exchange.outgoing_parts import IRAQ, KINDS_OF_HOURS
from directory.opening import RAMADAN, UNREAD, read_rule
from directory.records import Hours

DAY = timedelta(days=1)


def hours(said: hsds.Schedule, place: Place, findings: Findings) -> Hours | None:
    """A rule of opening; None for a schedule that says no hours, and for one that is a problem."""
    kind = _kind(said)
    if kind != "closed" and said.opens_at is None and said.closes_at is None:
        findings.notice(place, "no_hours", "says no hours: it will be left out")
        return None
    try:
        made = Hours(kind=kind, **_dates(said, kind), **({} if kind == "closed" else _recurring(said)))
        # `until` is among the dates.
        unread = {name: getattr(said, name) for name in UNREAD if name != "until"}
        read_rule({**made.document(), "wkst": said.wkst, **unread})
    except ValidationError as why:
        for error in why.errors(include_url=False):
            findings.problem((*place, *error["loc"]), "hours", error["msg"].replace("Input should", "must"))
        return None
    except ValueError as why:
        field, _, told = str(why).partition(": ")
        findings.problem((*place, field), "hours", told)
        return None
    return made


def _kind(said: hsds.Schedule) -> Any:
    """Ramadan's hours and closures are told by their description, as HSDS has no word for them."""
    texts = set(spoken(said, "description").values())
    return next((kind for kind, names in KINDS_OF_HOURS.items() if texts & set(names.spoken().values())), "regular")


def _dates(said: hsds.Schedule, kind: str) -> dict[str, date | None]:
    ends = [day for day in (said.valid_to, said.until) if day]
    first, last = said.valid_from, min(ends, default=None)
    if kind == "ramadan" and (first, last) in RAMADAN.values():
        # Every year's, which left with the next one's dates.
        first = last = None
    return {"valid_from": first, "valid_to": last}


def _recurring(said: hsds.Schedule) -> dict[str, Any]:
    return {
        "freq": said.freq or "WEEKLY",
        "interval": said.interval or 1,
        "byday": said.byday.replace(" ", "").split(",") if said.byday else [],
        "bymonthday": [int(number) for number in said.bymonthday.split(",")] if said.bymonthday else [],
        "dtstart": said.dtstart,
        "opens_at": _in_iraq("opens_at", said.opens_at, said.timezone),
        "closes_at": _in_iraq("closes_at", said.closes_at, said.timezone),
    }


def _in_iraq(field: str, at: time | None, timezone: float | None) -> str | None:
    """A time of day on Iraq's clock. If the doors open on another day then, the days would be wrong: a ValueError."""
    if at is None:
        return None
    offset = at.utcoffset()
    ahead = IRAQ.utcoffset(None) - (timedelta(hours=timezone or 0) if offset is None else offset)
    there = timedelta(hours=at.hour, minutes=at.minute) + ahead
    if field == "opens_at" and not timedelta(0) <= there < DAY:
        raise ValueError(f"{field}: is on another day in Iraq, write days and times as they are there (+03:00)")
    minutes = int((there % DAY).total_seconds()) // 60
    return f"{minutes // 60:02}:{minutes % 60:02}"
