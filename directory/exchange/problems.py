"""What can be wrong with an uploaded table, said so that the person who made the file can mend it."""

from dataclasses import dataclass
from typing import NamedTuple

# The console translates these by their English; {row}, {column} and {detail} are the problem's own.
MESSAGES = {
    "broken_quotes": 'Row {row} has a quotation mark (") that is not closed or has text after it.',
    "control_characters": "Row {row}, column {column}: there are characters in it that cannot be seen. Type it again.",
    "duplicate_column": "Two columns have the same name: {column}. Rename one of them.",
    "empty": "There are no rows in this file: it needs column names in the first row and rows below.",
    "encoding_guessed": "The file does not say how its letters are stored; we took {detail}. See if names read well.",
    "error_value": "Row {row}, column {column}: Excel shows an error ({detail}). Type the value instead.",
    "formula": "Row {row}, column {column}: this is a formula. Copy it and paste it as a value.",
    "garbled": "Row {row}, column {column}: the letters were lost when the file was saved. Save it as Excel (.xlsx).",
    "macros": "This file has macros (programs) in it. Save it as Excel workbook (.xlsx) without macros.",
    "merged_cells": "The cells {detail} are merged. Unmerge them and fill every cell.",
    "not_a_table": "This is not a CSV or Excel (.xlsx) file. Save the table as one of these.",
    "old_excel": "This is an old Excel file (.xls). Open it and save it as Excel workbook (.xlsx).",
    "other_sheets": "Only the sheet {detail} was read: the file has others.",
    "password_protected": "This file is protected with a password. Save it without one.",
    "ragged_row": "Row {row} has {detail} cells, which is not as many as there are columns.",
    "too_large": "The file is too large: it may have {detail}. Split it.",
    "too_long": "Row {row}, column {column}: the text has more than {detail} characters. Shorten it.",
    "too_many_columns": "The file has more than {detail} columns. Delete those you do not need.",
    "too_many_rows": "The file has more than {detail} rows. Split it.",
    "unnamed_column": "Row {row}: there is something in column {column}, but that column has no name in the first row.",
    "unreadable": "The file is damaged or its letters cannot be read ({detail}). Save it again as Excel (.xlsx).",
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
