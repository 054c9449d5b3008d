"""An uploaded spreadsheet as rows of clean text, with all that is wrong in it said by row and column."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from openpyxl.utils import get_column_letter

from directory.exchange.cells import clean
from directory.exchange.delimited import read_csv, write_csv
from directory.exchange.problems import REFUSALS, Flaw, Problem, RawRow, Refused
from directory.exchange.workbooks import MAX_COLUMNS, read_xlsx, write_xlsx

__all__ = ["MAX_BYTES", "MAX_CELL", "MAX_ROWS", "Problem", "Row", "Table", "read_table", "write_csv", "write_xlsx"]

MAX_BYTES = 10 * 1024**2
MAX_ROWS = 50_000  # below the column names
MAX_CELL = 5_000  # characters
# One long text can stand in a million cells of a small XLSX file.
MAX_CHARACTERS = 50_000_000

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_NO_TABLES = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"{\\rtf", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf")


@dataclass(frozen=True)
class Row:
    """One row: the number Excel shows beside it (column names are in row 1) and a text for every column."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Table:
    """What a file holds. A cell with a problem that spoils it (a formula, too long) is empty."""

    columns: list[str]
    rows: list[Row]
    problems: list[Problem]

    @property
    def is_usable(self) -> bool:
        """Whether there are rows to go on with; single rows may still have problems that must be mended first."""
        return bool(self.rows) and not any(problem.code in REFUSALS for problem in self.problems)


def read_table(data: bytes, filename: str) -> Table:
    """The table in a CSV or XLSX file, told apart by content; the name only gives away formats we refuse.

    Never raises for what is in the file: a file refused as a whole comes back without rows and with the reason.
    Takes seconds for the largest files, so call it in a thread.
    """
    problems: list[Problem] = []
    try:
        columns, rows = _table(_raw_rows(data, filename, problems), problems)
    except Refused as refused:
        return Table([], [], [*problems, refused.problem])
    return Table(columns, rows, sorted(problems, key=lambda problem: problem.row or 0))


def _raw_rows(data: bytes, filename: str, problems: list[Problem]) -> Iterator[RawRow]:
    if not data:
        raise Refused("empty")
    if len(data) > MAX_BYTES:
        raise Refused("too_large", f"{MAX_BYTES // 1024**2} MB")
    if filename.lower().endswith((".xlsm", ".xltm")):
        raise Refused("macros")
    if data.startswith(_OLE):
        raise Refused("password_protected" if _ENCRYPTED in data else "old_excel")
    if data.startswith(_NO_TABLES):
        raise Refused("not_a_table")
    if data.startswith(_ZIP):
        return read_xlsx(data, MAX_ROWS, problems)
    return read_csv(data, problems)


def _table(raw_rows: Iterator[RawRow], problems: list[Problem]) -> tuple[list[str], list[Row]]:
    filled = _filled(raw_rows)
    try:
        header_number, header = next(filled)
    except StopIteration:
        raise Refused("empty") from None
    names = _names(header_number, header, problems)
    rows: list[Row] = []
    unnamed: set[int] = set()
    characters = 0
    for number, cells in filled:
        if len(rows) == MAX_ROWS:
            raise Refused("too_many_rows", str(MAX_ROWS))
        found = dict.fromkeys(filter(None, names), "")
        known = len(problems)
        for index, cell in enumerate(cells[: len(header)]):
            if not cell:
                continue
            name = names[index] if index < len(names) else ""
            text = _text(cell, number, name or get_column_letter(index + 1), problems)
            if name:
                found[name] = text
                characters += len(text)
            elif index not in unnamed:
                unnamed.add(index)
                problems.append(Problem(number, get_column_letter(index + 1), "unnamed_column"))
        if len(cells) < len(names) or any(cells[len(header) :]):
            problems.append(Problem(number, None, "ragged_row", str(len(cells))))
        if characters > MAX_CHARACTERS:
            raise Refused("too_large", f"{MAX_CHARACTERS} characters")
        if any(found.values()) or len(problems) > known:  # not only characters that cannot be seen
            rows.append(Row(number, found))
    columns = [name for name in names if name]
    if not rows:
        problems.append(Problem(None, None, "empty"))
    return columns, rows


def _filled(raw_rows: Iterable[RawRow]) -> Iterator[RawRow]:
    """Rows with something in them, even if it is only a flaw."""
    for number, cells in raw_rows:
        stripped = [cell if isinstance(cell, Flaw) else cell.strip() for cell in cells]
        if any(stripped):  # a flaw, as any tuple with something in it, is true
            yield number, stripped


def _names(number: int, header: list[str | Flaw], problems: list[Problem]) -> list[str]:
    """The columns' names up to the last that has one; "" for those without in between."""
    if len(header) > MAX_COLUMNS:
        raise Refused("too_many_columns", str(MAX_COLUMNS))
    names = [_text(cell, number, get_column_letter(index), problems) for index, cell in enumerate(header, 1)]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise Refused("empty")
    for name in sorted({name for name in names if name and names.count(name) > 1}):
        raise Refused("duplicate_column", row=number, column=name)
    return names


def _text(cell: str | Flaw, number: int, column: str, problems: list[Problem]) -> str:
    if isinstance(cell, Flaw):
        problems.append(Problem(number, column, cell.code, cell.detail))
        return ""
    # Before cleaning, which would take its time over a huge text.
    if len(cell) > MAX_CELL:
        problems.append(Problem(number, column, "too_long", str(MAX_CELL)))
        return ""
    text, code = clean(cell)
    if code:
        problems.append(Problem(number, column, code))
    return text
