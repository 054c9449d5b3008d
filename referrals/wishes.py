"""What somebody wants to be referred for, as they said it and as it is kept: no more than the other side needs."""

import re
import unicodedata
from dataclasses import dataclass, replace
from uuid import UUID

from directory.needs import CONFIDENTIAL, NEEDS
from directory.places import find_place
from referrals.models import HOW, WHEN

# Never collected by a program, nor kept in a list: a person is called (facts of the field: ask for no details).
SENSITIVE = CONFIDENTIAL
LONGEST_NAME, LONGEST_WORDS = 40, 500
# Joiners that Kurdish and Persian are written with, and line ends; nothing else that can't be seen.
_UNSEEN_BUT_WANTED = "\n\u200c\u200d"
_NUMBER = re.compile(r"(?<![0-9])\+?[0-9](?:[\s()./-]{0,3}[0-9]){6,14}(?![0-9])")
_BETWEEN_DIGITS = re.compile(r"[\s()./-]")
_IRAQI = re.compile(r"(?:\+?964)?0?(7[0-9]{9})")


class NeedsAPerson(Exception):
    """This is not for a program: call a person. `says` is the text that tells so."""

    says = "utter_referral_needs_a_person"


class TooManyOpen(NeedsAPerson):
    """Somebody has so many open referrals that one more helps nobody."""

    says = "utter_referral_too_many"


@dataclass(frozen=True)
class Wish:
    """A referral before it is one. Codes are the taxonomy's; empty texts ask nothing."""

    need: str
    place: str | None = None
    # None: our own caseworkers look for a way.
    service_id: UUID | None = None
    how: str = "call"
    when: str = "any"
    # Only if it isn't the number they write from.
    number: str | None = None
    name: str = ""
    words: str = ""


def kept(wish: Wish) -> Wish:
    """A wish as it is kept: texts cut to what we keep, nothing invisible in them, a number as it is dialled.

    A sensitive need is NeedsAPerson; an unknown code, or a number that is none, a ValueError.
    """
    if wish.need in SENSITIVE:
        raise NeedsAPerson
    if wish.need not in NEEDS or wish.how not in HOW or wish.when not in WHEN:
        raise ValueError("unknown need, or way or time to be reached")
    if wish.place is not None:
        find_place(wish.place)
    number = number_in(wish.number) if wish.number else None
    if wish.number and number is None:
        raise ValueError("no telephone number")
    name = " ".join(visible(wish.name).split())[:LONGEST_NAME].strip()
    return replace(wish, number=number, name=name, words=visible(wish.words)[:LONGEST_WORDS].strip())


def is_cut(wish: Wish) -> bool:
    """Whether somebody wrote more than is kept; then they are told."""
    return len(visible(wish.words)) > LONGEST_WORDS


def number_in(text: str) -> str | None:
    """The telephone number in a text, in digits of any script, as it is dialled; an Iraqi one with +964."""
    digits = "".join(str(unicodedata.decimal(character, character)) for character in text[:200])
    found = _NUMBER.search(digits)
    if found is None:
        return None
    number = _BETWEEN_DIGITS.sub("", found[0])
    if number.startswith("00"):
        number = f"+{number[2:]}"
    iraqi = _IRAQI.fullmatch(number)
    return f"+964{iraqi[1]}" if iraqi else number


def visible(text: str) -> str:
    """What was written, without what can't be seen and spaces around it."""
    return "".join(one for one in text if one.isprintable() or one in _UNSEEN_BUT_WANTED).strip()
