"""What somebody asks about a service they were just told of: its hours, its phone, what to bring."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from directory.card import LEFT_TO_RIGHT
from directory.hours import COMMA
from directory.models import Entry, Listing
from directory.opening import describe
from directory.records import Service, Words
from directory.results import Found, found
from directory.search import shown
from infrastructure.wording import Wording

# taxonomy.yml's aspects as pieces of a service; the others ("how long", "lost") a service has nothing to say of.
ASPECTS = ("hours", "phone", "where", "cost", "eligibility", "requirements", "steps")


@dataclass(frozen=True)
class Known:
    """A published service at a location: what a search shows of it, and its whole document."""

    found: Found
    service: Service


async def known(session: AsyncSession, service_id: UUID, location_id: UUID, *, today: date, demo: bool) -> Known | None:
    """A service as people may be told of it today; None when it no longer is."""
    row = await session.execute(
        select(Listing, Entry.document)
        .join(Entry, Entry.id == Listing.service_id)
        .where(Listing.service_id == service_id, Listing.location_id == location_id, *shown(demo, today))
    )
    if (one := row.one_or_none()) is None:
        return None
    listing, document = one
    return Known(found(listing, demo, today), Service.model_validate(document))


def detail(one: Known, aspects: Sequence[str], language: str, wording: Wording) -> str:
    """The service's name, and what is known of these aspects; what isn't known is said too."""
    name = one.found.service_name[language]
    if one.found.is_demo:
        name = f"{name} ({wording.say('utter_card_demo', language)})"
    said = [name, one.found.alert.get(language, "")]
    for aspect in aspects:
        label = wording.say(f"utter_piece_{aspect}", language)
        text = _SAID[aspect](one, language, wording) or wording.say("utter_detail_not_known", language)
        said.append(f"{label}: {text}")
    return "\n".join(filter(None, said))


def _hours(one: Known, language: str, wording: Wording) -> str:
    return describe(one.found.schedules, language, wording)


def _phone(one: Known, language: str, wording: Wording) -> str:
    number = one.found.phone or ""
    return LEFT_TO_RIGHT + number if language == "ar" and number.startswith("+") else number


def _where(one: Known, language: str, wording: Wording) -> str:
    if one.found.address is None:
        return wording.say("utter_card_call_first", language, place=one.found.place_name[language])
    return COMMA[language].join(filter(None, (one.found.place_name[language], one.found.address[language])))


def _cost(one: Known, language: str, wording: Wording) -> str:
    return _in(language, one.service.fees)


def _eligibility(one: Known, language: str, wording: Wording) -> str:
    groups = [wording.say(f"utter_eligible_{code}", language) for code in one.service.eligible]
    return COMMA[language].join(filter(None, (*groups, _in(language, one.service.eligibility))))


def _requirements(one: Known, language: str, wording: Wording) -> str:
    return COMMA[language].join(_in(language, document) for document in one.service.required_documents)


def _steps(one: Known, language: str, wording: Wording) -> str:
    """How to come: by appointment, by referral, by phone, or just so."""
    return wording.say(f"utter_access_{one.service.access}", language)


def _in(language: str, text: Words) -> str:
    return str(getattr(text, language))


_SAID: dict[str, Any] = {
    "hours": _hours,
    "phone": _phone,
    "where": _where,
    "cost": _cost,
    "eligibility": _eligibility,
    "requirements": _requirements,
    "steps": _steps,
}
