"""What importing a table would do: for every row what changes or what is wrong, and the records that come of it."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import ValidationError

from directory import records
from directory.exchange.columns import COLUMNS, NEEDED
from directory.exchange.sheet import BLANKS
from directory.exchange.sheet_cells import put
from directory.exchange.sheet_places import Places
from directory.exchange.standing import Known, Standing
from directory.importing.checks import Checks
from directory.importing.edits import OWNER, PLACE, Finder
from directory.importing.identify import Identifier
from directory.importing.rows import Blocked, Row
from directory.records import Kind, Record
from orthography.folding import fold

# The order in which records are proposed: each after those it refers to.
_KINDS: tuple[Kind, ...] = ("organization", "location", "service")


class Change(NamedTuple):
    """A record as it would be and the published revision that it goes on from; as JSON it takes a tenth of the room."""

    kind: Kind
    entry: UUID
    base: int
    json: bytes

    def record(self) -> Record:
        """The record itself."""
        return records.read(self.kind, json.loads(self.json))


@dataclass
class Plan:
    """What a table would do: its rows with all that was found out, and the changes of those that may be taken."""

    rows: list[Row]
    known: Known
    places: Places
    changes: list[Change] = field(default_factory=list)

    def mark(self) -> str:
        """What tells this plan from any other: whoever agrees to it says to which."""
        mark = sha256()
        for row in self.rows:
            if row.problems or row.blocked:
                mark.update(f"{row.number} {row.outcome}\n".encode())
        for change in self.changes:
            mark.update(f"{change.base} ".encode() + change.json + b"\n")
        return mark.hexdigest()


def make_plan(batch: UUID, rows: Sequence[Row], known: Known, places: Places) -> Plan:
    """Find out what the rows would do. Takes seconds for the largest files, so call it in a thread."""
    real = [row for row in rows if not row.is_example]
    Identifier(batch, known, places).identify(real)
    finder = Finder(known, places)
    for row in real:
        finder.find(row)
        row.blocked = list(_blocked(row, known))
    plan = Plan(list(rows), known, places)
    plan.changes = build(plan, [row for row in real if row.service and not row.blocked])
    return plan


def without_errors(plan: Plan) -> Plan:
    """The plan for the rows with nothing wrong in them. What is wrong only without the others leaves out more."""
    rows = [row for row in plan.rows if row.outcome in ("new", "changed", "unchanged")]
    while True:
        changes = build(plan, rows)
        fine = [row for row in rows if not row.problems]
        if len(fine) == len(rows):
            return Plan(plan.rows, plan.known, plan.places, changes)
        rows = fine


def build(plan: Plan, rows: Sequence[Row]) -> list[Change]:
    """The records that the rows' edits make, those they refer to first; what is wrong in them is told to the rows."""
    builder = _Builder(plan.known, rows)
    checks = Checks(plan.known, plan.places)
    changes: list[Change] = []
    for kind in _KINDS:
        for identity, its_rows in builder.rows_of(kind):
            document = builder.document(kind, identity, its_rows)
            try:
                record = records.read(kind, document)
            except ValidationError as invalid:
                checks.tell_invalid(kind, document, invalid, its_rows)
                continue
            standing = plan.known.entries.get(identity)
            if standing is None or record.document() != standing.document:
                checks.check(record, its_rows)
                said = record.model_dump_json().encode()
                changes.append(Change(kind, identity, standing.published if standing else 0, said))
    return changes


class _Builder:
    """Puts together what rows say of one record."""

    def __init__(self, known: Known, rows: Sequence[Row]) -> None:
        self._known = known
        self._rows: dict[str, dict[UUID, list[Row]]] = {kind: {} for kind in _KINDS}
        for row in rows:
            for kind in _KINDS:
                if identity := getattr(row, kind):
                    self._rows[kind].setdefault(identity, []).append(row)

    def rows_of(self, kind: str) -> Iterable[tuple[UUID, list[Row]]]:
        """The records of a kind with the rows that are about them, in an order that two imports share: neither waits
        for what the other holds."""
        return sorted(self._rows[kind].items(), key=lambda one: one[0])

    def document(self, kind: str, identity: UUID, rows: Sequence[Row]) -> dict[str, Any]:
        """The record as it would be."""
        document = dict(self._known.document(identity) or BLANKS[kind] | {"id": str(identity)})
        for key, value in self._merged(kind, rows):
            put(document, {PLACE: "place", OWNER: "organization_id"}.get(key) or COLUMNS[key].field, value)
        if kind == "service":
            document["at"] = [dict(at) for at in document["at"]]
            for row in rows:
                _put_there(document["at"], row)
        return document

    def _merged(self, kind: str, rows: Sequence[Row]) -> Iterator[tuple[str, Any]]:
        """The edits of all rows of a record. Of rows that change a field one suffices; two must agree."""
        said: dict[str, Row] = {}
        for row in rows:
            for key, value in row.edits.items():
                if _kind_of(key) != kind:
                    continue
                first = said.setdefault(key, row)
                if value != first.edits[key] and not _is_spelling(key, value, first.edits[key]):
                    column = "district" if key == PLACE else "organization_ar" if key == OWNER else key
                    row.tell(column, "rows_differ", str(first.number))
                    first.tell(column, "rows_differ", str(row.number))
        return ((key, row.edits[key]) for key, row in said.items())


def _is_spelling(key: str, one: Any, other: Any) -> bool:
    """Whether two names are spelt differently only: the first one stays."""
    return key in NEEDED and fold(one) == fold(other)


def _kind_of(key: str) -> str:
    return {PLACE: "location", OWNER: "service"}.get(key) or COLUMNS[key].part


def _put_there(at: list[dict[str, Any]], row: Row) -> None:
    """Let a service say what a row says of it at the row's location."""
    if row.location is None:
        return
    here = next((one for one in at if one["location_id"] == str(row.location)), None)
    if here is None:
        here = {"location_id": str(row.location), "phones": [], "schedules": []}
        at.append(here)
    for key, value in row.edits.items():
        if key in COLUMNS and COLUMNS[key].part == "at":
            put(here, COLUMNS[key].field, value)


def _blocked(row: Row, known: Known) -> Iterator[Blocked]:
    """What stands in a row's way: an entry it would change that somebody is working on, or that isn't to be seen."""
    changed = {_kind_of(key) for key in row.edits}
    changed |= {"service"} if "at" in changed or row.is_new_location else set()
    for kind in _KINDS:
        identity = getattr(row, kind)
        standing: Standing | None = known.entries.get(identity)
        if standing is None:
            continue
        if kind in changed and standing.is_open:
            yield Blocked("being_changed", identity, kind, standing.author)
        elif changed and standing.status == "archived":
            yield Blocked("archived", identity, kind, None)
        elif changed and standing.status == "draft":
            yield Blocked("not_published", identity, kind, standing.author)
