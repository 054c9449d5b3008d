"""Arabic in Latin letters: everybody spells it in their own way, with digits for some letters and vowels at will.

`skeleton` reduces a word of either script to the consonants all spellings share, so that «مساعدة», "musa3ada" and
"mosaada" meet. `to_arabic` writes Latin words in Arabic letters, for whatever was trained on Arabic script.
"""

import re
from functools import lru_cache

# Longest first: what stands for one Arabic letter. The digits are the usual ones in Iraq.
_LATIN = {
    "tch": "ج", "sh": "ش", "ch": "ج", "kh": "خ", "gh": "غ", "th": "ذ", "dh": "ض", "ph": "ف",
    "3'": "غ", "7'": "خ", "6'": "ظ", "9'": "ض",
    "2": "ا", "3": "ع", "4": "ذ", "5": "خ", "6": "ط", "7": "ح", "8": "ق", "9": "ص",
    "aa": "ا", "ee": "ي", "ii": "ي", "oo": "و", "ou": "و", "uu": "و",
    "b": "ب", "p": "ب", "t": "ت", "j": "ج", "d": "د", "r": "ر", "z": "ز", "s": "س", "f": "ف", "v": "ف", "q": "ق",
    "k": "ك", "g": "ك", "c": "ك", "x": "خ", "l": "ل", "m": "م", "n": "ن", "h": "ه", "w": "و", "y": "ي", "$": "ش",
}  # fmt: skip
_LATIN_SIGN = re.compile("|".join(re.escape(sign) for sign in sorted(_LATIN, key=len, reverse=True)) + "|[aeiou]")
_VOWEL = re.compile("[aeiou]")

# Letters that people in Iraq write for one another, in either script; what is missing here is a vowel or silent.
_SOUNDS = {
    "ب": "b", "ت": "t", "ط": "t", "ث": "d", "ذ": "d", "د": "d", "ض": "d", "ظ": "d", "ج": "j", "ح": "h", "ه": "h",
    "خ": "x", "ر": "r", "ز": "z", "س": "s", "ص": "s", "ش": "$", "غ": "g", "ف": "f", "ق": "k", "ك": "k", "ل": "l",
    "م": "m", "ن": "n", "و": "w", "ي": "y",
}  # fmt: skip
_DOUBLED = re.compile(r"(.)\1+")


@lru_cache(maxsize=50_000)
def skeleton(word: str) -> str:
    """The consonants of a folded word in one alphabet; empty for a word of vowels.

    w and y count at the start only (elsewhere they may be long vowels), a final h never (it may be ta marbuta).
    """
    letters = word if not word.isascii() else to_arabic(word)
    if letters.startswith("ال") and len(letters) > 4:
        letters = letters[2:]
    sounds = "".join(_SOUNDS.get(letter, "") for letter in letters)
    kept = sounds[:1] + re.sub("[wy]", "", sounds[1:])
    return _DOUBLED.sub(r"\1", kept.removesuffix("h") if len(kept) > 2 else kept)


def to_arabic(word: str) -> str:
    """A folded word of Latin letters in Arabic ones; short vowels inside are left out, as Arabic leaves them out."""
    letters = []
    for found in _LATIN_SIGN.finditer(word):
        sign, first, last = found.group(), found.start() == 0, found.end() == len(word)
        if not _VOWEL.fullmatch(sign):
            letters.append(_LATIN[sign])
        elif first:
            letters.append("ا")
        elif last:
            letters.append({"a": "ه", "e": "ه", "o": "و", "u": "و", "i": "ي"}[sign])
    return "".join(letters)
