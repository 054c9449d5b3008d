"""How likely two entries are the same thing entered twice, and what speaks for it."""

import re
from typing import NamedTuple

from directory.places import kilometres
from directory.records import Location, Organization, Record, Service, called
from orthography.folding import fold

# How alike two names or addresses must be to speak for it (pg_trgm's similarity, 0 to 1).
ALIKE = 0.6
# A service's name counts only beside something else that both have.
SERVICES_ALIKE = 0.5
NEAR_METRES = 50
# From here on we ask somebody to look.
SUSPICIOUS = 0.5
# Local and international forms of a number end alike: 07701234567, +9647701234567.
NUMBER_END = 10

# How much each reason speaks for it: 1 is certainty, and a name or address counts as far as it is alike.
_SPEAKS = {
    "name": 0.95,
    "address": 0.8,
    "service_name": 0.7,
    "website": 0.6,
    "email": 0.6,
    "phone": 0.5,
    "location": 0.4,
    "organization": 0.3,
}
_NEAR, _NEXT_DOOR = 0.8, 0.5


class Likeness(NamedTuple):
    """How likely two entries are the same (0 to 1), and why: codes that `console` has words for."""

    score: float
    reasons: tuple[str, ...]


def known_by(record: Record) -> tuple[str, str]:
    """What an entry is known by in Arabic and English, folded: a location by its address, all else by its name."""
    words = record.address if isinstance(record, Location) and record.address else called(record)
    return fold(words.ar), fold(words.en)


def likeness(one: Record, other: Record, alike: float) -> Likeness:
    """How likely two entries of a kind are the same; `alike` is how alike what they are known by is (0 to 1)."""
    if isinstance(one, Organization) and isinstance(other, Organization):
        return _judged(_organizations(one, other, alike))
    if isinstance(one, Location) and isinstance(other, Location):
        return _judged(_locations(one, other, alike))
    if isinstance(one, Service) and isinstance(other, Service):
        return _judged(_services(one, other, alike))
    return _judged({"name": alike} if type(one) is type(other) and alike >= ALIKE else {})


def _judged(reasons: dict[str, float]) -> Likeness:
    """Several reasons together: each leaves less room for chance."""
    chance = 1.0
    for speaks in reasons.values():
        chance *= 1 - speaks
    return Likeness(1 - chance, tuple(reasons))


def _organizations(one: Organization, other: Organization, alike: float) -> dict[str, float]:
    reasons = {"name": _SPEAKS["name"] * alike} if alike >= ALIKE else {}
    for field, same in (("website", website), ("email", email)):
        if same(getattr(one, field)) and same(getattr(one, field)) == same(getattr(other, field)):
            reasons[field] = _SPEAKS[field]
    return reasons


def _locations(one: Location, other: Location, alike: float) -> dict[str, float]:
    reasons = {"address": _SPEAKS["address"] * alike} if alike >= ALIKE and one.place == other.place else {}
    if None not in (one.latitude, one.longitude, other.latitude, other.longitude):
        metres = 1000 * kilometres(one.latitude, one.longitude, other.latitude, other.longitude)  # type: ignore[arg-type]
        if metres <= NEAR_METRES:
            reasons["near"] = _NEAR - (_NEAR - _NEXT_DOOR) * metres / NEAR_METRES
    return reasons


def _services(one: Service, other: Service, alike: float) -> dict[str, float]:
    """A name like another's, and besides it something that both have; names alone say "legal aid" all over Iraq."""
    shared = {
        "organization": one.organization_id is not None and one.organization_id == other.organization_id,
        "location": not {at.location_id for at in one.at}.isdisjoint(at.location_id for at in other.at),
        "phone": not numbers(one).isdisjoint(numbers(other)),
    }
    if alike < SERVICES_ALIKE or not any(shared.values()):
        return {}
    return {"name": _SPEAKS["service_name"] * alike} | {reason: _SPEAKS[reason] for reason in shared if shared[reason]}


def numbers(service: Service) -> set[str]:
    """The ends of a service's phone numbers, by which one number is known however it is written."""
    return {re.sub(r"\D", "", phone.number)[-NUMBER_END:] for at in service.at for phone in at.phones}


def website(address: str) -> str:
    """A web address without what may be left out."""
    return re.sub(r"^https?://(www\.)?|/$", "", address.lower())


def email(address: str) -> str:
    """An email address as mailboxes compare it."""
    return address.strip().lower()
