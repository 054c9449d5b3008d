"""The spreadsheet that staff fill in: our columns with notes in both languages, an example, and all codes."""

import io
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from directory.exchange.columns import COLUMNS, Column
from directory.exchange.sheet_codes import CODES
from directory.places import read_places

WIDTH = 26  # of a column, in characters
_LAST_ROW = 2_000
_HEAD = PatternFill("solid", fgColor="D9EEEA")
_SHEETS = {"ar": ("الخدمات", "الرموز"), "en": ("Services", "Codes")}
_CODE_TITLES = {
    "ar": ("العمود", "الرمز", "بالإنكليزية", "بالعربية"),
    "en": ("Column", "Code", "In English", "In Arabic"),
}
# Made up, and in a range of numbers that is kept free for fiction.
_EXAMPLE = {
    "organization_ar": "منظمة وهمية",
    "organization_en": "Made-up organization",
    "service_ar": "استشارة قانونية (مثال)",
    "service_en": "Legal advice (example)",
    "summary_ar": "محامٍ يشرح لك حقوقك مجاناً",
    "summary_en": "A lawyer explains your rights, free of charge",
    "needs": "legal_aid; documentation",
    "governorate": "IQG15",
    "district": "IQG15Q05",
    "address_ar": "قرب الجسر القديم، الطابق الثاني",
    "address_en": "Near the old bridge, second floor",
    "latitude": "36.34",
    "longitude": "43.13",
    "confidential": "no",
    "phones": "+447700900999",
    "hours": "SU-TH 09:00-15:00; SA 10:00-13:00",
    "access": "walk_in",
    "capacity": "open",
    "eligible": "idp; returnee",
    "fees_ar": "مجاناً",
    "fees_en": "Free",
    "documents_ar": "هوية الأحوال المدنية; صورة شخصية",
    "documents_en": "Civil status ID; a photo",
    "languages": "ar; ckb",
    "assured_date": "1/10/2026",
    "demo": "yes",
}
# Columns in which one of a list is chosen, and the list.
_CHOICES = {"access": "access", "capacity": "capacity", "confidential": "yes_no", "governorate": "governorate"}


class _Line(NamedTuple):
    """A line of the second sheet: which list, the code, and its names."""

    list: str
    code: str
    en: str
    ar: str


def template(language: str) -> bytes:
    """An XLSX file with the titles in a language; `read_table` reads its first sheet."""
    columns = [column for column in COLUMNS.values() if column.kind != "id" and column.key not in ("version", "status")]
    workbook = Workbook()
    sheet = workbook.active
    assert isinstance(sheet, Worksheet)
    codes: Worksheet = workbook.create_sheet(_SHEETS[language][1])
    sheet.title = _SHEETS[language][0]
    for one in (sheet, codes):
        one.sheet_view.rightToLeft = language == "ar"
        one.freeze_panes = "A2"
    _write_codes(codes, language)
    _write_columns(sheet, columns, language)
    for key, name_of_list in _CHOICES.items():
        _offer(sheet, columns.index(COLUMNS[key]) + 1, codes, name_of_list, language)
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def _write_columns(sheet: Worksheet, columns: Sequence[Column], language: str) -> None:
    lines = {(line.list, line.code): line for line in _lines()}
    for number, column in enumerate(columns, 1):
        dimension = sheet.column_dimensions[get_column_letter(number)]
        dimension.width = WIDTH
        # As text: a number keeps its zero, and a date stays as it was typed.
        dimension.number_format = "@"
        head = sheet.cell(1, number, column.title(language))
        head.font, head.fill = Font(bold=True), _HEAD
        if column.note_en:
            head.comment = Comment(f"{column.note_ar}\n\n{column.note_en}", "Daleel", height=140, width=320)
        text = _EXAMPLE.get(column.key, "")
        if line := lines.get((_CHOICES.get(column.key, "district"), text)):
            text = line.ar if language == "ar" else line.en
        example = sheet.cell(2, number, text or None)
        example.number_format = "@"
        example.font = Font(italic=True, color="666666")


def _write_codes(sheet: Worksheet, language: str) -> None:
    for number, title in enumerate(_CODE_TITLES[language], 1):
        sheet.cell(1, number, title).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(number)].width = WIDTH
    titles = {column.kind.partition(":")[2] or column.key: column.title(language) for column in COLUMNS.values()}
    titles["yes_no"] = COLUMNS["confidential"].title(language)
    for row, line in enumerate(_lines(), 2):
        for number, text in enumerate((titles[line.list], line.code, line.en, line.ar), 1):
            sheet.cell(row, number, text).alignment = Alignment(readingOrder=2 if number == len(line) else 0)


def _offer(sheet: Worksheet, number: int, codes: Worksheet, name_of_list: str, language: str) -> None:
    """Let Excel offer the names of a list in a column, without refusing what else somebody writes."""
    rows = [row for row, line in enumerate(_lines(), 2) if line.list == name_of_list]
    letter = "D" if language == "ar" else "C"
    choice = DataValidation(
        type="list", formula1=f"'{codes.title}'!${letter}${rows[0]}:${letter}${rows[-1]}", showErrorMessage=False
    )
    at = get_column_letter(number)
    choice.add(f"{at}2:{at}{_LAST_ROW}")
    sheet.add_data_validation(choice)


def _lines() -> Iterator[_Line]:
    yield from (_Line(*code) for code in CODES)
    for place in read_places():
        yield _Line(place["level"], place["code"], place["name"]["en"], place["name"]["ar"])
