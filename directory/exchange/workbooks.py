"""XLSX files: a zip of XML from anybody, so it is measured before openpyxl opens it."""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import IO, Any, cast
from xml.parsers import expat

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.worksheet.worksheet import Worksheet

from directory.exchange.cells import guard, is_guarded
from directory.exchange.problems import Flaw, Problem, RawRow, Refused

# 50,000 rows of 30 columns are 60 MB of XML. zipfile never gives more of a part than its header declares, so what
# is declared can be relied on.
MAX_UNPACKED = 100 * 1024**2
MAX_PARTS = 1000
# Styles, types and the like, which openpyxl makes into objects thirty times their size.
MAX_PART = 4 * 1024**2
MAX_COLUMNS = 200
EXCEL_ROWS = 2**20
MAX_GRID = 5_000_000  # cells up to the last that is filled: openpyxl makes the empty ones between too
WIDTH = 24  # of a written column, in characters

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_SHEET_NAME_FORBIDS = re.compile(r"[\[\]:*?/\\]")
_SHEET_NAME_LENGTH = 31


def read_xlsx(data: bytes, max_rows: int, problems: list[Problem]) -> Iterator[RawRow]:
    """The rows of the first visible sheet; what concerns the whole sheet goes into `problems`.

    Refused if the file cannot or must not be opened, or has something below row 1 + `max_rows`.
    """
    try:
        _measure(data)
        # Formulas as they are: the values beside them are whatever the file's last program claims.
        workbook = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        yield from _rows(data, [cast(ReadOnlyWorksheet, sheet) for sheet in workbook.worksheets], max_rows, problems)
    except Refused:
        raise
    except Exception as error:  # openpyxl raises nearly anything on a damaged file
        raise Refused("unreadable", type(error).__name__) from error


