"""The text a person reads about the services found, as full as the room allows."""

from collections.abc import Callable, Iterable, Iterator
from itertools import combinations_with_replacement
from typing import NamedTuple

from directory.hours import COMMA
from directory.opening import describe
from directory.results import Found, Page
from infrastructure.segments import parts
from infrastructure.wording import Wording

# Left-to-right mark: without it a phone's '+' stands at the wrong end inside Arabic.
LEFT_TO_RIGHT = "\u200e"
ON_FOOT_KM = 10

Entry = Callable[[Found, Page, str, Wording], str]


class Answer(NamedTuple):
    """A text and how many of the page's results it holds: the next page starts after these."""

    text: str
    shown: int


def answer(page: Page, language: str, *, budget_parts: int | None, wording: Wording) -> str:
    """The page as one text in at most `budget_parts` SMS parts (None: no limit)."""
    return fit(page, language, budget_parts=budget_parts, wording=wording).text


def fit(page: Page, language: str, *, budget_parts: int | None, wording: Wording) -> Answer:
    """The fullest arrangement of the page that fits its budget.

    If even one short result is too long, that is the answer all the same: a name and a number are never cut.
    """
    if not page.results:
        return Answer(_nothing(page, language, wording), 0)
    for entries in _arrangements(len(page.results)):
        text = _text(page, entries, language, wording)
        if budget_parts is None or parts(text) <= budget_parts:
            break
    return Answer(text, len(entries))


def _arrangements(results: int) -> Iterator[tuple[Entry, ...]]:
    """From the fullest to the shortest, the first result never shorter than the next; then fewer results."""
    for count in range(results, 0, -1):
        yield from combinations_with_replacement((_full, _medium, _short), count)


def _text(page: Page, entries: tuple[Entry, ...], language: str, wording: Wording) -> str:
    found = [write(result, page, language, wording) for write, result in zip(entries, page.results, strict=False)]
    blocks = [_header(page, language, wording), "\n\n".join(found)]
    if page.offset + len(entries) < page.total:
        blocks.append(wording.say("utter_card_more", language))
    return "\n".join(blocks)


def _header(page: Page, language: str, wording: Wording) -> str:
    need = _need(page, language, wording)
    header = need
    if page.place_name:
        key = "utter_card_nearby" if page.is_nearby else "utter_card_header"
        header = wording.say(key, language, need=need, place=page.place_name[language])
    if page.none_open:
        header = f"{header} - {wording.say('utter_card_none_open', language)}"
    # One marked row marks the whole text: better a real row taken for an example than the reverse.
    if any(result.is_demo for result in page.results):
        return f"{header} ({wording.say('utter_card_demo', language)})"
    return header


def _full(result: Found, page: Page, language: str, wording: Wording) -> str:
    return _lines(
        (
            result.service_name[language],
            result.summary[language],
            *_going_there(result, page, language, wording),
            _checked(result, language, wording),
        )
    )


def _medium(result: Found, page: Page, language: str, wording: Wording) -> str:
    """What somebody needs to go there or to call."""
    lines = (result.service_name[language], *_going_there(result, page, language, wording))
    return _lines((*lines, _warning(result, language, wording)))


def _short(result: Found, page: Page, language: str, wording: Wording) -> str:
    named = _listed((result.service_name[language], _area(result, page, language)), language)
    alert = result.alert.get(language, "")
    return _lines((named, alert, _phone(result, language), _warning(result, language, wording)))


def _going_there(result: Found, page: Page, language: str, wording: Wording) -> tuple[str, ...]:
    access = "" if result.access == "walk_in" else wording.say(f"utter_access_{result.access}", language)
    return (
        result.alert.get(language, ""),
        wording.say("utter_card_is_full", language) if result.capacity == "full" else "",
        _where(result, page, language, wording),
        describe(result.schedules, language, wording),
        _listed((access, _phone(result, language)), language),
    )


def _checked(result: Found, language: str, wording: Wording) -> str:
    """The month in which somebody last checked it."""
    if not result.assured_date:
        return ""
    month = f"{result.assured_date.month}/{result.assured_date.year}"
    return wording.say("utter_card_checked", language, month=month)


def _warning(result: Found, language: str, wording: Wording) -> str:
    """When it was last checked, if that is so long ago that it must be said even in a short answer."""
    return _checked(result, language, wording) if result.is_due else ""


def _where(result: Found, page: Page, language: str, wording: Wording) -> str:
    if result.address is None:
        return wording.say("utter_card_call_first", language, place=result.place_name[language])
    return _listed(
        (_area(result, page, language), result.address[language], _distance(result, language, wording)), language
    )


def _distance(result: Found, language: str, wording: Wording) -> str:
    """How far it is from the pin: to a tenth of a kilometre where that matters on foot."""
    if result.kilometres is None:
        return ""
    km = f"{result.kilometres:.0f}" if result.kilometres >= ON_FOOT_KM else f"{result.kilometres:.1f}"
    return wording.say("utter_card_km", language, km=km)


def _area(result: Found, page: Page, language: str) -> str:
    """The name of the result's place, empty where the header has just said it."""
    place = result.place_name[language]
    return "" if page.place_name and page.place_name[language] == place else place


def _phone(result: Found, language: str) -> str:
    if not result.phone:
        return ""
    mark = LEFT_TO_RIGHT if language == "ar" and result.phone.startswith("+") else ""
    return mark + result.phone


def _lines(texts: Iterable[str]) -> str:
    return "\n".join(filter(None, texts))


def _listed(texts: Iterable[str], language: str) -> str:
    return COMMA[language].join(filter(None, texts))


def _nothing(page: Page, language: str, wording: Wording) -> str:
    if page.total:
        return wording.say("utter_no_more_services", language)
    need = _need(page, language, wording)
    if page.place_name:
        return wording.say("utter_no_service", language, need=need, place=page.place_name[language])
    return wording.say("utter_no_service_anywhere", language, need=need)


def _need(page: Page, language: str, wording: Wording) -> str:
    if page.organization_name:
        return page.organization_name[language]
    if len(page.needs) == 1:
        return wording.say(f"utter_need_{page.needs[0]}", language)
    return wording.say("utter_needs_several", language)
