"""What a plan found out, as the console shows it and the database keeps it: counts, and the first rows of each kind."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from directory.exchange import sheet
from directory.exchange.columns import COLUMNS, PLACE_KEYS
from directory.exchange.problems import Problem
from directory.exchange.sheet import BLANKS, Document, Pair
from directory.exchange.sheet_cells import value_at, write
from directory.importing.edits import OWNER, PLACE, at_of
from directory.importing.plan import Plan
from directory.importing.rows import ID_KEYS, OUTCOMES, Row

# Rows of each outcome that are kept to be looked at.
SHOWN = 200
# What a new row's place is told by, and what is of no interest in it.
_NOT_TOLD = {*PLACE_KEYS, *ID_KEYS, "version", "status", "demo"}


def findings(plan: Plan, mapping: Mapping[str, str], rest: Iterable[Problem]) -> dict[str, Any]:
    """As JSON: counts of rows by outcome, the first of each with what is wrong or changes, and the plan's mark.

    Columns are named as in the file. `rest` are problems of the file that are of no row.
    """
    telling = _Telling(plan, {key: name for name, key in mapping.items() if key})
    outcomes = Counter(row.outcome for row in plan.rows)
    shown: dict[str, list[dict[str, Any]]] = {outcome: [] for outcome in OUTCOMES}
    for row in plan.rows:
        if len(shown[row.outcome]) < SHOWN:
            shown[row.outcome].append(telling.row(row))
    return {
        "checked_at": datetime.now(UTC).isoformat(),
        "mark": plan.mark(),
        "counts": {outcome: outcomes[outcome] for outcome in OUTCOMES},
        "rows": shown,
        "problems": [[one.row, one.column, one.code, one.detail] for one in rest],
        "changes": len(plan.changes),
        "never_checked": sum(b'"assured_date":null' in change.json for change in plan.changes),
        "stale": sum(bool(row.stale) for row in plan.rows if row.outcome == "changed"),
    }


class _Telling:
    """Tells rows of one plan."""

    def __init__(self, plan: Plan, names: Mapping[str, str]) -> None:
        self._known, self._places, self._names = plan.known, plan.places, names
        self._made = {change.entry: change.json for change in plan.changes}

    def row(self, row: Row) -> dict[str, Any]:
        before, after = self._pair(row, {}), self._pair(row, self._made)
        is_good = row.outcome in ("new", "changed")
        return {
            "row": row.number,
            "by": row.by,
            "service": self._names_in(row, "service", after.service),
            "organization": self._names_in(row, "organization", after.organization),
            "place": after.location["place"] if after.location else row.place or "",
            "entry": str(row.service) if self._known.document(row.service) else None,
            "changes": list(self._changes(row, before, after)) if is_good else [],
            "problems": [
                [self._names.get(key, key) if key else None, code, detail] for key, code, detail in _told(row)
            ],
            "blocked": [
                [one.why, str(one.entry), one.kind, self._name(one.entry), str(one.author) if one.author else None]
                for one in row.blocked
            ],
        }

    def _pair(self, row: Row, made: Mapping[UUID, bytes]) -> Pair:
        def document(kind: str) -> Document:
            entry: UUID | None = getattr(row, kind)
            if entry and entry in made:
                said: Document = json.loads(made[entry])
                return said
            return self._known.document(entry) or BLANKS[kind]

        service = document("service")
        location = document("location") if row.location else None
        return Pair(service, document("organization"), location, at_of(service, row.location))

    def _names_in(self, row: Row, kind: str, document: Document | None) -> dict[str, str]:
        """What the record is called; for one that isn't known what the cells say."""
        said = {language: row.cells.get(f"{kind}_{language}", "") for language in ("ar", "en")}
        name = document["name"] if document else {}
        return {language: name.get(language) or text for language, text in said.items()}

    def _name(self, entry: UUID) -> dict[str, str]:
        name = (self._known.document(entry) or {}).get("name") or {}
        return {language: name.get(language, "") for language in ("ar", "en")}

    def _changes(self, row: Row, before: Pair, after: Pair) -> Iterator[list[Any]]:
        """Columns with the cells before and after, and whether somebody else changed them meanwhile."""
        if row.outcome == "new" and row.by == "new":
            texts = sheet.cells(after, self._places)
            yield from ([key, "", text, False] for key, text in texts.items() if key not in _NOT_TOLD)
            return
        if PLACE in row.edits and before.location and after.location:
            yield ["place", before.location["place"], after.location["place"], PLACE in row.stale]
        if OWNER in row.edits:
            yield ["owner", self._owner(before.service, {}), self._owner(after.service, self._made), False]
        for key in (key for key in COLUMNS if key in row.edits):
            yield [key, self._text(key, before), self._text(key, after), key in row.stale]

    def _text(self, key: str, pair: Pair) -> str:
        column = COLUMNS[key]
        document = pair.part(column.part)
        return write(column.kind, value_at(document, column.field)) if document else ""

    def _owner(self, service: Document, made: Mapping[UUID, bytes]) -> str:
        owner = UUID(service["organization_id"]) if service["organization_id"] else None
        said = json.loads(made[owner]) if owner and owner in made else self._known.document(owner)
        return " / ".join(filter(None, (said["name"][language] for language in ("ar", "en")))) if said else ""


def _told(row: Row) -> Sequence[tuple[str | None, str, str]]:
    return [(problem.column, problem.code, problem.detail) for problem in row.problems]
