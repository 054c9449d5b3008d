"""The columns of the one table that services leave in and come in by: a row is a service at a location.

Each has a key that never changes, an HXL hashtag (https://hxlstandard.org/standard/1-1final/dictionary/) and a title in
each language; `data/sheet_columns.tsv` has them all. A file may use any of these, or a word that others use for it.
"""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from orthography.folding import fold

DATA = Path(__file__).parents[1] / "data"
# HXL allows as many rows of titles before its own.
MOST_TITLES = 25
_TAG = re.compile(r"#\s*([a-z][a-z0-9_]*)((?:\s*\+\s*[a-z][a-z0-9_]*)*)\s*", re.IGNORECASE)
_ARABIC = re.compile("[\u0621-\u064a]")
_LATIN = re.compile("[A-Za-z]")


class Column(NamedTuple):
    """A column: of which record (`part`) and field it is, how its cells are read (`kind`), and its names."""

    key: str
    part: str
    field: str
    kind: str
    tag: str
    title_en: str
    title_ar: str
    also: str
    note_en: str
    note_ar: str

    def title(self, language: str) -> str:
        """What people read at its top."""
        return self.title_ar if language == "ar" else self.title_en

    def note(self, language: str) -> str:
        """What belongs into its cells."""
        return self.note_ar if language == "ar" else self.note_en


def _read_columns() -> dict[str, Column]:
    with (DATA / "sheet_columns.tsv").open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        next(rows)
        return {row[0]: Column(*row) for row in rows}


COLUMNS = _read_columns()
PLACE_KEYS = tuple(key for key, column in COLUMNS.items() if column.kind == "place")
# What a file must name, if its rows don't name services by their ids.
NEEDED = ("organization_ar", "organization_en", "service_ar", "service_en")


def _plain(name: str) -> str:
    """A title or a tag without what doesn't matter: case, signs, the order of a tag's attributes."""
    if found := _TAG.fullmatch(name):
        return "#" + "+".join([found[1].lower(), *sorted(re.findall(r"\w+", found[2].lower()))])
    return fold(name)


def _names() -> dict[str, list[str]]:
    """The keys that each title, tag or word may stand for: "organization" may be the Arabic or the English one."""
    names: dict[str, list[str]] = {}
    for key, column in COLUMNS.items():
        for name in (key, column.tag, column.title_en, column.title_ar, *filter(None, column.also.split("|"))):
            keys = names.setdefault(_plain(name), [])
            if key not in keys:
                keys.append(key)
    return names


_NAMES = _names()


def tags_in(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> tuple[int, dict[str, str]]:
    """How many of these first rows are titles and HXL tags, and the tag of each column; 0 if there are no tags."""
    for number, row in zip(range(1, MOST_TITLES + 1), rows, strict=False):
        filled = [cell for cell in row.values() if cell]
        if filled and all(_TAG.fullmatch(cell) for cell in filled):
            return number, {column: row.get(column, "") for column in columns}
    return 0, {}


def guess(columns: Sequence[str], tags: Mapping[str, str], rows: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Which of our columns each column of a file is, by its name or tag; "" for one that is none of ours.

    A name that may be either language's goes by the letters below it. No column of ours is there twice.
    """
    mapping = dict.fromkeys(columns, "")
    for name in columns:
        keys = _NAMES.get(_plain(name)) or _NAMES.get(_plain(tags.get(name, ""))) or []
        free = [key for key in keys if key not in mapping.values()]
        if len(keys) > 1:
            spoken = _language_of(row.get(name, "") for row in rows[:50])
            free = [key for key in free if key.endswith(f"_{spoken}")]
        mapping[name] = free[0] if free else ""
    return mapping


def _language_of(texts: Iterable[str]) -> str:
    text = " ".join(texts)
    return "ar" if len(_ARABIC.findall(text)) >= len(_LATIN.findall(text)) else "en"
