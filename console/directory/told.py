"""A published service as who checks it sees it: its fields, its hours in words, and what the bot says of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from directory import card, search
from directory.confirming import Shown
from directory.opening import RAMADAN, Rule, describe, read_rules
from directory.results import Page
from infrastructure.local_time import BAGHDAD, day_in_iraq
from infrastructure.resources import Resources
from infrastructure.wording import Wording


@dataclass(frozen=True)
class Told:
    """A service in one language; hours and answers by location."""

    shown: Shown
    hours: Mapping[UUID, Sequence[str]]
    answers: Mapping[UUID, str]


async def told(session: AsyncSession, resources: Resources, shown: Shown, language: str) -> Told:
    """What people are told of a published service."""
    wording = resources.wording
    found = await search.of_service(session, shown.service.id, demo=resources.settings.demo, today=day_in_iraq())
    pages = {one.location_id: Page((one,), 1, 0, tuple(shown.service.needs), None, one.place_name) for one in found}
    return Told(
        shown=shown,
        hours={
            at.location_id: _hours(read_rules([hours.document() for hours in at.schedules]), language, wording)
            for at, _, _ in shown.places
        },
        answers={
            location_id: card.answer(page, language, budget_parts=None, wording=wording)
            for location_id, page in pages.items()
        },
    )


def _hours(rules: Sequence[Rule], language: str, wording: Wording) -> list[str]:
    """What holds now, what holds in most weeks, and in the coming Ramadan: each once."""
    regular = [rule for rule in rules if rule.kind == "regular"]
    said = [describe(rules, language, wording), describe(regular, language, wording)]
    ramadan = next((first for first, last in RAMADAN.values() if last >= day_in_iraq()), None)
    if ramadan:
        without_closures = [rule for rule in rules if rule.kind != "closed"]
        noon = datetime.combine(ramadan, time(12), BAGHDAD)
        said.append(describe(without_closures, language, wording, at=noon))
    return list(dict.fromkeys(filter(None, said)))
