"""The small parts of what goes out as HSDS: texts, hours, languages and areas; their ids are the same each time."""

from datetime import date, time, timedelta, timezone
from typing import Any
from uuid import UUID, uuid5

from pydantic import TypeAdapter, ValidationError

from directory import records
from directory.exchange import hsds
from directory.exchange.hsds_fields import Email, Latitude, Longitude, PhoneNumber, Uri
from directory.models import Place
from directory.opening import RAMADAN

LANGUAGES = ("ar", "en", "ckb")
# Iraq has had no summer time since 2008.
IRAQ = timezone(timedelta(hours=3))
SPOKEN = {
    "ar": ("العربية", "Arabic"),
    "en": ("الإنجليزية", "English"),
    "ckb": ("الكردية السورانية", "Kurdish (Sorani)"),
    "kmr": ("الكردية البادينية", "Kurdish (Kurmanji)"),
    "fa": ("الفارسية", "Persian"),
    "tr": ("التركية", "Turkish"),
    "syr": ("السريانية", "Syriac"),
    "tuk": ("التركمانية", "Turkmen"),
}
KINDS_OF_HOURS = {
    "ramadan": records.Words(ar="رمضان", en="Ramadan"),
    "closed": records.Words(ar="مغلق", en="Closed"),
}
URI, EMAIL, NUMBER = TypeAdapter[str](Uri), TypeAdapter[str](Email), TypeAdapter[str](PhoneNumber)
LATITUDE, LONGITUDE = TypeAdapter[float](Latitude), TypeAdapter[float](Longitude)


def language(service_id: UUID, code: str) -> hsds.Language:
    """A language that is spoken."""
    arabic, english = SPOKEN.get(code, ("", code))
    told = texts(name=records.Words(ar=arabic, en=english))
    return hsds.Language(id=part(service_id, "language", code), code=code, **told)


def area(service_id: UUID, place: Place) -> hsds.ServiceArea:
    """A place whose people a service is for, by its p-code."""
    extent: dict[str, Any] = {"extent": place.code, "extent_type": "text"}
    return hsds.ServiceArea(id=part(service_id, "area", place.code), **extent, **texts(name=name_of(place)))


def schedule(identity: UUID, hours: records.Hours, today: date) -> hsds.Schedule:
    """Hours as HSDS writes them; of a closure only its dates."""
    when: dict[str, Any] = {"valid_from": hours.valid_from, "valid_to": hours.valid_to}
    if hours.kind == "ramadan" and not (hours.valid_from or hours.valid_to):
        # HSDS knows no Ramadan: without dates these would be read as the hours of the whole year.
        dates = (dates for dates in RAMADAN.values() if dates[1] >= today)
        when["valid_from"], when["valid_to"] = next(dates, (None, None))
    if hours.kind != "closed":
        when |= {
            "freq": hours.freq,
            "interval": hours.interval,
            "wkst": "SU",
            "byday": ",".join(hours.byday) or None,
            "bymonthday": ",".join(map(str, hours.bymonthday)) or None,
            "dtstart": hours.dtstart,
            "opens_at": _clock(hours.opens_at),
            "closes_at": _clock(hours.closes_at),
        }
    return hsds.Schedule(id=identity, **when, **texts(description=KINDS_OF_HOURS.get(hours.kind, records.Words())))


def _clock(said: str | None) -> time | None:
    return time.fromisoformat(said).replace(tzinfo=IRAQ) if said else None


def name_of(place: Place) -> records.Words:
    """A place's name in the profile's languages."""
    return records.Words(**{language: text for language, text in place.name.items() if language in LANGUAGES})


def texts(**words: records.Words) -> dict[str, Any]:
    """Texts as HSDS has them: the English in the plain field (or what there is), all languages in `translations`."""
    plain = {field: said.en or said.ar or said.ckb for field, said in words.items() if said}
    spoken = {
        language: {field: text for field, said in words.items() if (text := getattr(said, language))}
        for language in LANGUAGES
    }
    translations = {language: texts for language, texts in spoken.items() if texts}
    return {**plain, "translations": translations} if plain else {}


def part(parent: UUID, kind: str, which: object) -> UUID:
    """The id of something that has none of its own: the same each time it leaves."""
    return uuid5(parent, f"{kind} {which}")


def fitting(kind: TypeAdapter[Any], value: Any) -> Any:
    """A value if HSDS takes it."""
    try:
        return kind.validate_python(value) if value not in (None, "") else None
    except ValidationError:
        return None
