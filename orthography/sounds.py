"""Arabic typed in Latin letters, heard as words we know: "yidhrubni", "ydrbni" and "yudhrobny" are all «يضربني»."""

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cache

from orthography.arabizi import skeleton

# How a folded Arabic letter is typed; short vowels between letters are written or not.
_TYPED = {
    "ا": "a{1,2}|e", "ب": "b{1,2}|p", "ت": "t{1,2}", "ث": "th|t|s", "ج": "j{1,2}|t?ch|g", "ح": "7{1,2}|h{1,2}",
    "خ": "kh|5|x|7", "د": "d{1,2}", "ذ": "[dt]h|d|z", "ر": "r{1,2}", "ز": "z{1,2}", "س": "s{1,2}|c", "ش": "sh|ch",
    "ص": "s{1,2}|9", "ض": "dh|d{1,2}|9|th|z", "ط": "t{1,2}|6", "ظ": "dh|th|z|6|d", "ع": "3|a{1,2}", "غ": "gh|8|g",
    "ف": "f{1,2}|v", "ق": "q|g|k|2|8", "ك": "k{1,2}|g{1,2}|q|c|ch", "ل": "l{1,2}", "م": "m{1,2}", "ن": "n{1,2}",
    "ه": "h", "و": "w{1,2}|o[uo]?|u{1,2}", "ي": "y{1,2}|i{1,2}|e[ei]?|a[iy]?",
}  # fmt: skip
_SHORT_VOWEL = "[aeiou]?"
# Letters that may be vowels, or silent.
_WEAK = re.compile("[hwy]")
_ARTICLES = frozenset("el al il l".split())
_WITH_ARTICLE = ("ال", "بال", "عال", "لل")
# A preposition typed as a word of its own, and what of it begins the next word: "bil bait" is «بالبيت».
_PREPOSITIONS = {"b": "b", "bil": "b", "bel": "b", "bal": "b", "w": "", "wel": "", "wil": "", "3al": "", "lil": "l"}


class Ear:
    """Knows some Arabic words by their sound."""

    def __init__(self, words: Iterable[str]) -> None:
        """`words` are folded; those with letters other than Arabic ones are passed over."""
        self._words: dict[str, list[str]] = defaultdict(list)
        # The longest first: it explains most of what was typed.
        for word in sorted(set(words), key=lambda word: (-len(_bare(word)), len(word), word)):
            if _TYPED.keys() >= set(word):
                self._words[_consonants(_bare(word))].append(word)

    def hear(self, text: str) -> str:
        """A folded text with each Latin word that sounds like a known one written as that; articles are left out."""
        heard, article, preposition = [], False, ""
        for word in text.split():
            if word in _ARTICLES:
                article = True
            elif word in _PREPOSITIONS:
                preposition = _PREPOSITIONS[word]
                article = word.endswith("l")
            else:
                joined = self._known(preposition + word, article) if preposition else None
                heard.append(joined or self._known(word, article) or word)
                article, preposition = False, ""
        return " ".join(heard)

    def _known(self, word: str, article: bool) -> str | None:
        """The known word that sounds like this one, with or without an article as it was typed if we know both."""
        candidates = self._words.get(_consonants(word), ()) if word.isascii() else ()
        known = [candidate for candidate in candidates if _typed(candidate).fullmatch(word)]
        return next((one for one in known if one.startswith(_WITH_ARTICLE) == article), known[0] if known else None)


def _consonants(word: str) -> str:
    return _WEAK.sub("", skeleton(word))


def _bare(word: str) -> str:
    """A word without its article, which in Latin letters is mostly a word of its own."""
    for prefix, kept in zip(_WITH_ARTICLE, ("", "ب", "", "ل"), strict=True):
        if word.startswith(prefix) and len(word) > len(prefix) + 2:
            return kept + word.removeprefix(prefix)
    return word


@cache
def _typed(word: str) -> re.Pattern[str]:
    word = _bare(word)
    if word.endswith("وا"):
        word = word[:-1]
    letters = [f"(?:{_TYPED[letter]})" for letter in word]
    if word.startswith("اي"):
        letters[:2] = ["(?:i|e[ei]?|a[iy])"]
    elif word.startswith("ا"):
        letters[0] = "(?:[eiou]|2?a{1,2})"
    if word.endswith("ه"):
        letters[-1] = "(?:[aeou]h?|h|at)"
    return re.compile(_SHORT_VOWEL.join(letters))
