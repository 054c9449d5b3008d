"""When somebody is in danger: a short, safe answer with the operator's emergency lines, and a person called at once.

What is said follows the standards for safe messaging (IASC GBV Pocket Guide, WHO LIVE LIFE, UNICEF Safer Chatbots): it
thanks, blames nobody, asks for no details, promises nothing, and names only numbers the operator has called.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from conversations.models import DANGERS, EmergencyLine
from infrastructure.segments import parts
from infrastructure.wording import Wording

# A number that nobody has called for so long may have changed hands.
VERIFIED_DAYS = 180
# More would make the text long, and somebody in danger choose.
LINES = 2
MOST_PARTS = 3
LEFT_TO_RIGHT = "\u200e"


def is_danger(intent: str | None) -> bool:
    """Whether this intent outranks everything else."""
    return intent in DANGERS


async def lines(
    session: AsyncSession, danger: str, places: Sequence[str], *, today: date, demo: bool
) -> list[EmergencyLine]:
    """The verified lines for a danger, those of the named places (district or governorate codes) first.

    Without a place only lines that answer everywhere; a demo line only where nothing reaches a real phone.
    """
    query = select(EmergencyLine).where(
        EmergencyLine.dangers.contains([danger]),
        EmergencyLine.verified_on > today - timedelta(days=VERIFIED_DAYS),
    )
    if not demo:
        query = query.where(~EmergencyLine.is_demo)
    governorates = {place[:5] for place in places}
    known = await session.scalars(query.order_by(EmergencyLine.verified_on.desc(), EmergencyLine.number))
    fitting = [line for line in known if not line.governorates or governorates & set(line.governorates)]
    return sorted(fitting, key=lambda line: not line.governorates)[:LINES]


def say(wording: Wording, language: str, danger: str, known: Sequence[EmergencyLine], away: str = "") -> str:
    """The answer to a danger, with its lines where there are any, and (`away`) when staff are back.

    Where that makes it too long, the second line gives way to it, and it to the first line.
    """
    for lines in (known, known[:1]) if away else ():
        text = _said(wording, language, danger, lines, away)
        if parts(text) <= MOST_PARTS:
            return text
    return _said(wording, language, danger, known)


def _said(wording: Wording, language: str, danger: str, known: Sequence[EmergencyLine], note: str = "") -> str:
    text = f"{wording.say(f'utter_{danger}', language)} {note}".rstrip()
    if not known:
        return text
    numbers = "\n".join(
        wording.say("utter_emergency_line", language, number=_readable(line.number, language), name=line.name[language])
        for line in known
    )
    return f"{text}\n{wording.say('utter_emergency_call', language, lines=numbers)}"


def _readable(number: str, language: str) -> str:
    """A number whose + stays in front of it where the text runs from right to left."""
    return LEFT_TO_RIGHT + number if language == "ar" and number.startswith("+") else number
