"""Which entries the rows of a table are about: by their ids, else by organization, service name and place.

What isn't there yet gets an id that follows from the upload and its names, so that looking twice finds the same.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID, uuid5

from directory.exchange.columns import PLACE_KEYS
from directory.exchange.sheet import Document
from directory.exchange.sheet_places import Places
from directory.exchange.standing import Known, Standing
from directory.importing.named_places import place_of
from directory.importing.rows import Problematic, Row, id_of
from orthography.folding import fold

T = TypeVar("T")
_ADDRESS = ("address_ar", "address_en")
_SITE = (*_ADDRESS, "location_name_ar", "location_name_en", "latitude", "longitude")
# What a row says of a location, or of the service there.
_THERE = (*_SITE, *PLACE_KEYS, "phones", "hours", "confidential", "accessibility_ar", "accessibility_en")


class Identifier:
    """Finds the entries of the rows of one upload."""

    def __init__(self, batch: UUID, known: Known, places: Places) -> None:
        self._batch, self._known, self._places = batch, known, places
        self._new_organizations: dict[str, UUID] = {}
        self._addresses: dict[UUID, dict[tuple[str, str], UUID]] = {}

    def identify(self, rows: Sequence[Row]) -> None:
        """Fill in whose each row is; what can't be told is a problem of the row."""
        for row in rows:
            self._organization_and_service(row)
        found = {_service_names(row): row.service for row in rows if row.service}
        self._new_services([row for row in rows if row.organization and not row.service], found)
        of_service: dict[UUID, list[Row]] = {}
        for row in rows:
            if row.service:
                of_service.setdefault(row.service, []).append(row)
        for service, its_rows in of_service.items():
            self._locations(service, its_rows)
        self._tell_twice(rows)

    def _organization_and_service(self, row: Row) -> None:
        known = len(row.problems)
        service = self._try(row, self._by_id, "service_id", "service")
        location = self._try(row, self._by_id, "location_id", "location")
        number = row.numbers.location if row.numbers else None
        base = self._known.base(id_of(row.cells["location_id"]), number) if location else None
        row.place = self._try(row, place_of, base, self._places)
        row.organization = self._try(row, self._organization, service)
        if service:
            row.service, row.by = id_of(row.cells["service_id"]), "id"
        elif not row.cell("service_ar", "service_en"):
            row.tell("service_ar", "missing")
        elif row.organization and len(row.problems) == known:
            self._try(row, self._service_by_name)
        if len(row.problems) > known:
            row.organization = row.service = None

    def _try(self, row: Row, find: Callable[..., T], *arguments: Any) -> T | None:
        """What is found out of a row; None if that is a problem of the row."""
        try:
            return find(row, *arguments)
        except Problematic as problem:
            row.tell(problem.key, problem.code, problem.detail)
            return None

    def _by_id(self, row: Row, key: str, kind: str) -> Standing | None:
        if not (text := row.cells.get(key)):
            return None
        if (identity := id_of(text)) is None:
            raise Problematic(key, "not_an_id", text)
        standing = self._known.entries.get(identity)
        if standing is None or standing.kind != kind:
            raise Problematic(key, "unknown_id")
        return standing

    def _organization(self, row: Row, service: Standing | None) -> UUID:
        if self._by_id(row, "organization_id", "organization"):
            return UUID(row.cells["organization_id"])
        names = [fold(name) for name in row.cell("organization_ar", "organization_en")]
        owner = service.document["organization_id"] if service else None
        if owner and (not names or not names_of(self._known.document(UUID(owner))).isdisjoint(names)):
            return UUID(owner)
        if not names:
            raise Problematic("organization_ar", "missing")
        found = {one for name in names for one in self._known.named.get(name, ())}
        if len(found) > 1:
            raise Problematic("organization_ar", "ambiguous_organization")
        return found.pop() if found else self._new_organization(names)

    def _new_organization(self, names: Sequence[str]) -> UUID:
        """One organization for all rows that share one of its names."""
        known = next((self._new_organizations[name] for name in names if name in self._new_organizations), None)
        made = known or self._new_id("organization", names[0])
        self._new_organizations |= dict.fromkeys(names, made)
        return made

    def _service_by_name(self, row: Row) -> None:
        assert row.organization
        names = {fold(name) for name in row.cell("service_ar", "service_en")}
        found = []
        for identity in self._known.services_of.get(row.organization, ()):
            service = self._known.entries[identity].document
            if not names.isdisjoint(names_of(service)):
                there = [one for one in self._of_service(service).values() if one["place"] == row.place]
                if there:
                    found.append((identity, any(_same_address(row, one) for one in there)))
        if len(found) > 1:
            found = [one for one in found if one[1]]
            if len(found) != 1:
                raise Problematic("service_ar", "ambiguous_service")
        if found:
            row.service, row.by = found[0][0], "name"

    def _new_services(self, new: Sequence[Row], found: Mapping[tuple[Any, ...], UUID]) -> None:
        """One service for all rows of its name; another place of one that was found in another row joins that."""
        for row in new:
            row.service = found.get(_service_names(row)) or self._new_id("service", *_service_names(row))
            if row.service in self._known.entries:
                row.by = "name"

    def _locations(self, service: UUID, rows: Sequence[Row]) -> None:
        """Where the rows of one service are: at its own locations as far as possible, each taken once."""
        document = self._known.document(service)
        own = self._of_service(document) if document else {}
        taken: set[UUID] = set()
        waiting: dict[tuple[Any, ...], list[Row]] = {}
        for row in rows:
            row.location = id_of(row.cells.get("location_id", "")) or self._at_address(row, own)
            if row.location:
                taken.add(row.location)
            else:
                waiting.setdefault((row.place, *_folded(row, _SITE)), []).append(row)
        for alike in waiting.values():
            try:
                location = self._other_location(service, alike[0], own, taken)
            except Problematic as problem:
                for row in alike:
                    row.tell(problem.key, problem.code)
                continue
            taken |= {location} if location else set()
            for row in alike:
                row.location = location
        for row in rows:
            row.is_new_location = row.location is not None and row.location not in own

    def _at_address(self, row: Row, own: dict[UUID, Document]) -> UUID | None:
        found = [one for one, where in own.items() if where["place"] == row.place and _same_address(row, where)]
        return found[0] if len(found) == 1 else None

    def _other_location(self, service: UUID, row: Row, own: dict[UUID, Document], taken: set[UUID]) -> UUID | None:
        """A location of the service that isn't taken, one of the organization's at that address, or a new one."""
        there = [one for one, where in own.items() if row.place in (None, where["place"])]
        if row.place is None and len(own) > 1:
            if row.cell(*_THERE):
                raise Problematic("location_id", "which_location")
            return None
        free = [one for one in there if one not in taken]
        if len(free) > 1:
            raise Problematic("location_id", "which_location")
        if free or (own and row.place is None):
            return (free or there)[0]
        address = tuple(_folded(row, _ADDRESS))
        if row.organization and any(address):
            shared = self._addresses_of(row.organization)
            near = (shared.get((row.place or "", one)) for one in address if one)
            return next(filter(None, near), None) or self._new_id("location", row.organization, row.place, *address)
        return self._new_id("location", service, row.place, *_folded(row, _SITE))

    def _addresses_of(self, organization: UUID) -> dict[tuple[str, str], UUID]:
        """The locations of an organization's services by place and folded address."""
        if organization not in self._addresses:
            self._addresses[organization] = {
                (where["place"], fold(where["address"][language])): one
                for service in self._known.services_of.get(organization, ())
                for one, where in self._of_service(self._known.entries[service].document).items()
                for language in ("ar", "en")
                if where["address"][language]
            }
        return self._addresses[organization]

    def _of_service(self, service: Document) -> dict[UUID, Document]:
        """The locations of a service that are there."""
        ids = [UUID(at["location_id"]) for at in service["at"]]
        return {one: where for one in ids if (where := self._known.document(one))}

    def _new_id(self, kind: str, *names: object) -> UUID:
        return uuid5(self._batch, " ".join(map(str, (kind, *names))))

    def _tell_twice(self, rows: Iterable[Row]) -> None:
        """The same service at the same location twice is a problem of both rows."""
        of_pair: dict[tuple[UUID, UUID | None], list[Row]] = {}
        for row in rows:
            if row.service and not row.problems:
                of_pair.setdefault((row.service, row.location), []).append(row)
        for alike in of_pair.values():
            for row in alike:
                if others := [str(other.number) for other in alike[:4] if other is not row]:
                    row.tell(None, "duplicate_row", ", ".join(others))


def names_of(document: Document | None) -> set[str]:
    """The folded names of a record."""
    return {folded for name in (document or {}).get("name", {}).values() if (folded := fold(name))}


def _service_names(row: Row) -> tuple[Any, ...]:
    return (row.organization, *_folded(row, ("service_ar", "service_en")))


def _folded(row: Row, keys: Iterable[str]) -> list[str]:
    return [fold(row.cells.get(key, "")) for key in keys]


def _same_address(row: Row, where: Document) -> bool:
    said = zip(_folded(row, _ADDRESS), (where["address"][language] for language in ("ar", "en")), strict=True)
    return any(cell and cell == fold(address) for cell, address in said)
