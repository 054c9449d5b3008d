"""Our records as HSDS 3.0 in the Iraq profile: what goes out of a published service, organization or location.

Which records may leave at all is decided in `directory.exchange.leaving`; here is what is said of them. A website or
coordinates that HSDS would refuse stay behind: one odd value never keeps a whole service from those who need it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from directory import records
from directory.exchange import hsds
from directory.exchange.outgoing_parts import (
    EMAIL,
    LATITUDE,
    LONGITUDE,
    NUMBER,
    URI,
    area,
    fitting,
    language,
    name_of,
    part,
    schedule,
    texts,
)
from directory.models import Place
from directory.needs import NEEDS
from infrastructure.wording import Wording

NEEDS_URI = "urn:daleel:needs"
NEEDS_ID = uuid5(NAMESPACE_URL, NEEDS_URI)


@dataclass(frozen=True)
class Known:
    """What everything that leaves is said with: the places by code, the names of needs, the day, and whether demo."""

    places: Mapping[str, Place]
    wording: Wording
    demo: bool
    today: date


@dataclass(frozen=True)
class Leaving:
    """A service that may leave, with its organization and those of its locations that may leave, too."""

    service: records.Service
    organization: records.Organization
    locations: Mapping[UUID, records.Location]
    # When the service, its organization or one of its locations last changed.
    changed_at: datetime

    @property
    def is_demo(self) -> bool:
        """Whether anything of it is made up."""
        at = [one for one in self.service.at if one.location_id in self.locations]
        marks = [self.service.is_demo, self.organization.is_demo, *(one.is_demo for one in self.locations.values())]
        return any(marks) or any(phone.is_demo for one in at for phone in one.phones)


def taxonomy() -> hsds.Taxonomy:
    """The list of needs."""
    told = texts(
        name=records.Words(en=hsds.NEEDS_TAXONOMY),
        description=records.Words(ar="الحاجات التي تلبيها الخدمات", en="The needs that services meet"),
    )
    return hsds.Taxonomy(id=NEEDS_ID, uri=NEEDS_URI, **told)


def taxonomy_term(need: str, wording: Wording) -> hsds.TaxonomyTerm:
    """A need as a term of the list of needs. An unknown code is a KeyError."""
    said = records.Words.model_validate(wording.texts[f"utter_need_{need}"])
    told = texts(name=said, description=said)
    named: dict[str, Any] = {"taxonomy": hsds.NEEDS_TAXONOMY, "taxonomy_id": NEEDS_ID}
    return hsds.TaxonomyTerm(id=term_id(need), code=need, **named, **told)


def term_id(need: str) -> UUID:
    """The id of a need as a term."""
    return uuid5(NEEDS_ID, need)


def need_of(term: UUID) -> str | None:
    """The need that a term's id is of."""
    return next((need for need in NEEDS if term_id(need) == term), None)


def at_id(service: UUID, location: UUID) -> UUID:
    """The id of a service at a location. It begins like the service's, so that it can be found by a range of ids."""
    return UUID(bytes=service.bytes[:6] + uuid5(service, f"at {location}").bytes[6:])


def brief(one: Leaving, known: Known) -> hsds.Service:
    """A service where it is only named: inside an organization, or in a list of service_at_locations."""
    return hsds.Service(
        id=one.service.id,
        organization_id=one.organization.id,
        status=_status(one.service, known.today),
        last_modified=one.changed_at,
        demo=known.demo and one.is_demo,
        **texts(name=one.service.name),
    )


