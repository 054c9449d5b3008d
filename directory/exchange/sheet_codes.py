"""Words that may stand in a cell for a code: "Displaced people" and «نازحون» for "idp" (data/sheet_codes.tsv)."""

import csv
import re
from collections.abc import Iterator
from typing import NamedTuple

from directory.exchange.columns import DATA
from orthography.folding import fold

_SEPARATORS = re.compile(r"[;؛\n]")
_COMMAS = re.compile(r"[,،;؛\n]")


class Code(NamedTuple):
    """A code of a list, with the name that people read in each language."""

    list: str
    code: str
    en: str
    ar: str


class UnknownName(ValueError):
    """A word that names nothing in a list."""


def _rows() -> Iterator[tuple[Code, list[str]]]:
    with (DATA / "sheet_codes.tsv").open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        next(rows)
        for name_of_list, code, english, arabic in rows:
            names = [*english.split("|"), *arabic.split("|")]
            yield Code(name_of_list, code, names[0], arabic.split("|")[0]), [code, *names]


CODES = [code for code, _ in _rows()]
_NAMES = {(code.list, fold(name)): code.code for code, names in _rows() for name in names}


def code_of(name_of_list: str, name: str) -> str:
    """The code that a word stands for in a list; UnknownName with the word."""
    code = _NAMES.get((name_of_list, fold(name)))
    if code is None:
        raise UnknownName(name.strip())
    return code


def codes_of(name_of_list: str, text: str) -> list[str]:
    """The codes of several words, with ; or commas between them, each once.

    A name may have a comma in it ("Home, land and property"): the longest name that fits is taken.
    """
    found: list[str] = []
    for part in filter(str.strip, _SEPARATORS.split(text)):
        words = [word for word in _COMMAS.split(part) if word.strip()]
        while words:
            longest = next((n for n in range(len(words), 1, -1) if _is_known(name_of_list, words[:n])), 1)
            found.append(code_of(name_of_list, " ".join(words[:longest])))
            words = words[longest:]
    return list(dict.fromkeys(found))


def _is_known(name_of_list: str, words: list[str]) -> bool:
    return (name_of_list, fold(" ".join(words))) in _NAMES
