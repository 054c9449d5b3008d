"""Reference codes: short enough to text, hard to mistake, impossible to guess: "KM7X-4RTW".

Nineteen characters: of letters and digits that are taken for each other at most one is there (no 0 O Q, 1 I L, 2 Z,
5 S, 8 B, G, U V), and no vowel, so no code is a word. A code begins with a letter: after Arabic words a digit in front
would be shown at the wrong end. The last character checks the others as the pure systems of ISO/IEC 7064 do, with a
prime modulus of 19 and radix 2: one wrong character, or two neighbours swapped, never pass.
"""

import re
import secrets

from orthography.folding import fold_lightly

DIGITS, LETTERS = "34679", "CDFHJKMNPRTWXY"
ALPHABET = DIGITS + LETTERS
RADIX, MODULUS = 2, len(ALPHABET)
LENGTH, GROUP = 8, 4
# Nobody's question is longer; whoever's is, wrote the code near its beginning.
LONGEST_TEXT = 2_000
# Letters of one code as people space them out; an overlapping match is looked for at each letter.
_GAP = r"[\s\-_./·–—]{0,3}"
_CODE = re.compile(rf"(?<![A-Z0-9])(?=([{LETTERS}](?:{_GAP}[{ALPHABET}]){{{LENGTH - 1}}})(?![A-Z0-9]))")
_NOT_IN_A_CODE = re.compile(rf"[^{ALPHABET}]")


def new() -> str:
    """A code that nobody can guess; whether it is taken is the caller's to see."""
    return _with_check(secrets.choice(LETTERS) + "".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 2)))


def parse(text: str) -> str | None:
    """The first code in what somebody wrote: in either case, with spaces or dashes, digits of any script."""
    for found in _CODE.finditer(fold_lightly(text[:LONGEST_TEXT]).upper()):
        characters = _NOT_IN_A_CODE.sub("", found[1])
        if is_right(characters):
            return f"{characters[:GROUP]}-{characters[GROUP:]}"
    return None


def is_right(characters: str) -> bool:
    """Whether eight characters of the alphabet check."""
    return len(characters) == LENGTH and _sum(characters) % MODULUS == 1


def _with_check(characters: str) -> str:
    check = next(last for last in ALPHABET if is_right(characters + last))
    code = characters + check
    return f"{code[:GROUP]}-{code[GROUP:]}"


def _sum(characters: str) -> int:
    total = 0
    for character in characters:
        total = total * RADIX + ALPHABET.index(character)
    return total
