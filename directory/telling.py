"""What an article of guidance says, piece by piece, as texts of a length that a phone takes."""

from collections.abc import Sequence
from typing import NamedTuple

from directory.records import Article, Words
from infrastructure.segments import parts
from infrastructure.wording import Wording

# Pieces that can be asked for, in the order in which they are offered: taxonomy.yml's aspects, then special cases
# (`directory.topics.SITUATIONS`, of which some are aspects too).
PIECES = ("requirements", "steps", "cost", "where", "duration", "eligibility", "details", "warnings")
# An aspect that is answered by the piece of another name.
_SAME = {"address": "where", "phone": "where", "hours": "where"}
_OF_ITEMS = {"requirements": "bring", "steps": "steps", "warnings": "warnings"}


class Told(NamedTuple):
    """One text, and whether more of the same piece follows it."""

    text: str
    has_more: bool


def piece_of(aspect: str) -> str:
    """The piece that answers an aspect or a situation."""
    return _SAME.get(aspect, aspect)


def available(article: Article) -> list[str]:
    """The pieces and special cases that an article has something to say of."""
    pieces = [piece for piece in PIECES if lines(article, piece, "ar")]
    return pieces + [case.situation for case in article.cases]


def lines(article: Article, piece: str, language: str) -> list[str]:
    """What an article says of a piece or a special case, line by line; empty for what it doesn't say."""
    if piece in _OF_ITEMS:
        return [f"- {_in(language, item)}" for item in getattr(article, _OF_ITEMS[piece])]
    for case in article.cases:
        if case.situation == piece:
            return [_in(language, case.text)]
    text = _in(language, getattr(article, piece)) if piece in PIECES else ""
    return [text] if text else []


def tell(
    article: Article, pieces: Sequence[str], language: str, *, page: int, budget_parts: int | None, wording: Wording
) -> Told:
    """One page of these pieces, under the article's title, in at most `budget_parts` SMS parts (None: no limit).

    A line that is longer than the budget is never cut inside a word; a page after the last is empty.
    """
    wanted: list[str] = []
    for piece in pieces:
        if not (found := lines(article, piece, language)):
            continue
        label = wording.say(f"utter_piece_{piece}", language)
        wanted += [f"{label}: {found[0]}"] if len(found) == 1 else [f"{label}:", *found]
    if not wanted:
        return Told("", False)
    more = wording.say("utter_guidance_more", language)
    pages = _pages(_in(language, article.title), wanted, more, budget_parts)
    if page >= len(pages):
        return Told("", False)
    return Told(pages[page], page + 1 < len(pages))


def _pages(title: str, wanted: Sequence[str], more: str, budget: int | None) -> list[str]:
    """The lines in pages, each but the last with the word that brings the next."""
    if budget is None or parts("\n".join((title, *wanted))) <= budget:
        return ["\n".join((title, *wanted))]
    pages, current, empty = [], [title], 1
    for line in [short for long in wanted for short in _short(long, title, more, budget)]:
        if len(current) > empty and parts("\n".join((*current, line, more))) > budget:
            pages.append(current)
            current, empty = [], 0
        current.append(line)
    pages.append(current)
    return ["\n".join((*lines, more)) for lines in pages[:-1]] + ["\n".join(pages[-1])]


def _short(line: str, title: str, more: str, budget: int) -> list[str]:
    """A line in pieces, each of which fits a page of its own."""
    shorter, current = [], ""
    for word in line.split(" "):
        longer = f"{current} {word}".strip()
        if current and parts("\n".join((title, longer, more))) > budget:
            shorter.append(current)
            longer = word
        current = longer
    return [*shorter, current]


def _in(language: str, text: Words) -> str:
    return str(getattr(text, language))