def write_xlsx(
    columns: Sequence[str], rows: Iterable[Mapping[str, str]], sheet_name: str, right_to_left: bool
) -> bytes:
    """An XLSX file of one sheet, all cells text, so that no phone number loses its + and nothing is a formula.

    What Excel does not allow (in the sheet's name, control characters) is left out.
    """
    workbook = Workbook(write_only=True)
    title = _SHEET_NAME_FORBIDS.sub(" ", sheet_name)[:_SHEET_NAME_LENGTH]
    sheet: Any = workbook.create_sheet(title)  # the stubs know half of a write-only sheet
    sheet.sheet_view.rightToLeft = right_to_left
    sheet.freeze_panes = "A2"
    for number in range(1, len(columns) + 1):
        sheet.column_dimensions[get_column_letter(number)].width = WIDTH
    bold = Font(bold=True)

    def cell(text: str, font: Font | None = None) -> Cell:
        # Excel needs no guard in a text cell, but reading takes one away.
        text = guard(text) if is_guarded(text) else text
        written = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", text))
        written.data_type = "s"
        written.number_format = "@"  # stays text when somebody edits it
        if font:
            written.font = font
        return written

    sheet.append([cell(column, bold) for column in columns])
    for row in rows:
        sheet.append([cell(text) if (text := row.get(column)) else None for column in columns])
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def _measure(data: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        parts = package.infolist()
        names = {part.filename for part in parts}
        if "[Content_Types].xml" not in names or not any(name.startswith("xl/") for name in names):
            raise Refused("not_a_table")
        if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
            raise Refused("too_large", f"{MAX_UNPACKED // 1024**2} MB unpacked")
        if any(part.file_size > MAX_PART and not _may_be_large(part.filename) for part in parts):
            raise Refused("too_large", f"{MAX_PART // 1024**2} MB of formatting")
        if any(name.lower().endswith("vbaproject.bin") for name in names):
            raise Refused("macros")
        for part in parts:
            with package.open(part) as xml:
                _refuse_entities(xml)


def _may_be_large(part: str) -> bool:
    """Cells and their texts are read as a stream, pictures not at all."""
    is_read = part.endswith((".xml", ".rels"))
    return part.startswith("xl/worksheets/sheet") or part == "xl/sharedStrings.xml" or not is_read


def _refuse_entities(xml: IO[bytes]) -> None:
    """Office files have no DOCTYPE; without one there are no entities that could expand or fetch anything."""

    def found(*_: object) -> None:
        raise Refused("unreadable", "DOCTYPE")

    prolog_ends = False

    def ends(*_: object) -> None:
        nonlocal prolog_ends
        prolog_ends = True

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = found
    parser.StartElementHandler = ends
    try:
        while not prolog_ends and (chunk := xml.read(4096)):
            parser.Parse(chunk)
    except expat.ExpatError:
        pass  # a picture, or XML that openpyxl will not read either


@dataclass
class _Extent:
    """How far a sheet's contents reach; formatted empty cells do not count."""

    row: int = 0
    column: int = 0
    filled_rows: int = 0
    merged: list[str] = field(default_factory=list)


def _survey(xml: IO[bytes]) -> _Extent:
    """Reads a sheet once without keeping it: openpyxl pads every row and, reading only, knows nothing of merges."""
    extent = _Extent()
    row, column = 0, 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal row, column
        match name.removeprefix(f"{_MAIN} "):
            case "c":
                reference = attributes.get("r")
                column = column_index_from_string(reference.rstrip("0123456789")) if reference else column + 1
            case "v" | "is" | "f":
                extent.filled_rows += extent.row != row
                extent.row, extent.column = row, max(extent.column, column)
            case "row":
                number = int(attributes.get("r", row + 1))
                if not row < number <= EXCEL_ROWS:
                    raise Refused("unreadable", f"row {number} after row {row}")
                row, column = number, 0
            case "mergeCell":
                extent.merged.append(attributes["ref"])

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    parser.ParseFile(xml)
    return extent


def _rows(data: bytes, sheets: Sequence[ReadOnlyWorksheet], max_rows: int, problems: list[Problem]) -> Iterator[RawRow]:
    sheet = next((sheet for sheet in sheets if sheet.sheet_state == "visible"), None)
    if sheet is None:
        raise Refused("empty")
    if len(sheets) > 1:
        problems.append(Problem(None, None, "other_sheets", sheet.title))
    # openpyxl has no other way to say which part of the zip a sheet is.
    path: str = sheet._worksheet_path  # type: ignore[attr-defined]
    with zipfile.ZipFile(io.BytesIO(data)) as package, package.open(path) as xml:
        extent = _survey(xml)
    if extent.filled_rows > max_rows + 1:
        raise Refused("too_many_rows", str(max_rows))
    if extent.column > MAX_COLUMNS:
        raise Refused("too_many_columns", str(MAX_COLUMNS))
    if extent.row * extent.column > MAX_GRID:
        raise Refused("too_large", f"something in row {extent.row}")
    for merged in extent.merged:
        problems.append(Problem(int(re.sub(r":.*|\D", "", merged)), None, "merged_cells", merged))
    if not extent.row:
        return
    sheet.reset_dimensions()  # what the file claims; the survey knows
    rows = cast(Worksheet, sheet).iter_rows(max_row=extent.row, max_col=extent.column)
    for number, cells in enumerate(rows, 1):
        yield number, ["" if cell.value is None else _text(cell.value, cell.data_type) for cell in cells]


def _text(value: object, data_type: str) -> str | Flaw:
    """What the person sees in the cell, as far as the value tells."""
    match value:
        case _ if data_type == "f":
            return Flaw("formula")
        case _ if data_type == "e":
            return Flaw("error_value", str(value))
        case str():
            return value.replace("_x000D_", "")  # Excel's carriage return; the line feed comes with it
        case bool():
            return "TRUE" if value else "FALSE"
        case float():
            # Excel keeps 15 digits (33.300000000000004 is an error of the binary form); this drops the .0, too.
            return f"{value:.15g}"
        case datetime():
            value = _to_the_second(value)
            return value.date().isoformat() if value.time() == time() else f"{value.date()} {_clock(value.time())}"
        case time():
            return _clock(_to_the_second(datetime.combine(date.min, value)).time())
        case timedelta():
            seconds = round(value.total_seconds())
            return f"{seconds // 3600:02}:{seconds // 60 % 60:02}" + (f":{seconds % 60:02}" if seconds % 60 else "")
    return str(value)


def _to_the_second(moment: datetime) -> datetime:
    """Excel stores times as fractions of a day: 09:00 may come as 08:59:59.999."""
    return (moment + timedelta(milliseconds=500)).replace(microsecond=0)


def _clock(moment: time) -> str:
    return moment.isoformat("seconds" if moment.second else "minutes")
