"""What keeps a record from being published: every problem with the field it is in, in words for staff."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from directory import records, topics
from directory.needs import NEEDS
from directory.opening import read_rule
from directory.places import LATITUDES, LONGITUDES
from directory.records import Article, At, Hours, Location, Organization, PhoneNumber, Record, Service, Words
from infrastructure.local_time import day_in_iraq
from infrastructure.segments import parts

LANGUAGES = ("ar", "en", "ckb", "kmr", "fa", "tr", "syr", "tuk")
NUMBER = re.compile(r"\+?[0-9]{3,15}")
# A tag, not "5 < 7": nothing people read needs one, and pages elsewhere might run it.
MARKUP = re.compile(r"<\s*/?\s*[a-zA-Z!]")
NAME_LENGTH, SUMMARY_LENGTH, TEXT_LENGTH = 60, 120, 3_000
# A name by which an article is found in what people write: shorter ones are found in everything.
SHORTEST_NAME = 3
# An article's answer is one message: as many SMS parts as any first answer may have (DESIGN.md).
ANSWER_PARTS = 3
WEB_ADDRESS = re.compile(r"https?://[^\s<>\"]+")


class Problem(NamedTuple):
    """A field ("at[0].phones[1].number", "name.ar") and a code that `console` has words for."""

    field: str
    code: str


def problems(record: Record, places: Mapping[str, str | None]) -> list[Problem]:
    """Everything that keeps a record from being published. `places` are the known codes, each with its parent."""
    checks = {Organization: _organization, Location: _location, Service: _service, Article: _article}
    return [*_markup(record), *checks[type(record)](record, places)]  # type: ignore[operator]


def _organization(record: Organization, places: Mapping[str, str | None]) -> Iterator[Problem]:
    yield from _words("name", record.name, NAME_LENGTH, needed=True)
    yield from _words("description", record.description, TEXT_LENGTH)
    yield from _web_address("website", record.website)


def _location(record: Location, places: Mapping[str, str | None]) -> Iterator[Problem]:
    yield from _words("name", record.name, NAME_LENGTH)
    yield from _words("address", record.address, SUMMARY_LENGTH)
    yield from _words("accessibility", record.accessibility, TEXT_LENGTH)
    if record.place not in places:
        yield Problem("place", "unknown_place" if record.place else "missing")
    if record.is_confidential and (record.address or record.latitude is not None or record.longitude is not None):
        yield Problem("is_confidential", "confidential_has_an_address")
    if (record.latitude is None) != (record.longitude is None):
        yield Problem("longitude" if record.longitude is None else "latitude", "missing")
    elif (
        record.latitude is not None and record.longitude is not None and not in_iraq(record.latitude, record.longitude)
    ):
        yield Problem("latitude", "outside_iraq")


def _service(record: Service, places: Mapping[str, str | None]) -> Iterator[Problem]:
    yield from _words("name", record.name, NAME_LENGTH, needed=True)
    yield from _words("summary", record.summary, SUMMARY_LENGTH, needed=True)
    for field in ("description", "eligibility", "fees", "alert"):
        yield from _words(field, getattr(record, field), TEXT_LENGTH)
    for at, document in enumerate(record.required_documents):
        yield from _words(f"required_documents[{at}]", document, SUMMARY_LENGTH, needed=True)
    if record.organization_id is None:
        yield Problem("organization_id", "missing")
    if not record.needs:
        yield Problem("needs", "missing")
    yield from _codes("needs", record.needs, NEEDS)
    yield from _codes("eligible", record.eligible, records.ELIGIBLE)
    yield from _codes("languages", record.languages, LANGUAGES)
    yield from _codes("service_areas", record.service_areas, tuple(places))
    yield from _web_address("url", record.url)
    if record.assured_date and record.assured_date > day_in_iraq():
        yield Problem("assured_date", "in_the_future")
    yield from _in_order("minimum_age", record.minimum_age, record.maximum_age)
    yield from _in_order("valid_from", record.valid_from, record.valid_until)
    if not record.at:
        yield Problem("at", "missing")
    for at, place in enumerate(record.at):
        yield from _at(f"at[{at}]", place)
    if len({place.location_id for place in record.at}) < len(record.at):
        yield Problem("at", "same_location_twice")


def _article(record: Article, places: Mapping[str, str | None]) -> Iterator[Problem]:
    if not topics.is_topic(record.topic):
        yield Problem("topic", "unknown_code" if record.topic else "missing")
    yield from _words("title", record.title, NAME_LENGTH, needed=True)
    yield from _words("answer", record.answer, TEXT_LENGTH, needed=True)
    for language in ("ar", "en"):
        if parts(getattr(record.answer, language)) > ANSWER_PARTS:
            yield Problem(f"answer.{language}", "too_many_parts")
    for field in ("eligibility", "details", "where", "cost", "duration"):
        yield from _words(field, getattr(record, field), TEXT_LENGTH)
    yield from _codes("needs", record.needs, NEEDS)
    for at, name in enumerate(record.known_as):
        if not NAME_LENGTH >= len(name) >= SHORTEST_NAME:
            yield Problem(f"known_as[{at}]", "too_long" if len(name) > NAME_LENGTH else "too_short")
    for field in ("steps", "bring", "warnings"):
        for at, text in enumerate(getattr(record, field)):
            yield from _words(f"{field}[{at}]", text, TEXT_LENGTH, needed=True)
    for at, case in enumerate(record.cases):
        yield from _codes(f"cases[{at}].situation", [case.situation], topics.SITUATIONS)
        yield from _words(f"cases[{at}].text", case.text, TEXT_LENGTH, needed=True)
    if not record.sources:
        yield Problem("sources", "missing")
    for at, source in enumerate(record.sources):
        if not source.title:
            yield Problem(f"sources[{at}].title", "missing")
        yield from _web_address(f"sources[{at}].url", source.url)
    if record.checked_date is None:
        yield Problem("checked_date", "missing")
    elif record.checked_date > day_in_iraq():
        yield Problem("checked_date", "in_the_future")


def _web_address(field: str, address: str) -> Iterator[Problem]:
    if address and not WEB_ADDRESS.fullmatch(address):
        yield Problem(field, "not_a_web_address")


def _at(field: str, at: At) -> Iterator[Problem]:
    for number, phone in enumerate(at.phones):
        yield from _phone(f"{field}.phones[{number}]", phone)
    for number, hours in enumerate(at.schedules):
        yield from _hours(f"{field}.schedules[{number}]", hours)


def _phone(field: str, phone: PhoneNumber) -> Iterator[Problem]:
    if not NUMBER.fullmatch(phone.number):
        yield Problem(f"{field}.number", "not_a_number" if phone.number else "missing")
    yield from _words(f"{field}.description", phone.description, SUMMARY_LENGTH)


def _hours(field: str, hours: Hours) -> Iterator[Problem]:
    try:
        read_rule(hours.document())
    except ValueError as error:
        yield Problem(f"{field}.{str(error).split(':')[0]}", "not_understood")


def _words(field: str, words: Words, longest: int, *, needed: bool = False) -> Iterator[Problem]:
    """A text is there in Arabic and English, or not at all."""
    if not words and not needed:
        return
    for language in ("ar", "en"):
        if not getattr(words, language):
            yield Problem(f"{field}.{language}", "missing")
    for language, text in words:
        if len(text) > longest:
            yield Problem(f"{field}.{language}", "too_long")


def _codes(field: str, given: list[str], known: tuple[str, ...]) -> Iterator[Problem]:
    if not set(given) <= set(known):
        yield Problem(field, "unknown_code")


def _in_order(field: str, first: object, last: object) -> Iterator[Problem]:
    if first is not None and last is not None and first > last:  # type: ignore[operator]
        yield Problem(field, "ends_before_it_begins")


def _markup(record: Record) -> Iterator[Problem]:
    yield from (Problem(field, "markup") for field, text in texts(record.document()) if MARKUP.search(text))


def texts(value: object, field: str = "") -> Iterator[tuple[str, str]]:
    """All strings of a document with their fields."""
    if isinstance(value, str):
        yield field, value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from texts(inner, f"{field}.{name}" if field else str(name))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from texts(inner, f"{field}[{at}]")


def in_iraq(latitude: float, longitude: float) -> bool:
    """Whether a point may be in Iraq: a rough box, so a place beyond the border passes."""
    return LATITUDES[0] <= latitude <= LATITUDES[1] and LONGITUDES[0] <= longitude <= LONGITUDES[1]
