"""What somebody is shown before anything leaves: their wish, and who would see what of it.

A consent is informed and specific: it names who receives, and exactly what. It is free: no changes nothing. It can be
taken back (IOM data protection principles; the consent is kept as shown, `models.Consent`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from directory.models import Entry
from directory.places import place_name
from infrastructure.segments import parts
from infrastructure.wording import Wording
from referrals import wishes
from referrals.wishes import Wish

MOST_PARTS = 3
# What a question after a summary may take besides: "1 right, 2 change".
QUESTION = 25
COMMA = {"ar": "، ", "en": ", "}
# How much of an organization's name is shown, and how much of somebody's words and their name: as much as fits.
ORGANIZATION_LENGTHS = (200, 60, 40, 25)
SUMMARY_LENGTHS = ((120, 40), (80, 40), (40, 40), (20, 40), (0, 40), (0, 15))


class NotOffered(Exception):
    """Nobody can be referred to this service (any more): it isn't published, or who offers it isn't."""


@dataclass(frozen=True)
class Recipient:
    """The organization that a referral goes to, as it is called now."""

    organization_id: UUID
    name: dict[str, str]


async def recipient(session: AsyncSession, service_id: UUID | None) -> Recipient | None:
    """Who besides our caseworkers receives a referral; None where no service is chosen. NotOffered."""
    if service_id is None:
        return None
    service = await _published(session, service_id, "service")
    organization_id = UUID((service.document or {})["organization_id"])
    organization = await _published(session, organization_id, "organization")
    name: dict[str, str] = (organization.document or {})["name"]
    return Recipient(organization_id, {"ar": name["ar"], "en": name["en"]})


async def _published(session: AsyncSession, entry_id: UUID, kind: str) -> Entry:
    entry = await session.get(Entry, entry_id)
    if entry is None or entry.kind != kind or entry.status != "published":
        raise NotOffered
    return entry


def summary(wording: Wording, language: str, wish: Wish) -> str:
    """What somebody asked for, to be looked over; a question of QUESTION characters fits behind it. NeedsAPerson."""
    kept = wishes.kept(wish)
    for words, name in SUMMARY_LENGTHS:
        lines = "\n".join(_lines(wording, language, kept, words, name))
        text = wording.say("utter_referral_summary", language, lines=lines)
        if wishes.is_cut(wish):
            text += "\n" + wording.say("utter_referral_words_cut", language, most=wishes.LONGEST_WORDS)
        if parts(text + "x" * QUESTION) <= MOST_PARTS:
            break
    return text


def _lines(wording: Wording, language: str, wish: Wish, words: int, name: int) -> Iterator[str]:
    def say(key: str, **values: str) -> str:
        return wording.say(f"utter_referral_{key}", language, **values)

    yield say("line_need", need=wording.say(f"utter_need_{wish.need}", language))
    if wish.place:
        yield say("line_place", place=place_name(wish.place, language))
    yield say("line_reach", how=say(f"how_{wish.how}"), when=say(f"when_{wish.when}"))
    if wish.number:
        yield say("line_number", number=wish.number)
    if wish.name:
        yield say("line_name", name=_cut(wish.name, name))
    if wish.words and words:
        yield say("line_words", words=_cut(" ".join(wish.words.split()), words))


async def consent_text(session: AsyncSession, wording: Wording, language: str, wish: Wish) -> str:
    """The question whether this wish may be passed on, with its two answers: "1 yes 2 no". NeedsAPerson, NotOffered."""
    return consent_to(await recipient(session, wish.service_id), wording, language, wishes.kept(wish))


def consent_to(receiver: Recipient | None, wording: Wording, language: str, wish: Wish) -> str:
    """As `consent_text`, for a wish as it is kept. What doesn't fit is left out: values, then a long name's end."""
    for length, with_values in product(ORGANIZATION_LENGTHS, (True, False)):
        items = COMMA[language].join(_items(wording, language, wish, with_values=with_values))
        if receiver:
            name = _cut(receiver.name[language], length)
            text = wording.say("utter_referral_consent_service", language, organization=name, items=items)
        else:
            text = wording.say("utter_referral_consent_ours", language, items=items)
        if parts(text) <= MOST_PARTS:
            break
    return text


def _items(wording: Wording, language: str, wish: Wish, *, with_values: bool) -> Iterator[str]:
    """All that would be seen."""

    def say(key: str, value: str = "") -> str:
        item = wording.say(f"utter_referral_item_{key}", language)
        return f"{item} ({value})" if value and with_values else item

    yield say("need", wording.say(f"utter_need_{wish.need}", language))
    if wish.place:
        yield say("place", place_name(wish.place, language))
    yield say("reach")
    if wish.name:
        yield say("name")
    if wish.words:
        yield say("words")


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 3].rstrip() + "..."
