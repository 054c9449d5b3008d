"""Names that are nearly written: one letter wrong («بقداد»), or other letters for the same sounds ("sulimania").

A guess, never a reading: many a word resembles the name of some small town. So only names of `SHORTEST` letters and
more are guessed at, only from a word with the same first letter, and whoever uses a guess asks whether it is right.
"""

from collections import defaultdict
from collections.abc import Mapping
from difflib import SequenceMatcher

from orthography.arabizi import skeleton

SHORTEST = 5
# Latin letters spell vowels too, so that short words resemble each other more.
SHORTEST_LATIN = 6
# How much of two words that sound alike must be the same letters (difflib's ratio).
ALIKE = 0.75


class Misspelt:
    """Knows some names, and finds the one that a word is meant to be."""

    def __init__(self, codes: Mapping[str, str]) -> None:
        """`codes` by folded name."""
        self._codes = {name: code for name, code in codes.items() if _is_long_enough(name)}
        self._by_sound: dict[str, set[str]] = defaultdict(set)
        self._by_shortening: dict[str, set[str]] = defaultdict(set)
        for name in self._codes:
            self._by_sound[skeleton(name)].add(name)
            for shortened in _shortened(name):
                self._by_shortening[shortened].add(name)

    def guess(self, word: str) -> str | None:
        """The code of the one name a folded word resembles; None where it resembles none, or names of several."""
        if not _is_long_enough(word):
            return None
        near = {name for part in _shortened(word) for name in self._by_shortening.get(part, ())}
        codes = {self._codes[name] for name in near if name[0] == word[0] and _one_letter_apart(name, word)}
        if not codes:
            heard = self._by_sound.get(skeleton(word), ())
            codes = {self._codes[name] for name in heard if name[0] == word[0] and _are_alike(name, word)}
        return codes.pop() if len(codes) == 1 else None


def _is_long_enough(word: str) -> bool:
    return len(word) >= (SHORTEST_LATIN if word.isascii() else SHORTEST)


def _shortened(word: str) -> set[str]:
    """A word, and all that is left of it without one letter: words one letter apart share one of these."""
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}


def _one_letter_apart(one: str, other: str) -> bool:
    """Whether one letter more, another letter or two letters changed about make one word of the other."""
    short, long = sorted((one, other), key=len)
    at = next((at for at, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(short) < len(long):
        return short[at:] == long[at + 1 :]
    swapped = short[at + 1 : at + 2] + short[at : at + 1] + short[at + 2 :]
    return short[at + 1 :] == long[at + 1 :] or swapped == long[at:]


def _are_alike(one: str, other: str) -> bool:
    return SequenceMatcher(None, one, other).ratio() >= ALIKE
