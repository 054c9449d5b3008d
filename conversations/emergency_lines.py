"""Emergency lines as admins keep them: what a line must be before anybody in danger is told to call it."""

import re
import unicodedata
import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from sqlalchemy import inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from conversations import danger
from conversations.models import DANGERS, EmergencyLine
from infrastructure import audit
from infrastructure.segments import is_gsm, parts
from infrastructure.wording import LANGUAGES, Wording

LONGEST_NAME = 24
_NUMBER = re.compile(r"\+?[0-9]{3,15}")
_BETWEEN_DIGITS = re.compile(r"[\s()./-]")


@dataclass(frozen=True)
class Draft:
    """A line as an admin wrote it; `called` says that they called the number today and that it works."""

    number: str = ""
    name: dict[str, str] = field(default_factory=lambda: dict.fromkeys(LANGUAGES, ""))
    dangers: list[str] = field(default_factory=list)
    governorates: list[str] = field(default_factory=list)
    called: bool = False


class Problem(NamedTuple):
    """Why a draft can't be kept: a code, with what an answer would cost where that is the reason."""

    code: str
    danger: str = ""
    language: str = ""
    parts: int = 0


class Answer(NamedTuple):
    """What somebody would be told in one language, and how many SMS parts it takes."""

    text: str
    parts: int


def draft_of(number: str, names: dict[str, str], dangers: list[str], places: list[str], called: bool) -> Draft:
    """A draft from what was typed: digits of any script, no spaces to spare, nothing invisible."""
    digits = "".join(str(unicodedata.decimal(character, character)) for character in _visible(number))
    name = {language: " ".join(_visible(names[language]).split()) for language in LANGUAGES}
    return Draft(_BETWEEN_DIGITS.sub("", digits), name, dangers, places, called)


def problems(draft: Draft, line: EmergencyLine | None, governorates: Collection[str]) -> Iterator[Problem]:
    """What is wrong with a draft for a line (None: a new one), where `governorates` are all there are."""
    if not _NUMBER.fullmatch(draft.number):
        yield Problem("number")
    for language in LANGUAGES:
        if not 0 < len(draft.name[language]) <= LONGEST_NAME:
            yield Problem(f"name_{language}")
    if not is_gsm(draft.name["en"]):
        yield Problem("name_en_letters")
    if not draft.dangers:
        yield Problem("no_danger")
    if not set(draft.dangers) <= set(DANGERS) or not set(draft.governorates) <= set(governorates):
        yield Problem("unknown_code")
    if not draft.called and (line is None or line.number != draft.number):
        yield Problem("not_called")


async def save(
    session: AsyncSession, wording: Wording, draft: Draft, line: EmergencyLine | None, staff_id: uuid.UUID, today: date
) -> Problem | None:
    """Keep a draft without problems as a new line or in place of `line`; the caller commits.

    Returns what is still in the way, and then nothing may be committed: the number is another line's, or an answer that
    holds this line and the longest other one would take more than three SMS parts.
    """
    kept = line or EmergencyLine(is_demo=False)
    kept.number, kept.name = draft.number, draft.name
    kept.dangers = [code for code in DANGERS if code in draft.dangers]
    kept.governorates = sorted(set(draft.governorates))
    if draft.called:
        kept.verified_on, kept.verified_by = today, staff_id
    session.add(kept)
    changed = [name for name in ("number", "name", "dangers", "governorates", "verified_on") if _changed(kept, name)]
    try:
        await session.flush()
    except IntegrityError:
        return Problem("taken")
    act = "emergency_line.changed" if line else "emergency_line.added"
    audit.record(session, staff_id, act, kept.id, number=kept.number, changed=changed)
    others = await session.scalars(select(EmergencyLine).where(EmergencyLine.id != kept.id, ~EmergencyLine.is_demo))
    return _too_long(wording, kept, list(others))


async def remove(session: AsyncSession, line: EmergencyLine, staff_id: uuid.UUID) -> None:
    """Take a line out of every answer; the caller commits."""
    audit.record(session, staff_id, "emergency_line.removed", line.id, number=line.number)
    await session.delete(line)


def _changed(line: EmergencyLine, field: str) -> bool:
    return bool(inspect(line).attrs[field].history.has_changes())


def _too_long(wording: Wording, line: EmergencyLine, others: list[EmergencyLine]) -> Problem | None:
    """The first answer that costs too much in the worst case: who is told which line depends on place and date."""
    for code in line.dangers:
        beside = [other for other in others if code in other.dangers]
        for language in LANGUAGES:
            said = [line, *sorted(beside, key=lambda other: -len(other.number + other.name[language]))]
            cost = parts(danger.say(wording, language, code, said[: danger.LINES]))
            if cost > danger.MOST_PARTS:
                return Problem("too_long", code, language, cost)
    return None


async def preview(
    session: AsyncSession, wording: Wording, place: str, today: date, *, demo: bool
) -> dict[str, dict[str, Answer]]:
    """The answer to each danger in each language, as it would be sent now to somebody who named this place, or none."""
    answers: dict[str, dict[str, Answer]] = {}
    for code in DANGERS:
        known = await danger.lines(session, code, [place] if place else [], today=today, demo=demo)
        said = {language: danger.say(wording, language, code, known) for language in LANGUAGES}
        answers[code] = {language: Answer(text, parts(text)) for language, text in said.items()}
    return answers


def _visible(text: str) -> str:
    return "".join(character for character in text if character.isprintable() or character.isspace())
