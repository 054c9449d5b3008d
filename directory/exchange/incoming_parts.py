"""The small parts of what comes in as HSDS: texts, numbers to call and languages, as our records have them."""

import re
from collections.abc import Iterable

from directory.exchange import hsds
from directory.exchange.hsds_base import Described, TaxonomyTerm
from directory.exchange.hsds_report import Findings, Place
from directory.exchange.outgoing_parts import LANGUAGES, SPOKEN
from directory.records import PhoneNumber, Words
from orthography.folding import fold

# What a text of a record has room for.
LONGEST = 5_000
# Letters that only Kurdish writes.
KURDISH = re.compile("[ەڕڵۆێ]")
ARABIC = re.compile("[\u0600-\u06ff]")
BETWEEN_DIGITS = re.compile(r"[() ./\-]")
NOT_TO_CALL = frozenset(("fax", "pager", "textphone", "tty", "tdd"))
NAMES_OF_LANGUAGES = {fold(name): code for code, names in SPOKEN.items() for name in names}


def spoken(said: Described | TaxonomyTerm, field: str) -> dict[str, str]:
    """A text by language. A plain text that isn't among its translations is of the language it is written in."""
    texts: dict[str, str] = {
        language: told[field] for language, told in (said.translations or {}).items() if told.get(field)
    }
    plain = getattr(said, field)
    if plain and plain not in texts.values():
        texts.setdefault(_language_of(plain), plain)
    return texts


def words(said: Described, field: str, before: Words, place: Place, findings: Findings) -> Words:
    """A text of ours. A language that isn't said stays as it was as long as what is said does, too: a translation of
    something else would be worse than none, and a missing one can be seen."""
    texts: dict[str, str] = {}
    for language, text in spoken(said, field).items():
        if len(text) > LONGEST:
            findings.problem((*place, field), "too_long", f"is longer than {LONGEST:,} characters")
        else:
            texts[language] = text.strip()
    stays = bool(texts) and all(getattr(before, language) == text for language, text in texts.items())
    return before if stays else Words(**texts)


def joined(parts: Iterable[Words], separator: str) -> Words:
    """Several texts as one, language by language."""
    parts = list(parts)
    return Words(
        **{language: separator.join(filter(None, (getattr(one, language) for one in parts))) for language in LANGUAGES}
    )


def phone(said: hsds.Phone, *, is_demo: bool, place: Place, findings: Findings) -> PhoneNumber | None:
    """A number to call; None for one that isn't for calling."""
    if (said.type or "").lower() in NOT_TO_CALL:
        findings.notice(place, "not_to_call", "is not a number to call: it will be left out")
        return None
    description = words(said, "description", Words(), place, findings)
    if said.extension is not None:
        extension = Words(ar=f"تحويلة {said.extension}", en=f"ext. {said.extension}")
        description = joined((description, extension), ", ")
    return PhoneNumber(number=BETWEEN_DIGITS.sub("", said.number), description=description, is_demo=is_demo)


def language(said: hsds.Language, place: Place, findings: Findings) -> str | None:
    """The code of a language that is spoken; None for one that we have no name for."""
    code = (said.code or "").split("-")[0].lower()
    names = spoken(said, "name").values()
    found = code if code in SPOKEN else next(filter(None, (NAMES_OF_LANGUAGES.get(fold(name)) for name in names)), None)
    if found is None:
        findings.notice(place, "unknown_language", "is not a language we know: it will be left out", about=code)
    return found


def _language_of(text: str) -> str:
    if KURDISH.search(text):
        return "ckb"
    return "ar" if ARABIC.search(text) else "en"
