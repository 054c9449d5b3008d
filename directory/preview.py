"""How the bot will say what is being written, before it is published."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from directory import card, records
from directory.finding import documents
from directory.listings import listing
from directory.models import Place
from directory.opening import read_those_that_read
from directory.records import Article, At, Location, Organization, Record, Service
from directory.results import Page, found
from infrastructure.local_time import BAGHDAD
from infrastructure.segments import parts
from infrastructure.wording import Wording

LANGUAGES = ("ar", "en")
# The first answer's budget by SMS (DESIGN.md).
BUDGET_PARTS = 3


class Said(NamedTuple):
    """A text as people read it, and how many SMS parts it takes."""

    text: str
    parts: int


async def said(session: AsyncSession, made: Sequence[Record], wording: Wording, today: date) -> dict[str, Said]:
    """What the bot says of the last of these records, by language; the others are parts that come with it.

    Empty for a record of which nothing is said by itself, or not yet: a service without its organization, a location or
    a need, or a text that is missing in the language.
    """
    record = made[-1]
    if isinstance(record, Article):
        texts = {language: text for language, text in record.answer.spoken().items() if language in LANGUAGES}
        return {language: Said(text, parts(text)) for language, text in texts.items()}
    if not isinstance(record, Service):
        return {}
    page = await _page(session, record, {one.id: one for one in made[:-1]}, today)
    return _answers(page, record, wording) if page else {}


def _answers(page: Page, service: Service, wording: Wording) -> dict[str, Said]:
    complete = [
        language for language in LANGUAGES if getattr(service.name, language) and getattr(service.summary, language)
    ]
    answers = {}
    for language in complete:
        if all(language in (one.address or {language: ""}) for one in page.results):
            text = card.answer(page, language, budget_parts=BUDGET_PARTS, wording=wording)
            answers[language] = Said(text, parts(text))
    return answers


def _with_hours_that_read(at: At) -> At:
    """The location's part of the service without hours that are only half written."""
    return at.model_copy(
        update={"schedules": [hours for hours in at.schedules if read_those_that_read([hours.document()])]}
    )


async def _page(session: AsyncSession, service: Service, new: Mapping[UUID, Record], today: date) -> Page | None:
    """A search's page with this service alone, at the first of its locations that is known."""
    wanted = [one for one in (service.organization_id, *(at.location_id for at in service.at)) if one]
    known: dict[UUID, Record] = dict(new)
    for identity, document in (await documents(session, [one for one in wanted if one not in new])).items():
        kind = "organization" if identity == service.organization_id else "location"
        known[identity] = records.read(kind, dict(document))
    organization = known.get(service.organization_id) if service.organization_id else None
    for at in service.at:
        location = known.get(at.location_id)
        if isinstance(organization, Organization) and isinstance(location, Location) and service.needs:
            places = {place.code: place for place in await session.scalars(select(Place))}
            # What nobody assured yet is never said: shown is how it will be said once somebody did.
            assured = service.model_copy(update={"assured_date": service.assured_date or today})
            if place := places.get(location.place):
                now = datetime.now(BAGHDAD)
                row = listing(assured, organization, _with_hours_that_read(at), location, places, now)
                one = replace(found(row, True, today), assured_date=service.assured_date)
                return Page((one,), 1, 0, (service.needs[0],), place.code, place.name)
    return None
