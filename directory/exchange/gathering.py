"""The organizations, locations and services of an HSDS file, each once, wherever in it they are nested."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from uuid import UUID

from directory.exchange import hsds
from directory.exchange.hsds_report import Findings, Place, path

T = TypeVar("T", bound=hsds.Hsds)
# What is said of a service where it is only named: in an organization that was asked for without its services.
ONLY_NAMED = frozenset("id organization_id name status last_modified demo translations".split())


@dataclass(frozen=True)
class Arrived(Generic[T]):
    """Something in a file, and where it is."""

    place: Place
    said: T


@dataclass
class Gathered:
    """What is in a file, by id."""

    organizations: dict[UUID, Arrived[hsds.Organization]] = field(default_factory=dict)
    locations: dict[UUID, Arrived[hsds.Location]] = field(default_factory=dict)
    services: dict[UUID, Arrived[hsds.Service]] = field(default_factory=dict)
    # The organization that a service is nested in.
    owners: dict[UUID, UUID] = field(default_factory=dict)

    @property
    def demo_locations(self) -> set[UUID]:
        """Locations of services that are all made up."""
        found: dict[bool, set[UUID]] = {True: set(), False: set()}
        for service in self.services.values():
            found[service.said.demo] |= {one.location.id for one in service.said.service_at_locations if one.location}
        return found[True] - found[False]


def gather(records: Sequence[tuple[Place, hsds.Service | hsds.Organization]], findings: Findings) -> Gathered:
    """All that is in these records. Of things with one id that differ the first counts, and it is told."""
    gathered = Gathered()
    for place, record in records:
        if isinstance(record, hsds.Service):
            _service(gathered, place, record, findings)
        else:
            _organization(gathered, place, record, findings)
    return gathered


def _organization(gathered: Gathered, place: Place, said: hsds.Organization, findings: Findings) -> None:
    _keep(gathered.organizations, place, said, findings)
    for number, location in enumerate(said.locations):
        _keep(gathered.locations, (*place, "locations", number), location, findings)
    for number, service in enumerate(said.services):
        gathered.owners.setdefault(service.id, said.id)
        _service(gathered, (*place, "services", number), service, findings)


def _service(gathered: Gathered, place: Place, said: hsds.Service, findings: Findings) -> None:
    if said.model_fields_set <= ONLY_NAMED:
        told = "is only named here: it is left out; a file with full_service=true has all of it"
        findings.notice(place, "only_named", told)
        return
    _keep(gathered.services, place, said, findings)
    if said.organization:
        gathered.owners[said.id] = said.organization.id
        _organization(gathered, (*place, "organization"), said.organization, findings)
    for number, at in enumerate(said.service_at_locations):
        if at.location:
            where = (*place, "service_at_locations", number, "location")
            _keep(gathered.locations, where, at.location, findings)


def _keep(things: dict[UUID, Arrived[T]], place: Place, said: T, findings: Findings) -> None:
    first = things.setdefault(said.id, Arrived(place, said))
    if first.said is not said and _own(first.said) != _own(said):
        told = f"is not the same as in {path(first.place)}, which has the same id: that one counts"
        findings.notice(place, "differs", told)


def _own(said: hsds.Hsds) -> dict[str, Any]:
    """What is said of something itself; an organization may be repeated without all that is nested in it."""
    return said.model_dump(exclude={"organization", "services", "locations", "metadata"}, exclude_defaults=True)
