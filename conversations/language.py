"""Which language a text is in, and which one we answer in.

Script and letters decide what they can; langdetect, restricted to the languages the letters leave, decides the rest.
langdetect knows neither Kurdish nor Arabizi (Arabic in Latin letters): Kurdish is told by its own letters, Arabizi by
its digits and by a few words, and because langdetect takes it for Somali, Swahili or Albanian.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from langdetect.detector_factory import PROFILES_DIRECTORY, DetectorFactory
from langdetect.lang_detect_exception import LangDetectException

from orthography.arabizi import ENGLISH_WORDS, is_arabizi, latin_words, share

DEFAULT = "ar"
ANSWERED = ("ar", "en")

ARABIC_LETTERS = re.compile(r"[\u0620-\u064A\u066E-\u06D3\uFB50-\uFDFF\uFE70-\uFEFC]")
LATIN_LETTERS = re.compile(r"[A-Za-z\u00C0-\u024F]")
SORANI_LETTERS = re.compile("[ەڕڵۆێڤ]")
KURMANJI_LETTERS = re.compile("[êîûşÊÎÛŞ]")
# A referral's code is in no language (referrals.codes).
REFERENCE = re.compile(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b", re.IGNORECASE)
# How much of a text tells its language; more only costs time.
TELLING = 500
KURMANJI_WORDS = frozenset(
    """
    ez tu em hûn ew min te me we dixwazim dixwazin alîkarî alikari heye tune nîne spas silav rojbaş çawa çi kî kengî
    ji bo li ku ne erê na bi kurdî kurdi mal malê zarok pasaport nasname
    """.split()
)
PERSIAN_WORDS = frozenset("است برای چطور میخواهم کجا دارم هستم نیست لطفا چگونه شما کمک باید را".split())
# Languages that Latin letters leave, with their prior weight; the last three are what langdetect calls Arabizi.
LATIN_PRIORS = {
    "en": 0.5,
    "fr": 0.06,
    "de": 0.06,
    "es": 0.06,
    "tr": 0.06,
    "it": 0.06,
    "so": 0.08,
    "sw": 0.06,
    "sq": 0.06,
}
CALLED_INSTEAD_OF_ARABIZI = frozenset({"so", "sw", "sq"})

_factory = DetectorFactory()
# Only the languages we tell apart: all 55 would take 60 MB in every process.
_factory.load_json_profile([(Path(PROFILES_DIRECTORY) / name).read_text("utf-8") for name in LATIN_PRIORS])
_factory.seed = 0  # langdetect samples; a fixed seed gives the same answer each time


@dataclass(frozen=True)
class Detected:
    """The language of one text."""

    language: str  # ar | en | ckb | kmr | other
    script: str | None  # Arab | Latn; None without letters
    sure: bool  # enough to change the language we answer in


def detect(text: str) -> Detected | None:
    """The language of a text; None when it has no letters to tell by (digits, emoji, nothing)."""
    text = REFERENCE.sub(" ", text[:TELLING])
    if len(ARABIC_LETTERS.findall(text)) >= 2:
        return _arabic_script(text)  # whatever Latin stands beside it: people who write Arabic can read it
    return _latin_script(text) if LATIN_LETTERS.search(text) else None


def for_answer(current: str | None, text: str) -> str:
    """The language to answer in: what was spoken so far, unless this text surely is in the other one."""
    found = detect(text)
    if found and found.language in ANSWERED and (found.sure or current is None):
        return found.language
    return current or DEFAULT


def _arabic_script(text: str) -> Detected:
    if SORANI_LETTERS.search(text):
        return Detected("ckb", "Arab", True)
    if len(PERSIAN_WORDS & set(text.split())) >= 2:
        return Detected("other", "Arab", True)
    return Detected("ar", "Arab", True)


def _latin_script(text: str) -> Detected:
    words = latin_words(text)
    english = share(words, ENGLISH_WORDS)
    if KURMANJI_LETTERS.search(text) or share(words, KURMANJI_WORDS) > max(0.4, english):
        return Detected("kmr", "Latn", True)
    if is_arabizi(text):
        return Detected("ar", "Latn", len(words) >= 3)
    return Detected(_by_letters(text, english), "Latn", len(words) >= 3)


def _by_letters(text: str, english: float) -> str:
    """English if enough of a text's words are everyday English; otherwise langdetect's word, which takes longer."""
    if english >= 0.3:
        return "en"
    detector = _factory.create()
    detector.set_prior_map(dict(LATIN_PRIORS))
    detector.append(text)
    try:
        likeliest = detector.get_probabilities()
    except LangDetectException:  # too short or without a letter it knows
        return "en"
    best = likeliest[0].lang if likeliest else "en"
    if best == "en":
        return "en"
    return "ar" if best in CALLED_INSTEAD_OF_ARABIZI else "other"
