"""Phrases to look for in a text, however it is spelt.

A phrase is words as people write them. Within a word, / stands between spellings or words of which any will do
(kill/hurt myself), and * for letters: any at the beginning or the end of it («*ضربني»), up to two inside (anti7*r).
Between words, .. stands for up to four others. A joined «و» or «ف» is allowed anywhere, and so is a joined «ما».
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from orthography.folding import fold

_GAP = r"(?:\S+ ){0,4}"
_CONJUNCTION = "[وف]?"
# Small words that many join to the next: «مايخليني», «ياريت», «راحانتحر».
_JOINED = frozenset("ما لا يا راح رح دا عم".split())


def pattern(phrases: Iterable[str]) -> re.Pattern[str]:
    """One expression that finds any of the phrases in a folded text. A phrase without letters is a ValueError."""
    # By first letter: trying some hundred phrases at each word of a long text would take too long.
    openings: dict[str, set[str]] = defaultdict(set)
    for phrase in phrases:
        first, *others = _words(phrase)
        rest = "".join(_CONJUNCTION + _any_of(spellings) for spellings in others)
        for letter in {_letter(spelling) for spelling in first}:
            endings = [spelling.removeprefix(letter) for spelling in first if _letter(spelling) == letter]
            openings[letter].add(_any_of(endings) + rest)
    alternatives = [f"{letter}{_any_of(sorted(phrases))}" for letter, phrases in sorted(openings.items(), reverse=True)]
    return re.compile(rf"(?<!\S){_CONJUNCTION}{_any_of(alternatives or ['(?!)'])}(?!\S)")


def spellings(phrase: str) -> Iterator[str]:
    """The folded words a phrase is made of, without their stars."""
    for word in phrase.split():
        if word != "..":
            for spelling in word.split("/"):
                yield fold(spelling.strip("*"))


def _words(phrase: str) -> list[list[str]]:
    """For each word of a phrase, an expression for each of its spellings and what stands before the next word."""
    words = phrase.split()
    if not words or ".." in (words[0], words[-1]):
        raise ValueError(f"the phrase {phrase!r} must begin and end with a word")
    spelt = []
    for word, following in zip(words, [*words[1:], None], strict=True):
        if word == "..":
            continue
        gap = _GAP if following == ".." else ""
        spelt.append([_spelling(one) + (_space(one) + gap if following else "") for one in word.split("/")])
    return spelt


def _spelling(spelling: str) -> str:
    parts = [fold(part) for part in spelling.strip("*").split("*")]
    if not all(part and " " not in part for part in parts):
        raise ValueError(f"{spelling!r} is not a word")
    before = r"\S*" if spelling.startswith("*") else ""
    after = r"\S*" if spelling.endswith("*") else ""
    return before + r"\S{0,2}".join(parts) + after


def _space(spelling: str) -> str:
    return " ?" if spelling in _JOINED else " "


def _letter(expression: str) -> str:
    return "" if expression.startswith("\\") else expression[0]


def _any_of(expressions: Iterable[str]) -> str:
    expressions = list(expressions)
    return expressions[0] if len(expressions) == 1 else f"(?:{'|'.join(expressions)})"
