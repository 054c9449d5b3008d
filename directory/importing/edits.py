"""What a row would change: its cells, where they say something else than what the file was made of.

A file that was exported, changed in Excel and brought back changes what was changed in Excel and nothing else: not what
Excel wrote differently, not what a cell has no words for, not what somebody else has changed in the console meanwhile.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from directory.exchange import sheet
from directory.exchange.columns import COLUMNS, NEEDED
from directory.exchange.sheet import BLANK_AT, BLANKS, Document, Pair
from directory.exchange.sheet_cells import Misread, read, value_at
from directory.exchange.sheet_places import Places
from directory.exchange.standing import Known
from directory.importing.rows import ID_KEYS, Row
from orthography.folding import fold

# The cells of an exported row by column: as we keep it, and as others get it, if they get less.
Texts = Mapping[str, tuple[str, ...]]
# Not columns of their own: where a location is, and whose a service is.
PLACE, OWNER = "place", "owner"
# An empty cell in these says nothing: there is no such thing as no access, and a shelter never ceases to be one so.
_NEVER_EMPTY = ("code", "yes_no")


class Finder:
    """Finds the edits of identified rows."""

    def __init__(self, known: Known, places: Places) -> None:
        self._known, self._places = known, places
        # Of most rows of a new table: nothing stands yet.
        self._blank = Pair(BLANKS["service"], BLANKS["organization"], BLANKS["location"], BLANK_AT)
        self._blank_texts = self._texts_of(self._blank)

    def find(self, row: Row) -> None:
        """Fill in a row's edits: values by column; what can't be read is a problem of the row."""
        current = self.current(row)
        base = self._base(row) or current
        said = self._texts(current)
        made_of = said if base is current else self._texts(base)
        for key, text in row.cells.items():
            part = base.part(COLUMNS[key].part) if COLUMNS[key].field and key not in ID_KEYS else None
            if part is not None and text not in made_of[key] and not _says_nothing(row, key, part):
                self._find_in(row, key, made_of, said)
        self._find_place_and_owner(row, base, current)

    def _find_in(self, row: Row, key: str, made_of: Texts, said: Texts) -> None:
        try:
            value = read(COLUMNS[key].kind, row.cells[key], self._places)
        except Misread as misread:
            row.tell(key, misread.code, misread.detail)
            return
        if not self._means(value, key, made_of) and not self._means(value, key, said):
            row.edits[key] = value
            if made_of[key] != said[key]:
                row.stale.add(key)

    def current(self, row: Row) -> Pair:
        """What stands of the records that a row is about; of new ones what nobody has filled in."""
        return self._pair(row, (None, None, None))

    def _base(self, row: Row) -> Pair | None:
        """What stood when the file was made; None if that is what stands now."""
        numbers = row.numbers
        entries = (row.service, row.organization, row.location)
        if numbers and any(one in self._known.earlier for one in zip(entries, numbers, strict=True)):
            return self._pair(row, numbers)
        return None

    def _pair(self, row: Row, numbers: tuple[int | None, int | None, int | None]) -> Pair:
        of_service, of_organization, of_location = numbers
        service = self._known.base(row.service, of_service) or BLANKS["service"]
        organization = self._known.base(row.organization, of_organization) or BLANKS["organization"]
        location: Document | None = None
        if row.location:
            location = self._known.base(row.location, of_location) or BLANKS["location"]
        elif row.service is None:
            location = BLANKS["location"]
        return Pair(service, organization, location, at_of(service, row.location))

    def _texts(self, pair: Pair) -> Texts:
        """What the cells of an exported row would say: in ours, and in one for others."""
        is_blank = all(part is blank for part, blank in zip(pair, self._blank, strict=True))
        return self._blank_texts if is_blank else self._texts_of(pair)

    def _texts_of(self, pair: Pair) -> Texts:
        whole = sheet.cells(pair, self._places)
        shown = sheet.hide(pair, self._places)
        rows = [whole] if shown is pair else [whole, sheet.cells(shown, self._places)]
        return {key: tuple(row.get(key, "") for row in rows) for key in COLUMNS}

    def _means(self, value: Any, key: str, texts: Texts) -> bool:
        """Whether a value is what an exported cell says, only written differently."""
        try:
            return bool(value == read(COLUMNS[key].kind, texts[key][0], self._places))
        except Misread:
            return False

    def _find_place_and_owner(self, row: Row, base: Pair, current: Pair) -> None:
        if row.location and row.place and current.location and row.place != current.location["place"]:
            row.edits[PLACE] = row.place
            if base.location and base.location["place"] != current.location["place"]:
                row.stale.add(PLACE)
        if row.organization and row.service and str(row.organization) != current.service["organization_id"]:
            row.edits[OWNER] = str(row.organization)


def at_of(service: Document, location: UUID | None) -> Document:
    """What a service says of itself at a location."""
    return next((at for at in service["at"] if at["location_id"] == str(location)), BLANK_AT)


def _says_nothing(row: Row, key: str, document: Document) -> bool:
    """Whether a cell leaves a field as it is: a name by which the row was found, or nothing where that says nothing."""
    text, column = row.cells[key], COLUMNS[key]
    if key in NEEDED and not row.cells.get(f"{column.part}_id"):
        return not text or fold(text) == fold(value_at(document, column.field))
    return not text and column.kind.partition(":")[0] in _NEVER_EMPTY
