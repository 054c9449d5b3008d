"""Services of an HSDS file as our records.

A file in our profile (it says `access`) says all there is to say. Any other has no words for some of it: that stays as
it is published here. What plain HSDS has words for and the file leaves out is gone.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from directory.exchange import hsds
from directory.exchange.gathering import Arrived
from directory.exchange.hsds_report import Place
from directory.exchange.incoming_hours import hours
from directory.exchange.incoming_parts import language, phone, spoken, words
from directory.exchange.incoming_records import Reading
from directory.records import Hours, PhoneNumber, Service, Words

OLDEST = 120
TEXTS = {
    "name": "name",
    "summary": "summary",
    "description": "description",
    "eligibility": "eligibility_description",
    "fees": "fees_description",
    "alert": "alert",
}
# What only our profile has words for, by the names of each.
OURS = {"summary": "summary", "eligible": "eligible", "valid_from": "valid_from", "valid_until": "valid_to"}
TEMPORARILY_CLOSED = Words(ar="مغلق مؤقتاً", en="Temporarily closed")


def service(arrived: Arrived[hsds.Service], reading: Reading) -> Service | None:
    """A service of ours."""
    said, place = arrived.said, arrived.place
    before = reading.before(said.id, Service)
    given: dict[str, Any] = {
        ours: words(said, theirs, getattr(before, ours), place, reading.findings) for ours, theirs in TEXTS.items()
    }
    given |= {
        "organization_id": _organization_id(said, reading) or before.organization_id,
        "needs": reading.needs.of(said, place) or before.needs,
        "eligible": list(said.eligible),
        "minimum_age": _age(said.minimum_age),
        "maximum_age": _age(said.maximum_age),
        "access": said.access[0] if said.access else before.access,
        "capacity": said.capacity or before.capacity,
        "url": said.url or "",
        "email": said.email or "",
        # What we have checked since isn't made older by a copy.
        "assured_date": max(filter(None, (said.assured_date, before.assured_date)), default=None),
        "valid_from": said.valid_from,
        "valid_until": said.valid_to,
        "is_demo": said.demo,
        "at": list(_at(arrived, before, reading)),
    }
    if not said.access:
        given |= {ours: getattr(before, ours) for ours, theirs in OURS.items() if not getattr(said, theirs)}
    if not _is_brief(said):
        given |= _lists(arrived, before, reading)
    _heed_status(arrived, given, reading)
    return reading.made(before, given, arrived)


def _organization_id(said: hsds.Service, reading: Reading) -> UUID | None:
    return said.organization.id if said.organization else said.organization_id or reading.gathered.owners.get(said.id)


def _age(said: float | None) -> int | None:
    return int(said) if said is not None and said <= OLDEST else None


def _is_brief(said: hsds.Service) -> bool:
    """Whether it has only the ids of what belongs to it, as in a list that was asked for without `full`."""
    at = said.service_at_locations
    return bool(at) and not any(one.location or one.phones or one.schedules for one in at)


def _lists(arrived: Arrived[hsds.Service], before: Service, reading: Reading) -> dict[str, Any]:
    said, place, findings = arrived.said, arrived.place, reading.findings
    documents = [*before.required_documents, *([Words()] * len(said.required_documents))]
    languages = [language(one, (*place, "languages", at), findings) for at, one in enumerate(said.languages)]
    areas = [_area(one, (*place, "service_areas", at), reading) for at, one in enumerate(said.service_areas)]
    return {
        "languages": list(dict.fromkeys(filter(None, languages))),
        "service_areas": list(dict.fromkeys(filter(None, areas))),
        "required_documents": [
            words(one, "document", documents[at], (*place, "required_documents", at), findings)
            for at, one in enumerate(said.required_documents)
            if one.document or one.translations
        ],
    }


def _area(said: hsds.ServiceArea, place: Place, reading: Reading) -> str | None:
    where = reading.whereabouts
    if said.extent_type == "text" and said.extent in where.places:
        return said.extent
    found = next(filter(None, (where.named(text) for text in spoken(said, "name").values())), None)
    if found is None:
        reading.findings.notice(place, "unknown_area", "is no governorate or district we know: it will be left out")
    return found


def _heed_status(arrived: Arrived[hsds.Service], given: dict[str, Any], reading: Reading) -> None:
    """Whether it is offered at all: our words for it are its dates, its alert, and whether it is published."""
    said = arrived.said
    if said.status == "temporarily closed":
        given["alert"] = given["alert"] or TEMPORARILY_CLOSED
    elif said.status == "defunct" or (said.status == "inactive" and not (said.valid_from or said.valid_to)):
        told = f"is {said.status}: it stays a draft; if it is published here, see whether to archive it"
        reading.findings.notice((*arrived.place, "status"), "not_active", told, about=said.status)
        reading.held.add(said.id)


def _at(arrived: Arrived[hsds.Service], before: Service, reading: Reading) -> Iterator[dict[str, Any]]:
    said, place = arrived.said, arrived.place
    old = {one.location_id: one for one in before.at}
    for number, one in enumerate(said.service_at_locations):
        where = (*place, "service_at_locations", number)
        location_id = one.location.id if one.location else one.location_id
        if location_id is None:
            reading.findings.notice(where, "no_location", "names no location: it will be left out")
            continue
        if location_id not in reading.gathered.locations and location_id not in reading.known:
            told = "has only the id of a location that isn't known here: a file with full=true has all of it"
            reading.findings.notice(where, "unknown_location", told)
        if _is_brief(said) and location_id in old:
            yield old[location_id].model_dump()
            continue
        numbers = {one.number: one for one in old[location_id].phones} if location_id in old else {}
        yield {
            "location_id": location_id,
            "phones": list(_phones(arrived, number, numbers, reading)),
            "schedules": list(_schedules(arrived, number, reading)),
        }
    if not said.service_at_locations and (said.phones or said.schedules):
        told = "is at no location: its phones and hours will be left out; give it a location in the place it serves"
        reading.findings.notice(place, "no_location", told)


def _phones(
    arrived: Arrived[hsds.Service], at: int, old: Mapping[str, PhoneNumber], reading: Reading
) -> Iterator[PhoneNumber]:
    """The numbers of the service there, or else of the service, the location, the organization."""
    said, place = arrived.said, arrived.place
    there = said.service_at_locations[at]
    here = (*place, "service_at_locations", at)
    owner = reading.gathered.organizations.get(_organization_id(said, reading) or said.id)
    for found, where in (
        (there.phones, (*here, "phones")),
        (said.phones, (*place, "phones")),
        (there.location.phones if there.location else (), (*here, "location", "phones")),
        (owner.said.phones if owner else (), (*(owner or arrived).place, "phones")),
    ):
        for number, one in enumerate(found):
            made = phone(one, is_demo=said.demo, place=(*where, number), findings=reading.findings)
            if made:
                # What is written beside a shelter's number never leaves, so nothing said of it is nothing new.
                is_secret = bool(there.location and there.location.confidential)
                yield old[made.number] if is_secret and made.number in old else made
        if found:
            return


def _schedules(arrived: Arrived[hsds.Service], at: int, reading: Reading) -> Iterator[Hours]:
    """The hours of the service there, or else of the service, the location."""
    said = arrived.said
    there = said.service_at_locations[at]
    for found, where in (
        (there.schedules, ("service_at_locations", at, "schedules")),
        (said.schedules, ("schedules",)),
        (there.location.schedules if there.location else (), ("service_at_locations", at, "location", "schedules")),
    ):
        for number, one in enumerate(found):
            if made := hours(one, (*arrived.place, *where, number), reading.findings):
                yield made
        if found:
            return
