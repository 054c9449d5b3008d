"""The kinds of value in HSDS: what is accepted, said in words a person can act on, and how it is written.

Every check names the problem and never repeats the value: a report may travel further than the file it is about.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, time
from math import isfinite
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, Strict
from pydantic_core import PydanticCustomError

from directory.places import LATITUDES, LONGITUDES

T = TypeVar("T")

# Above this a number is no age, amount or coordinate, and JSON readers disagree about its digits.
LARGEST = 1e15

UUID_TEXT = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
DATE_TEXT = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
TIME_TEXT = re.compile(r"\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?", re.ASCII)
DATETIME_TEXT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
# Links are shown to people, so nothing a browser would run; RFC 3986 leaves only these characters.
URI_TEXT = r"(https?://[A-Za-z0-9]|urn:[A-Za-z0-9])[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*"
EMAIL_TEXT = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~\-]+@[A-Za-z0-9\-]+(\.[A-Za-z0-9\-]+)+"
PHONE_TEXT = r"\+?[0-9*#(][0-9*#() ./\-]{2,29}"
P_CODE_TEXT = r"IQG[0-9]{2}(Q[0-9]{2})?"
_DAY = r"([+\-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)"
DAYS_TEXT = rf"{_DAY}(, ?{_DAY})*"
NUMBERS_TEXT = r"[+\-]?[0-9]{1,3}(, ?[+\-]?[0-9]{1,3})*"


def _parsed(kind: type[T], shape: re.Pattern[str], read: Callable[[str], T], code: str, message: str) -> Any:
    """A validator for a value that is a `kind` already, or a text of one exact shape.

    Pydantic's own readers also take Unix times, bare digits and braces, which no HSDS consumer would.
    """

    def check(value: Any) -> T:
        if type(value) is kind:
            return value
        if isinstance(value, str) and shape.fullmatch(value):
            try:
                return read(value)
            except ValueError:  # The 30th of February
                pass
        raise PydanticCustomError(code, message)

    return BeforeValidator(check)


def _shaped(pattern: str, code: str, message: str) -> Any:
    shape = re.compile(pattern)

    def check(value: str) -> str:
        if not shape.fullmatch(value):
            raise PydanticCustomError(code, message)
        return value

    return AfterValidator(check)


def _number(low: float, high: float, *, whole: bool = False, outside: str = "is out of range") -> Any:
    """A validator for a number that stays as it was written: 12 is not turned into 12.0."""

    def check(value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise PydanticCustomError("number", "must be a number")
        if not isfinite(value) or abs(value) > LARGEST:
            raise PydanticCustomError("number", "must be an ordinary number")
        if whole and value != int(value):
            raise PydanticCustomError("number", "must be a whole number")
        if not low <= value <= high:
            raise PydanticCustomError("range", f"{outside} ({low:g} to {high:g})")
        return int(value) if whole else value

    return BeforeValidator(check)


def _aware(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise PydanticCustomError("date_time", "has no offset from UTC")
    return value


Text = Annotated[str, Strict()]
Flag = Annotated[bool, Strict()]
Id = Annotated[UUID, _parsed(UUID, UUID_TEXT, UUID, "uuid", "is not a UUID")]
Date = Annotated[date, _parsed(date, DATE_TEXT, date.fromisoformat, "date", "is not a date such as 2026-01-31")]
DateTime = Annotated[
    datetime,
    _parsed(
        datetime,
        DATETIME_TEXT,
        lambda text: datetime.fromisoformat(text.upper()),
        "date_time",
        "is not a date and time with an offset such as 2026-01-31T12:00:00Z",
    ),
    AfterValidator(_aware),
    PlainSerializer(lambda value: value.isoformat(timespec="milliseconds"), return_type=str, when_used="json"),
]
# HH:MM with an offset, as HSDS words it; the seconds of an opening hour say nothing.
Time = Annotated[
    time,
    _parsed(time, TIME_TEXT, time.fromisoformat, "time", "is not a time such as 09:00+03:00"),
    PlainSerializer(lambda value: value.isoformat(timespec="minutes"), return_type=str, when_used="json"),
]
Uri = Annotated[Text, _shaped(URI_TEXT, "uri", "is not a web address (http, https or urn, without spaces)")]
Email = Annotated[Text, _shaped(EMAIL_TEXT, "email", "is not an email address")]
PhoneNumber = Annotated[
    Text, _shaped(PHONE_TEXT, "phone", "is not a number to dial: digits 0-9, with + first if it is international")
]
PCode = Annotated[Text, _shaped(P_CODE_TEXT, "p_code", "is not a p-code such as IQG15Q05")]
Days = Annotated[Text, _shaped(DAYS_TEXT, "days", "must be days such as SU,MO,TU")]
Numbers = Annotated[Text, _shaped(NUMBERS_TEXT, "numbers", "must be numbers with commas between them")]
Country = Annotated[Text, _shaped("[A-Z]{2}", "country", "must be a country of two letters such as IQ")]
Currency = Annotated[Text, _shaped("[A-Za-z]{3}", "currency", "must be a currency of three letters such as IQD")]
Age = Annotated[int | float, _number(0, 130)]
Amount = Annotated[int | float, _number(0, 1e12)]
Offset = Annotated[int | float, _number(-12, 14)]
Year = Annotated[int, _number(1000, 9999, whole=True)]
Count = Annotated[int, _number(1, 10_000, whole=True)]
Extension = Annotated[int, _number(0, 99_999_999, whole=True)]
Latitude = Annotated[int | float, _number(*LATITUDES, outside="lies outside Iraq")]
Longitude = Annotated[int | float, _number(*LONGITUDES, outside="lies outside Iraq")]

Translations = dict[Literal["ar", "en", "ckb"], dict[str, Text]]
