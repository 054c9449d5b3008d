"""A field of a record as the text of a cell, and back: what can't be read is a Misread with a code of `problems`."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from directory.checking import NUMBER
from directory.exchange import sheet_codes, sheet_hours
from directory.exchange.sheet_places import AmbiguousPlace, Places, UnknownPlace
from directory.opening import YEARS

# Seven decimals of a degree are a centimetre, and fewer digits than Excel keeps.
DECIMALS = 7
_DECIMAL = re.compile(r"-?\d{1,3}(?:[.,]\d{1,20})?")
_DAY_FIRST = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4}|\d{2})(?: 0?0:00(?::00)?)?")
_YEAR_FIRST = re.compile(r"(\d{4})[/.\-](\d{1,2})[/.\-](\d{1,2})(?:[ T]\d\d:\d\d(?::\d\d)?)?")
# A date that lost its format: Excel counts days from here.
_SERIAL = re.compile(r"[3-7]\d{4}")
_EXCEL_ZERO = date(1899, 12, 30)
_BETWEEN_PHONES = re.compile(r"[;؛,،\n/|]|\bor\b|\band\b|أو")
_IN_PHONES = re.compile(r"[\s().\-\u2010-\u2015]")


class Misread(ValueError):
    """A cell that can't be read: a code of `problems.MESSAGES` and its detail."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code, self.detail = code, detail[:80]


def value_at(document: Mapping[str, Any], field: str) -> Any:
    """What a document says in a field ("name.ar"); of a list of texts ("required_documents.ar") all of them."""
    name, _, language = field.partition(".")
    value = document[name]
    if not language:
        return value
    return [one[language] for one in value] if isinstance(value, list) else value[language]


def put(document: dict[str, Any], field: str, value: Any) -> None:
    """Let a document say something else in a field. What has no place in a cell (who answers a number, Ramadan's
    hours, a text in Kurdish) stays as it was."""
    name, _, language = field.partition(".")
    if name == "phones":
        known = {phone["number"]: phone for phone in document[name]}
        document[name] = [known.get(number, {"number": number}) for number in value]
    elif name == "schedules":
        document[name] = sheet_hours.merge_hours(document[name], value)
    elif not language:
        document[name] = value
    elif isinstance(document[name], list):
        document[name] = _with_texts(document[name], language, value)
    else:
        document[name] = {**document[name], language: value}


def _with_texts(items: Sequence[dict[str, str]], language: str, texts: Sequence[str]) -> list[dict[str, str]]:
    longest = max(len(items), len(texts))
    padded = [*items, *({} for _ in range(longest - len(items)))]
    said = [*texts, *("" for _ in range(longest - len(texts)))]
    made = [{**item, language: text} for item, text in zip(padded, said, strict=True)]
    return [item for item in made if any(item.values())]


def write(kind: str, value: Any) -> str:
    """A value as the text of a cell; nothing is an empty cell."""
    if value is None or value == "" or value == []:
        return ""
    match kind.partition(":")[0]:
        case "items":
            return ("\n" if any(";" in text for text in value) else "; ").join(value)
        case "number":
            return f"{value:.{DECIMALS}f}".rstrip("0").rstrip(".")
        case "yes_no":
            return "yes" if value else "no"
        case "codes" | "places":
            return ", ".join(value)
        case "phones":
            return "; ".join(phone["number"] for phone in value)
        case "hours":
            return sheet_hours.write_hours(value)
    return str(value)


def read(kind: str, text: str, places: Places) -> Any:
    """The value that a cell's text means; Misread."""
    name, _, name_of_list = kind.partition(":")
    if name in ("code", "codes", "yes_no"):
        return _codes(name, name_of_list, text)
    if name == "places":
        return [_place(places, one) for one in re.split(r"[;؛,،\n]", text) if one.strip()]
    return _READERS[name](text)


def _codes(name: str, name_of_list: str, text: str) -> Any:
    try:
        if name == "codes":
            return sheet_codes.codes_of(name_of_list, text)
        if name == "yes_no":
            return sheet_codes.code_of("yes_no", text) == "yes" if text else False
        return sheet_codes.code_of(name_of_list, text) if text else ""
    except sheet_codes.UnknownName as unknown:
        raise Misread("unknown_code", str(unknown)) from None


def _place(places: Places, text: str) -> str:
    try:
        return places.any(text)
    except UnknownPlace as unknown:
        raise Misread("unknown_place", str(unknown)) from None
    except AmbiguousPlace as several:
        raise Misread("ambiguous_place", str(several)) from None


def western(text: str) -> str:
    """A text with the digits and the decimal sign of an English keyboard."""
    digits = (str(int(sign)) if sign.isdecimal() else sign for sign in text)
    return "".join(digits).replace("٫", ".")


def _text(text: str) -> str:
    return text


def _items(text: str) -> list[str]:
    items = [one.strip() for one in text.split("\n" if "\n" in text else ";") for one in one.split("؛")]
    while items and not items[-1]:
        items.pop()
    return items


def _number(text: str) -> float | None:
    if not text:
        return None
    plain = re.sub(r"[°\sNEnE]", "", western(text))
    if not _DECIMAL.fullmatch(plain):
        raise Misread("not_a_coordinate", text)
    return round(float(plain.replace(",", ".")), DECIMALS)


def _age(text: str) -> int | None:
    if not text:
        return None
    plain = western(text).strip()
    if not re.fullmatch(r"\d{1,3}", plain) or int(plain) > 120:
        raise Misread("not_an_age", text)
    return int(plain)


def _date(text: str) -> str | None:
    """A day as JSON has it. Iraq writes the day first."""
    plain = western(text).strip()
    if not plain:
        return None
    try:
        if found := _DAY_FIRST.fullmatch(plain):
            year = int(found[3]) if len(found[3]) == 4 else 2000 + int(found[3])
            day = date(year, int(found[2]), int(found[1]))
        elif found := _YEAR_FIRST.fullmatch(plain):
            day = date(int(found[1]), int(found[2]), int(found[3]))
        elif _SERIAL.fullmatch(plain):
            day = _EXCEL_ZERO + timedelta(int(plain))
        else:
            raise Misread("not_a_date", text)
    except ValueError:
        raise Misread("not_a_date", text) from None
    if day.year not in YEARS:
        raise Misread("not_a_date", text)
    return day.isoformat()


def _phones(text: str) -> list[str]:
    """Numbers as people dial them, with what Excel took from their beginning."""
    numbers = []
    for part in filter(str.strip, _BETWEEN_PHONES.split(western(text))):
        number = _IN_PHONES.sub("", part)
        if re.fullmatch(r"7\d{9}", number):
            number = f"0{number}"
        elif re.fullmatch(r"(00)?964\d{8,10}", number):
            number = f"+{number.removeprefix('00')}"
        if not NUMBER.fullmatch(number):
            raise Misread("not_a_number", part.strip())
        numbers.append(number)
    return list(dict.fromkeys(numbers))


# Services of one table keep a few hours among them.
@lru_cache(maxsize=1024)
def _hours(text: str) -> list[dict[str, Any]]:
    try:
        return sheet_hours.read_hours(text)
    except sheet_hours.Unclear as unclear:
        raise Misread("hours_unclear", str(unclear)) from None


_READERS: dict[str, Callable[[str], Any]] = {
    "text": _text,
    "items": _items,
    "number": _number,
    "age": _age,
    "date": _date,
    "phones": _phones,
    "hours": _hours,
}
