"""What can be wrong with an uploaded table or its rows, said so that the person who made the file can mend it."""

from dataclasses import dataclass
from typing import NamedTuple

# {row}, {column} and {detail} are the problem's own; the console has its own words for every code.
MESSAGES = {
    "ambiguous_organization": "Row {row}, column {column}: several organizations have this name. Write its id.",
    "ambiguous_place": (
        "Row {row}, column {column}: several places have this name ({detail}). Write the code, or fill in "
        "the governorate."
    ),
    "ambiguous_service": (
        "Row {row}, column {column}: several services have this name there. Write the id of the one you mean."
    ),
    "broken_quotes": 'Row {row} has a quotation mark (") that is not closed or has text after it.',
    "confidential_has_an_address": (
        "Row {row}, column {column}: a confidential place has no address and no coordinates. Empty them."
    ),
    "confidential_unsaid": (
        "Row {row}, column {column}: people are helped after violence here and there is an address. Write "
        "yes if it must stay secret, no if everybody may know it."
    ),
    "control_characters": "Row {row}, column {column}: there are characters in it that cannot be seen. Type it again.",
    "duplicate_column": "Two columns have the same name: {column}. Rename one of them.",
    "duplicate_row": "Row {row}: the same service at the same place is in row {detail}, too. Keep one of them.",
    "empty": "There are no rows in this file: it needs column names in the first row and rows below.",
    "encoding_guessed": "The file does not say how its letters are stored; we took {detail}. See if names read well.",
    "ends_before_it_begins": "Row {row}, column {column}: this is after the end.",
    "error_value": "Row {row}, column {column}: Excel shows an error ({detail}). Type the value instead.",
    "far_from_place": (
        "Row {row}, column {column}: these coordinates are near {detail}, not in the place that is named. "
        "Correct one of them."
    ),
    "formula": "Row {row}, column {column}: this is a formula. Copy it and paste it as a value.",
    "garbled": "Row {row}, column {column}: the letters were lost when the file was saved. Save it as Excel (.xlsx).",
    "hours_unclear": (
        "Row {row}, column {column}: these hours cannot be read ({detail}). Write them like SU-TH "
        "09:00-15:00; SA 10:00-13:00."
    ),
    "in_the_future": "Row {row}, column {column}: this day has not come yet.",
    "macros": "This file has macros (programs) in it. Save it as Excel workbook (.xlsx) without macros.",
    "markup": "Row {row}, column {column}: there is a web page's code in it (like <b>). Write plain text.",
    "merged_cells": "The cells {detail} are merged. Unmerge them and fill every cell.",
    "missing": "Row {row}, column {column}: this is missing.",
    "not_a_coordinate": "Row {row}, column {column}: this is not a number of degrees such as 36.3456.",
    "not_a_date": "Row {row}, column {column}: this is not a date. Write day/month/year, such as 31/12/2026.",
    "not_a_number": "Row {row}, column {column}: {detail} is not a phone number. Write it as people dial it.",
    "not_a_table": "This is not a CSV or Excel (.xlsx) file. Save the table as one of these.",
    "not_a_web_address": "Row {row}, column {column}: this is not a web address. It begins with https://",
    "not_an_age": "Row {row}, column {column}: this is not an age in years (0 to 120).",
    "not_an_id": (
        "Row {row}, column {column}: this is not an id. Leave it as it was exported, or empty for something new."
    ),
    "not_published": "Row {row}: something that this service belongs to is not published.",
    "not_understood": "Row {row}, column {column}: this cannot be read.",
    "old_excel": "This is an old Excel file (.xls). Open it and save it as Excel workbook (.xlsx).",
    "other_sheets": "Only the sheet {detail} was read: the file has others.",
    "outside_iraq": (
        "Row {row}, column {column}: these coordinates are outside Iraq. Are latitude and longitude exchanged?"
    ),
    "password_protected": "This file is protected with a password. Save it without one.",
    "place_mismatch": "Row {row}, column {column}: the places named do not belong together ({detail}).",
    "ragged_row": "Row {row} has {detail} cells, which is not as many as there are columns.",
    "rows_differ": (
        "Row {row}, column {column}: row {detail} is about the same thing and says something else. Let both "
        "say the same."
    ),
    "same_location_twice": "Row {row}: the service has this place twice.",
    "too_large": "The file is too large: it may have {detail}. Split it.",
    "too_long": "Row {row}, column {column}: the text has more than {detail} characters. Shorten it.",
    "too_many": "Row {row}, column {column}: there are more than {detail} in it.",
    "too_many_columns": "The file has more than {detail} columns. Delete those you do not need.",
    "too_many_rows": "The file has more than {detail} rows. Split it.",
    "unknown_code": (
        "Row {row}, column {column}: '{detail}' is none of the words that can stand here (see the sheet of codes)."
    ),
    "unknown_id": "Row {row}, column {column}: nothing in the directory has this id. Leave it empty for something new.",
    "unknown_place": "Row {row}, column {column}: '{detail}' is no governorate or district that we know.",
    "unnamed_column": "Row {row}: there is something in column {column}, but that column has no name in the first row.",
    "unreadable": "The file is damaged or its letters cannot be read ({detail}). Save it again as Excel (.xlsx).",
    "which_location": "Row {row}, column {column}: the service is at several places. Write the id of the one you mean.",
}

# Said once, but nothing the person must mend.
NOTICES = frozenset({"encoding_guessed", "other_sheets"})

# The file as a whole cannot be used; all others concern single cells or rows.
REFUSALS = frozenset(
    "broken_quotes duplicate_column empty macros not_a_table old_excel password_protected too_large too_many_columns "
    "too_many_rows unreadable".split()
)


@dataclass(frozen=True)
class Problem:
    """Something wrong in a file: where, as Excel counts it (None: the file as a whole), and a code of `MESSAGES`.

    `detail` is a fact to put into the message (a range, a limit, an encoding), never a sentence.
    """

    row: int | None
    column: str | None
    code: str
    detail: str = ""

    @property
    def is_notice(self) -> bool:
        """Whether it is only good to know: the rows may be imported all the same."""
        return self.code in NOTICES

    @property
    def message(self) -> str:
        """The problem in English."""
        return MESSAGES[self.code].format(row=self.row, column=self.column, detail=self.detail)


class Flaw(NamedTuple):
    """What a reader found in place of a cell's text; the column's name is not known yet."""

    code: str
    detail: str = ""


# One row as a reader finds it: the number Excel shows beside it, and its cells from column A on.
RawRow = tuple[int, list[str | Flaw]]


class Refused(Exception):
    """The file cannot be used at all."""

    def __init__(self, code: str, detail: str = "", *, row: int | None = None, column: str | None = None) -> None:
        super().__init__(code)
        self.problem = Problem(row, column, code, detail)
