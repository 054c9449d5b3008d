"""One spelling for the many ways people in Iraq type the same word.

`fold` is for matching and counting: it gives up distinctions people don't keep when they text.
`fold_lightly` is for the sentence encoder, which was trained on ordinary text and suffers from heavy folding.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

# Harakat and Quranic marks; Latin accents typed as separate characters.
MARKS = "\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed"
# Joiners, bidirectional controls, variation selectors and the like: never seen, often pasted.
INVISIBLE = "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
TATWEEL = "\u0640"

_PART_OF_WORD = rf"(?:[^\W_]|[{MARKS}{INVISIBLE}])"
_WORD = re.compile(rf"[^\W_]{_PART_OF_WORD}*(?:['\u2019\u02bc]{_PART_OF_WORD}+)*")
_NOT_READ = re.compile(rf"[{MARKS}{INVISIBLE}{TATWEEL}]")
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
# The hamza of «ماء» (water) stays: without it the word would become «ما» (not, what).
_HAMZA = re.compile(r"(?<!ما)ء")

# Letters only Kurdish writes. گ چ پ are no sign of it: Iraqis write them in Arabic too.
_KURDISH = frozenset("ەڕڵۆێ")
# The same letter from a Persian or Kurdish keyboard.
_KEYBOARD = str.maketrans("یک", "يك")
_LETTERS = str.maketrans("أإآٱىئؤةگچپڤژ", "اااايي" + "وه" + "كجبفز")


class Word(NamedTuple):
    """A word of a text: how it was typed, where it stands, and its folded form."""

    text: str
    start: int
    end: int
    folded: str


def words(text: str) -> Iterator[Word]:
    """The words of a text in order. Punctuation and emoji are not words; "don't" is one."""
    for found in _WORD.finditer(text):
        folded = _fold_word(found.group())
        if folded:
            yield Word(found.group(), found.start(), found.end(), folded)


def fold(text: str) -> str:
    """The folded words of a text, one space apart."""
    return " ".join(word.folded for word in words(text))


def fold_lightly(text: str) -> str:
    """The text without invisible characters and vowel marks, in one keyboard's letters and digits."""
    text = _NOT_READ.sub("", unicodedata.normalize("NFKC", text))
    text = "".join(_western_digit(character) for character in text if _is_seen(character))
    if _KURDISH.isdisjoint(text):
        text = text.translate(_KEYBOARD)
    return " ".join(text.split())


@lru_cache(maxsize=50_000)
def _fold_word(word: str) -> str:
    # Decomposing first turns أ into ا and a mark, é into e and a mark; the marks are dropped next.
    word = unicodedata.normalize("NFKD", word.lower())
    word = "".join(character for character in word if unicodedata.category(character) not in ("Mn", "Cf"))
    word = "".join(_western_digit(character) for character in word if character.isalnum())
    word = word.replace(TATWEEL, "").translate(_KEYBOARD)
    if _KURDISH.isdisjoint(word):
        word = _HAMZA.sub("", word.translate(_LETTERS))
    return _STRETCHED.sub(r"\1", word)


def _western_digit(character: str) -> str:
    return str(unicodedata.decimal(character, character))


def _is_seen(character: str) -> bool:
    """False for control characters and for half a surrogate pair, which no encoder accepts."""
    return character.isprintable() or character.isspace()
