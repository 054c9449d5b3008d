"""Organizations and locations of an HSDS file as our records, and how any of them is made.

What is published under an id is where its record begins: what HSDS has no word for, and what never leaves, stays.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from pydantic import ValidationError

from directory.exchange import hsds
from directory.exchange.gathering import Arrived, Gathered
from directory.exchange.hsds_report import Findings, Place
from directory.exchange.incoming_needs import Needs
from directory.exchange.incoming_parts import joined, spoken, words
from directory.exchange.whereabouts import Whereabouts
from directory.records import Location, Organization, Record, Service, Words

R = TypeVar("R", Organization, Location, Service)


@dataclass(frozen=True)
class Reading:
    """What the things of one file are read with."""

    gathered: Gathered
    # What is published here under their ids, and which ids there are.
    published: Mapping[UUID, Record]
    known: frozenset[UUID]
    whereabouts: Whereabouts
    needs: Needs
    findings: Findings
    # Services that are to stay drafts.
    held: set[UUID] = field(default_factory=set)

    def before(self, identity: UUID, kind: type[R]) -> R:
        """What is published, or a blank of the kind."""
        found = self.published.get(identity)
        return found if isinstance(found, kind) else kind(id=identity)

    def made(self, before: R, given: dict[str, Any], arrived: Arrived[Any]) -> R | None:
        """The record with what the file says; None if it can't be kept (too many phones), which is told."""
        try:
            return type(before).model_validate({**before.model_dump(), **given})
        except ValidationError as why:
            _tell(why, arrived.place, self.findings)
            return None


def _tell(why: ValidationError, place: Place, findings: Findings) -> None:
    for one in why.errors(include_url=False, include_input=False):
        findings.problem((*place, *one["loc"]), "not_kept", one["msg"].replace("Input should be", "must be"))


def organization(arrived: Arrived[hsds.Organization], reading: Reading) -> Organization | None:
    """An organization of ours."""
    said, place = arrived.said, arrived.place
    before = reading.before(said.id, Organization)
    name = words(said, "name", before.name, place, reading.findings)
    description = words(said, "description", before.description, place, reading.findings)
    # HSDS wants a description: one that is the name is none.
    given: dict[str, Any] = {"name": name, "description": Words() if description == name else description}
    given |= {"website": said.website or "", "email": said.email or "", "is_demo": said.demo}
    return reading.made(before, given, arrived)


def location(arrived: Arrived[hsds.Location], reading: Reading) -> Location | None:
    """A location of ours. One that is confidential here stays so, and keeps what only we know of it."""
    said, place, findings = arrived.said, arrived.place, reading.findings
    before = reading.before(said.id, Location)
    if before.is_confidential and not said.confidential:
        findings.notice(place, "confidential_here", "is confidential here: nothing of it will be taken")
        return before
    found = reading.whereabouts.of(said, place, findings)
    if said.confidential:
        is_within = before.place and reading.whereabouts.governorate(before.place) == found
        given = {"is_confidential": True, "place": before.place if is_within else found or before.place}
        if not before.is_confidential:
            given |= {
                "name": Words(),
                "address": Words(),
                "accessibility": Words(),
                "latitude": None,
                "longitude": None,
            }
    else:
        given = {
            "place": found or before.place,
            "name": words(said, "name", before.name, place, findings),
            "address": _address(said, before, found, arrived, reading),
            "latitude": said.latitude,
            "longitude": said.longitude,
            "accessibility": _accessibility(said, before, arrived, reading),
        }
    if said.id in reading.gathered.demo_locations:
        given["is_demo"] = True
    return reading.made(before, given, arrived)


def _address(
    said: hsds.Location, before: Location, code: str, arrived: Arrived[hsds.Location], reading: Reading
) -> Words:
    """The address people go to, with the town's name unless that is the place's own."""
    if not said.addresses:
        return Words()
    number, chosen = min(enumerate(said.addresses), key=lambda one: one[1].address_type != "physical")
    place = (*arrived.place, "addresses", number)
    where = reading.whereabouts
    own = (
        {name for one in {code, where.governorate(code)} for name in where.places[one].name.values()} if code else set()
    )
    city = {language: text for language, text in spoken(chosen, "city").items() if text not in own}
    street = [words(chosen, field, Words(), place, reading.findings) for field in ("address_1", "address_2")]
    told = joined([*street, Words(**city)], ", ")
    # As for any text: a translation of something else would be worse than none.
    is_same = all(getattr(before.address, language) == text for language, text in told.spoken().items())
    return before.address if is_same and told else told


def _accessibility(said: hsds.Location, before: Location, arrived: Arrived[hsds.Location], reading: Reading) -> Words:
    texts = []
    for number, one in enumerate(said.accessibility):
        place = (*arrived.place, "accessibility", number)
        texts += [
            words(one, field, before.accessibility, place, reading.findings) for field in ("description", "details")
        ]
    return joined(texts, "\n")
