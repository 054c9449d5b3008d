"""Word lists that name a code, matched the way people write: with clitics, in any spelling, in several words.

A lexicon is a tab-separated file. Its first line names the columns: `code`, `form` (or `spelling`), and
optionally `kind` and `cue`. A form may have several words. A form marked cue=yes also means something else («بلد»,
Balad or "country"): it counts only beside a word that announces a place, with a joined preposition, or as the whole
message.
Names (kind name, short or arabizi) of one word and without a cue may also be guessed at where they are misspelt.
Lines starting with # are comments.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from orthography.folding import Word, fold
from orthography.misspelt import Misspelt

_CONJUNCTIONS = ("", "و", "ف")
# «بل» and «عل» are how many write «بال» and «عال».
_PREPOSITIONS = ("", "ب", "ل", "ك", "ع", "ه", "م", "لل", "بل", "عل")
_LATIN_CLITICS = ("bil", "bel", "lil", "lel", "bal", "b", "l", "w", "el", "al", "il")
LATIN_ARTICLES = frozenset({"al", "el", "il"})
_SHORTEST_STEM = 3
_SHORTEST_LATIN_STEM = 4
_GUESSED_KINDS = frozenset({"name", "short", "arabizi"})

_CUES_BEFORE = frozenset(
    fold(
        "قضاء ناحية مدينة محافظة قرية منطقة مخيم مركز قائمقامية بقضاء بناحية بمدينة بمحافظة بمنطقة "
        "لقضاء لمدينة في من الى باتجاه قرب يم داخل ساكن ساكنة ساكنين اسكن نسكن نازح نازحين "
        "in from near to at inside around city town district governorate camp "
        "qadha qada nahya madinat madina fi mn min ila b bil bel"
    ).split()
)
_CUES_AFTER = frozenset("city town district governorate camp".split())


class LexiconError(ValueError):
    """A line of a lexicon file that cannot be used; the message says which file and line."""


class Match(NamedTuple):
    """Words `first` to `last` (exclusive) of a message name `code`."""

    code: str
    first: int
    last: int


@dataclass
class _Node:
    """A place in the tree of forms: the words that may follow, and the code of a form ending here."""

    following: dict[str, _Node] = field(default_factory=dict)
    code: str | None = None
    needs_cue: bool = False


class _Row(NamedTuple):
    """A line of a lexicon file, and where it stands ("file:line")."""

    where: str
    code: str
    form: str
    kind: str
    needs_cue: bool


class Lexicon:
    """The forms of one kind of entity."""

    def __init__(self) -> None:
        """Starts empty; see `read`."""
        self._root = _Node()
        self._misspelt = Misspelt({})

    @classmethod
    def read(cls, path: Path) -> Lexicon:
        """Reads a lexicon file. Raises LexiconError where a line is wrong or contradicts an earlier one."""
        lexicon = cls()
        guessed: dict[str, str] = {}
        for row in _rows(path):
            try:
                lexicon.add(row.code, row.form, row.needs_cue)
            except ValueError as error:
                raise LexiconError(f"{row.where}: {error}") from error
            if row.kind in _GUESSED_KINDS and not row.needs_cue and len(keys := form_keys(row.form)) == 1:
                guessed[keys[0]] = row.code
        lexicon._misspelt = Misspelt(guessed)
        return lexicon

    def add(self, code: str, form: str, needs_cue: bool = False) -> None:
        """Lets `form` name `code`. Raises ValueError for a form that is empty or names another code."""
        self.add_keys(code, form_keys(form), form, needs_cue)

    def add_keys(self, code: str, keys: Sequence[str], form: str, needs_cue: bool = False) -> None:
        """As `add`, of a form whose `form_keys`, or a part of them, are known."""
        if not keys:
            raise ValueError(f"the form {form!r} has no letters")
        node = self._root
        for key in keys:
            node = node.following.setdefault(key, _Node())
        if node.code not in (None, code):
            raise ValueError(f"{form!r} already names {node.code}, it cannot name {code} too")
        node.code, node.needs_cue = code, needs_cue

    def matches(self, words: Sequence[Word]) -> Iterator[Match]:
        """For each word of a message, the longest form that begins there."""
        readings = [_readings(word.folded) for word in words]
        for first in range(len(words)):
            longest: Match | None = None
            for match in self._matches_from(self._root, words, readings, first, first, False):
                if longest is None or match.last > longest.last:
                    longest = match
            if longest is not None:
                yield longest

    def guesses(self, words: Sequence[Word]) -> Iterator[Match]:
        """Words that seem to be misspelt names: only where a place is announced, as words that need a cue."""
        for at, word in enumerate(words):
            announced = _has_cue(words, at, at + 1)
            for reading, has_preposition in _readings(word.folded).items():
                if (announced or has_preposition) and (code := self._misspelt.guess(reading)):
                    yield Match(code, at, at + 1)
                    break

    def _matches_from(
        self,
        node: _Node,
        words: Sequence[Word],
        readings: Sequence[dict[str, bool]],
        first: int,
        at: int,
        announced: bool,
    ) -> Iterator[Match]:
        if node.code is not None and (not node.needs_cue or announced or _has_cue(words, first, at)):
            yield Match(node.code, first, at)
        if at == len(words):
            return
        if at > first and words[at].folded in LATIN_ARTICLES:
            yield from self._matches_from(node, words, readings, first, at + 1, announced)
        for reading, has_preposition in readings[at].items():
            following = node.following.get(reading)
            if following is not None:
                joined = announced or (at == first and has_preposition)
                yield from self._matches_from(following, words, readings, first, at + 1, joined)


def _rows(path: Path) -> Iterator[_Row]:
    """The rows below the line that names the columns."""
    lines = path.read_text(encoding="utf-8").splitlines()
    columns: list[str] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        where = f"{path}:{number}"
        if not columns:
            columns = ["form" if name == "spelling" else name for name in cells]
            if not {"code", "form"} <= set(columns):
                raise LexiconError(f"{where}: the first line must name the columns code and form")
            continue
        if len(cells) != len(columns):
            raise LexiconError(f"{where}: {len(cells)} columns instead of {len(columns)}")
        row = dict(zip(columns, cells, strict=True))
        if not row["code"]:
            raise LexiconError(f"{where}: no code")
        yield _Row(where, row["code"], row["form"], row.get("kind", ""), row.get("cue") == "yes")


def form_keys(form: str) -> list[str]:
    """The words of a form as they are compared: folded, without articles."""
    keys = []
    for word in re.split(r"[\s\-/]+", form):
        for part in fold(word).split():
            if part not in LATIN_ARTICLES:
                keys.append(_without_article(part))
    return keys


def _readings(word: str) -> dict[str, bool]:
    """Every way to look a word up, and whether that reading takes a preposition off it."""
    readings = {_without_article(word): False}
    for stem, has_preposition in _stems(word):
        readings.setdefault(_without_article(stem), has_preposition)
    return readings


def _stems(word: str) -> Iterator[tuple[str, bool]]:
    """A word without «و», «ب», «لل» ... or, in Latin letters, without "bil", "l" ..."""
    if word.isascii():
        for clitic in _LATIN_CLITICS:
            if word.startswith(clitic) and len(word) - len(clitic) >= _SHORTEST_LATIN_STEM:
                yield word[len(clitic) :], clitic[0] in "bl"
        # The s of "Mosul's"; folding leaves the apostrophe out.
        if word.endswith("s") and len(word) > _SHORTEST_LATIN_STEM:
            yield word[:-1], False
        return
    for conjunction in _CONJUNCTIONS:
        if not word.startswith(conjunction):
            continue
        rest = word[len(conjunction) :]
        for preposition in _PREPOSITIONS:
            if rest.startswith(preposition) and len(rest) - len(preposition) >= _SHORTEST_STEM:
                yield rest[len(preposition) :], preposition != ""


def _without_article(word: str) -> str:
    if word.startswith("ال") and len(word) - 2 >= _SHORTEST_STEM:
        return word[2:]
    return word


def _has_cue(words: Sequence[Word], first: int, last: int) -> bool:
    """Whether the words around announce a place, or the match is the whole message."""
    if first == 0 and last == len(words):
        return True
    before = words[first - 1].folded if first else ""
    after = words[last].folded if last < len(words) else ""
    return before in _CUES_BEFORE or after in _CUES_AFTER
