"""What is wrong in the records that rows make, told in the rows and columns that it comes from."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from directory import checking
from directory.checking import NAME_LENGTH, SUMMARY_LENGTH, TEXT_LENGTH, in_iraq
from directory.exchange.columns import COLUMNS
from directory.exchange.sheet_places import Places
from directory.exchange.standing import Known
from directory.importing.edits import PLACE
from directory.importing.rows import Row
from directory.needs import CONFIDENTIAL
from directory.records import Location, Record, kind_of

_AT = re.compile(r"at(?:\[(\d+)\]\.?)?")
_INDEX = re.compile(r"\[\d+\]")
_KEYS = {(column.part, column.field): key for key, column in COLUMNS.items() if column.field}
# What isn't a column of its own.
_KEYS |= {("location", "place"): "governorate", ("service", "organization_id"): "organization_ar"}
_LENGTHS = {"name": NAME_LENGTH, "summary": SUMMARY_LENGTH, "address": SUMMARY_LENGTH}
_LENGTHS |= {"required_documents": SUMMARY_LENGTH}


class Checks:
    """Looks at records and tells their rows."""

    def __init__(self, known: Known, places: Places) -> None:
        self._known, self._places = known, places

    def check(self, record: Record, rows: Sequence[Row]) -> None:
        """Tell the rows what keeps their record from being published, and what looks like a mistake."""
        found = checking.problems(record, self._places.parents)
        document = record.document() if found else {}
        for field, code in found:
            detail = str(_LENGTHS.get(field.split(".")[0].split("[")[0], TEXT_LENGTH)) if code == "too_long" else ""
            self._tell(kind_of(record), document, field, code, detail, rows)
        if isinstance(record, Location):
            self._check_point(record, rows)
            self._check_secrecy(record, rows)

    def tell_invalid(self, kind: str, document: Mapping[str, Any], error: ValidationError, rows: Sequence[Row]) -> None:
        """Tell the rows why no record can be made of what they say: a list in a cell is too long."""
        for one in error.errors(include_url=False, include_input=False):
            first, *rest = one["loc"]
            field = str(first) + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in rest)
            most = one.get("ctx", {}).get("max_length")
            self._tell(kind, document, field, "too_many" if most else "not_understood", str(most or ""), rows)

    def _tell(
        self, kind: str, document: Mapping[str, Any], field: str, code: str, detail: str, rows: Sequence[Row]
    ) -> None:
        at = _AT.match(field) if kind == "service" else None
        if at and at[1]:
            here = document["at"][int(at[1])]["location_id"]
            rows = [row for row in rows if str(row.location) == here] or rows
            kind, field = "at", field[at.end() :]
        plain = _INDEX.sub("", field)
        key = _KEYS.get((kind, plain)) or _KEYS.get((kind, plain.split(".")[0]))
        for row in rows:
            row.tell(key, code, detail)

    def _check_point(self, record: Location, rows: Sequence[Row]) -> None:
        """Coordinates and the named place belong together."""
        latitude, longitude = record.latitude, record.longitude
        if record.place not in self._places.parents or latitude is None or longitude is None:
            return
        changed = [row for row in rows if {"latitude", "longitude", PLACE} & row.edits.keys()]
        if changed and in_iraq(latitude, longitude):
            near = self._places.far_off(record.place, latitude, longitude)
            for row in changed if near else ():
                row.tell("latitude", "far_from_place", near or "")

    def _check_secrecy(self, record: Location, rows: Sequence[Row]) -> None:
        """Where people are helped after violence is told to nobody, unless the table says that it may be."""
        is_known = self._known.document(record.id) is not None
        is_told = bool(record.address) or record.latitude is not None
        if is_known or not is_told or any(row.cells.get("confidential") for row in rows):
            return
        for row in rows:
            service = self._known.document(row.service)
            needs: list[str] = row.edits.get("needs") or (service["needs"] if service else [])
            if not CONFIDENTIAL.isdisjoint(needs):
                row.tell("confidential", "confidential_unsaid")
