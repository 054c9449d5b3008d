"""Services as a flat table, a row for each at each of its locations: what leaves so comes back as it was.

The rows are of documents (`directory.records`); `COLUMNS` says where each cell's text stands in them.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from directory import records
from directory.exchange.cells import clean
from directory.exchange.columns import COLUMNS
from directory.exchange.sheet_cells import value_at, write
from directory.exchange.sheet_places import Places

Document = Mapping[str, Any]
BLANK_AT: Document = {"phones": [], "schedules": []}
# What nothing in a cell stands for, when a row makes something new.
BLANKS: dict[str, dict[str, Any]] = {
    kind: records.read(kind, {}).document() for kind in ("organization", "location", "service")
}
_VERSION = re.compile(r"s(\d{1,6})-o(\d{1,6})-l(\d{1,6})")


class Pair(NamedTuple):
    """A service at one of its locations: what each record says, None for one that isn't there."""

    service: Document
    organization: Document | None
    location: Document | None
    at: Document

    def part(self, name: str) -> Document | None:
        """The document that a column's cells are of."""
        found: Document | None = getattr(self, name)
        return found


class Numbers(NamedTuple):
    """Which published revisions of its records a row was made of: whoever changes it saw these."""

    service: int
    organization: int
    location: int

    def __str__(self) -> str:
        return f"s{self.service}-o{self.organization}-l{self.location}"


def read_version(text: str) -> Numbers | None:
    """The numbers in a cell of the column `version`; None for anything else."""
    found = _VERSION.fullmatch(text)
    return Numbers(*map(int, found.groups())) if found else None


def cells(pair: Pair, places: Places, language: str = "en") -> dict[str, str]:
    """The cells of a row by the keys of their columns, places named in a language; empty cells are left out."""
    row = {}
    for key, column in COLUMNS.items():
        document = pair.part(column.part) if column.part and column.field else None
        if document is not None and (text := clean(write(column.kind, value_at(document, column.field)))[0]):
            row[key] = text
    if pair.location is not None:
        row |= _place_cells(str(pair.location["place"]), places, language)
    if any(part is not None and part.get("is_demo") for part in (pair.service, pair.organization, pair.location)):
        row["demo"] = "yes"
    return row


def hide(pair: Pair, places: Places) -> Pair:
    """The pair as others may see it: of a confidential location its governorate, and no words beside its numbers."""
    location = pair.location
    if location is None or not location["is_confidential"]:
        return pair
    place = places.governorate_of(str(location["place"])) or ""
    kept = {"id": location["id"], "is_demo": location["is_demo"], "is_confidential": True, "place": place}
    return pair._replace(location=BLANKS["location"] | kept)


def _place_cells(code: str, places: Places, language: str) -> dict[str, str]:
    governorate = places.governorate_of(code)
    if governorate is None:
        return {}
    row = {"governorate_code": governorate, "governorate": places.name(governorate, language)}
    if code != governorate:
        row |= {"district_code": code, "district": places.name(code, language)}
    return row