def service(one: Leaving, known: Known, *, full: bool = True, inside: str = "") -> hsds.Service:
    """A service with all that belongs to it; not `full`: its own fields and the ids of the rest.

    `inside` an "organization" or a "service_at_location", these are not repeated in it.
    """
    said, identity = one.service, one.service.id
    at = [place for place in said.at if place.location_id in one.locations]
    nested: dict[str, Any] = {}
    places = known.places
    if full:
        nested = {
            "languages": [language(identity, code) for code in dict.fromkeys(said.languages)],
            "required_documents": [
                hsds.RequiredDocument(id=part(identity, "document", number), **texts(document=document))
                for number, document in enumerate(said.required_documents)
            ],
            "service_areas": [area(identity, places[code]) for code in said.service_areas if code in places],
        }
    if full and inside != "organization":
        nested["organization"] = organization(one.organization, known)
    if inside != "service_at_location":
        nested["service_at_locations"] = [service_at_location(one, place, known, full=full) for place in at]
    return hsds.Service(
        id=identity,
        organization_id=one.organization.id,
        status=_status(said, known.today),
        url=fitting(URI, said.url),
        email=fitting(EMAIL, said.email),
        minimum_age=said.minimum_age,
        maximum_age=said.maximum_age,
        eligible=said.eligible,
        access=[said.access],
        capacity=said.capacity,
        assured_date=said.assured_date,
        valid_from=said.valid_from,
        valid_to=said.valid_until,
        last_modified=one.changed_at,
        attributes=[_need(identity, need, known, full=full) for need in dict.fromkeys(said.needs) if need in NEEDS],
        demo=known.demo and one.is_demo,
        **nested,
        **texts(
            name=said.name,
            summary=said.summary,
            description=said.description,
            eligibility_description=said.eligibility,
            fees_description=said.fees,
            alert=said.alert,
        ),
    )


def service_at_location(one: Leaving, at: records.At, known: Known, *, full: bool = True) -> hsds.ServiceAtLocation:
    """A service at one of its locations, with the numbers and hours there; not `full`: ids only."""
    identity = at_id(one.service.id, at.location_id)
    ids: dict[str, Any] = {"id": identity, "service_id": one.service.id, "location_id": at.location_id}
    if not full:
        return hsds.ServiceAtLocation(**ids)
    where = one.locations[at.location_id]
    phones = [phone for phone in at.phones if known.demo or not phone.is_demo]
    return hsds.ServiceAtLocation(
        **ids,
        location=location(where, known),
        phones=[
            # What is written beside a shelter's number may say where it is.
            hsds.Phone(
                id=part(identity, "phone", number),
                number=phone.number,
                **({} if where.is_confidential else texts(description=phone.description)),
            )
            for number, phone in enumerate(phones)
            if fitting(NUMBER, phone.number)
        ],
        schedules=[
            schedule(part(identity, "hours", number), hours, known.today) for number, hours in enumerate(at.schedules)
        ],
    )


def location(said: records.Location, known: Known) -> hsds.Location:
    """A location; of a confidential one nothing but its governorate, which is less than the profile allows."""
    place = known.places.get(said.place)
    governorate = known.places.get(place.parent) if place and place.parent else place
    shown = governorate if said.is_confidential else place
    ids: dict[str, Any] = {"id": said.id, "location_type": "physical"}
    if shown:
        ids |= {"external_identifier": shown.code, "external_identifier_type": "OCHA-PCODE"}
    if said.is_confidential:
        return hsds.Location(**ids, confidential=True)
    latitude, longitude = fitting(LATITUDE, said.latitude), fitting(LONGITUDE, said.longitude)
    if latitude is not None and longitude is not None:
        ids |= {"latitude": latitude, "longitude": longitude}
    address = []
    if said.address and place and governorate:
        told = texts(address_1=said.address, city=name_of(place), state_province=name_of(governorate))
        address = [hsds.Address(id=part(said.id, "address", 0), country="IQ", address_type="physical", **told)]
    help_there = texts(description=said.accessibility)
    return hsds.Location(
        **ids,
        addresses=address,
        accessibility=[hsds.Accessibility(id=part(said.id, "accessibility", 0), **help_there)] if help_there else [],
        **texts(name=said.name),
    )


def organization(
    said: records.Organization, known: Known, *, services: Sequence[hsds.Service] = ()
) -> hsds.Organization:
    """An organization with the services that may leave, as they come. HSDS wants a description: else it is the name."""
    return hsds.Organization(
        id=said.id,
        website=fitting(URI, said.website),
        email=fitting(EMAIL, said.email),
        services=services,
        demo=said.is_demo,
        **texts(name=said.name, description=said.description or said.name),
    )


def _status(said: records.Service, today: date) -> str:
    is_valid = (said.valid_from or date.min) <= today <= (said.valid_until or date.max)
    return "active" if is_valid else "inactive"


def _need(service_id: UUID, need: str, known: Known, *, full: bool) -> hsds.Attribute:
    given: dict[str, Any] = {"link_id": service_id, "link_type": "need", "link_entity": "service"}
    given["taxonomy_term_id"] = term_id(need)
    if full:
        given["taxonomy_term"] = taxonomy_term(need, known.wording)
    return hsds.Attribute(id=part(service_id, "need", need), **given)
