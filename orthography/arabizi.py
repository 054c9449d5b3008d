"""Arabic in Latin letters: everybody spells it in their own way, with digits for some letters and vowels at will.

`is_arabizi` tells it from English. `skeleton` reduces a word of either script to the consonants all spellings share, so
that «مساعدة», "musa3ada" and "mosaada" meet. `to_arabic` writes Latin words in Arabic letters, for whatever was trained
on Arabic script.
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

# A digit that stands for an Arabic letter has letters beside it: 3arabi, ma7ad, sh9ad; not "A4" or "2nd".
_ARABIZI_DIGIT = re.compile(r"\b[2356789]['`]?[a-z]{2,}|[a-z]['`]?[356789]['`]?[a-z]|[a-z]{2,}[379]\b", re.IGNORECASE)
_ENGLISH_DIGIT = re.compile(
    r"\b\d+(?:st|nd|rd|th|am|pm|km|kg|k|m|x|days?|weeks?|months?|years?|yo|yrs?)\b", re.IGNORECASE
)
_WORD = re.compile(r"[a-z\u00c0-\u024f']+", re.IGNORECASE)
_ARABIZI_WORDS = frozenset(
    """
    ani ana enta inta inti ente hna ihna wen wein shlon shlonak shlonek shaku aku maku shnu shinu shno shwakt
    shwakit areed arid aridd ureed mosaada musaada salam slm salamu alaikum alaykum alikum marhaba hala hallaw
    shukran shukren mashkur yslamu tislam minu mnu ay ee la2 bil bel mal mali hawiya jinsiya mustamsakat aylti wildi
    zawji zawjti abuya ummi bayt beit flus flous walla wallah inshallah hassa hesa lazim mumkin agdar aqdar chai
    khoya akhi ukhti yom sana shahar bas lo ila min wiya mo mu muu el tamween
    """.split()
)
ENGLISH_WORDS = frozenset(
    """
    hi hello hey help yes no ok okay thanks thank you please stop start more next menu bye goodbye i my me we our
    the a an is are am do does can could where what when how who which need want looking find for in at of to and or
    not have has with from near lost money food job doctor school person human english arabic
    """.split()
)


def is_arabizi(text: str) -> bool:
    """Whether a text in Latin letters is Arabic: by digits that stand for letters, and by everyday words."""
    words = latin_words(text)
    english, arabizi = share(words, ENGLISH_WORDS), share(words, _ARABIZI_WORDS)
    has_digits = bool(_ARABIZI_DIGIT.search(_ENGLISH_DIGIT.sub(" ", text)))
    return (has_digits and english < 0.5) or arabizi > english


def latin_words(text: str) -> list[str]:
    """The words of Latin letters in a text, in small letters."""
    return [word.lower() for word in _WORD.findall(text)]


def share(words: list[str], known: frozenset[str]) -> float:
    """How much of some words are known ones, from 0 to 1."""
    return sum(word in known for word in words) / len(words) if words else 0.0


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
