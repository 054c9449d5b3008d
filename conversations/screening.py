"""The first net for people in danger: curated phrases, read before any model and even when Rasa is down.

`data/danger.tsv` holds them: an intent of the six dangers, a phrase (orthography.phrases says how it is written), and
the names of what takes the alarm back. `data/danger_unless.tsv` says what that is: phrases of jokes, films, things long
over («متت من الضحك»). A @name in a phrase stands for the words of that name in `data/danger_words.tsv`.
It catches plain words only; the model catches the rest.
"""

import csv
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from conversations import language
from conversations.models import DANGERS
from orthography.folding import fold
from orthography.phrases import pattern, spellings
from orthography.sounds import Ear

DATA = Path(__file__).parent / "data"
# What is said in an emergency is said early; a longer text only costs time.
READ = 4000
# Fewer letters sound like too many other words.
HEARD = 6

_NAMED = re.compile(r"@(\w+)")


class _Net(NamedTuple):
    danger: str
    phrases: re.Pattern[str]
    unless: re.Pattern[str]


def screen(text: str) -> str | None:
    """Which danger (an intent of the taxonomy) a text plainly speaks of; None for every other text."""
    folded = fold(text[:READ])
    for net in _nets():
        if net.phrases.search(folded) and not net.unless.search(folded):
            return net.danger
    spoken = language.detect(text)
    return _by_sound(folded) if spoken and (spoken.language, spoken.script) == ("ar", "Latn") else None


def load() -> None:
    """Read the phrases now: it takes seconds that the first person who texts should not wait for."""
    _nets()
    _ear()


def _by_sound(folded: str) -> str | None:
    """The danger in a text of Arabic words in Latin letters."""
    heard = _ear().hear(folded)
    for net in _nets():
        found = net.phrases.search(heard)
        if found and len(found.group()) >= HEARD and not net.unless.search(f"{heard} {folded}"):
            return net.danger
    return None


@cache
def _nets() -> list[_Net]:
    """Phrases with the same exceptions share one expression; in the order of DANGERS."""
    exceptions: dict[str, list[str]] = {}
    for name, phrase in _rows("danger_unless.tsv"):
        exceptions.setdefault(name, []).append(phrase)
    groups: dict[tuple[str, str], list[str]] = {}
    for danger, phrase, unless in _phrases():
        if danger not in DANGERS:
            raise ValueError(f"danger.tsv: {danger!r} is no danger")
        groups.setdefault((danger, unless), []).append(phrase)
    nets = [
        _Net(danger, pattern(phrases), pattern(phrase for name in unless.split() for phrase in exceptions[name]))
        for (danger, unless), phrases in groups.items()
    ]
    return sorted(nets, key=lambda net: DANGERS.index(net.danger))


@cache
def _ear() -> Ear:
    phrases = [phrase for _, phrase, _ in _phrases()] + [phrase for _, phrase in _rows("danger_unless.tsv")]
    return Ear(word for phrase in phrases for word in spellings(phrase))


def _phrases() -> list[list[str]]:
    words = dict(_rows("danger_words.tsv"))
    return [
        [danger, _NAMED.sub(lambda name: words[name[1]], phrase), unless]
        for danger, phrase, unless in _rows("danger.tsv")
    ]


def _rows(name: str) -> list[list[str]]:
    """The rows of a tab-separated file, without its first line."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
