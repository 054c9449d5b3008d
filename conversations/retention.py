"""How long what people said is kept; infrastructure.retention applies it."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Select, delete, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from conversations.erasure import Holding, erase
from conversations.inbox import one_at_a_time
from conversations.misconduct import MisconductReport
from conversations.models import Address, Conversation, Correction, Message, Person, Turn
from infrastructure import vault
from infrastructure.retention import Rule
from infrastructure.settings import Settings


def rules(settings: Settings, holdings: Sequence[Holding]) -> list[Rule]:
    """What goes first stands first: who is erased has no media or readings left to look for."""
    return [
        _of_people(settings.keep_messages_days, holdings),
        Rule("media", settings.keep_media_days, _media, _without_media),
        Rule("readings", settings.keep_readings_days, _readings, _without_entities),
        Rule("messages", settings.keep_messages_days, _messages, _without_words),
        Rule("misconduct", settings.keep_misconduct_days, _misconduct, _without_reports, batch=50),
    ]


def _of_people(days: int, holdings: Sequence[Holding]) -> Rule:
    return Rule("people", days, partial(_silent, holdings), partial(_erase, holdings, days), batch=20)


def _silent(holdings: Sequence[Holding], before: datetime) -> Select[Any]:
    """Who wrote in none of their conversations since then, and with whom nothing is under way."""
    spoke = select(Address.person_id).join(Conversation).where(Conversation.last_message_at >= before)
    return select(Person.id).where(
        Person.created_at < before,
        Person.id.not_in(spoke),
        *(~holding.under_way for holding in holdings),
    )


async def _erase(holdings: Sequence[Holding], days: int, session: AsyncSession, people: Sequence[uuid.UUID]) -> None:
    """Erase those who are silent still: who writes at this very moment was first, or waits and begins anew."""
    for person_id in people:
        for fingerprint in await session.scalars(select(Address.fingerprint).where(Address.person_id == person_id)):
            await one_at_a_time(session, fingerprint)
        spoke = select(Conversation.id).join(Address).where(Address.person_id == person_id)
        recently = Conversation.last_message_at >= func.now() - timedelta(days)
        if await session.scalar(spoke.where(recently).limit(1)) is None:
            await erase(session, person_id, holdings)


def _media(before: datetime) -> Select[Any]:
    return select(Message.id).where(Message.media.is_not(None), Message.created_at < before)


async def _without_media(session: AsyncSession, messages: Sequence[uuid.UUID]) -> None:
    await session.execute(update(Message).where(Message.id.in_(messages)).values(media=None))


def _readings(before: datetime) -> Select[Any]:
    # As the index says it.
    return select(Turn.message_id).where(text("turn.entities <> '{}'"), Turn.created_at < before)


async def _without_entities(session: AsyncSession, turns: Sequence[uuid.UUID]) -> None:
    await session.execute(update(Turn).where(Turn.message_id.in_(turns)).values(entities={}))


def _messages(before: datetime) -> Select[Any]:
    """Messages of people who still write, unless one is yet to be delivered."""
    # What is sealed is as long as what it says, and a little more.
    has_words = func.octet_length(Message.text) > len(vault.unlocked().seal(""))
    return select(Message.id).where(
        Message.created_at < before,
        Message.status.not_in(("queued", "held", "sending")),
        or_(has_words, Message.media.is_not(None), Message.location.is_not(None)),
    )


async def _without_words(session: AsyncSession, messages: Sequence[uuid.UUID]) -> None:
    """Leave of messages that there was one; what was read in them, by the bot or by staff, is about what is gone."""
    emptied: dict[str, Any] = {"text": "", "media": None, "location": None, "quick_replies": []}
    await session.execute(update(Message).where(Message.id.in_(messages)).values(emptied))
    await session.execute(delete(Turn).where(Turn.message_id.in_(messages)))
    await session.execute(delete(Correction).where(Correction.message_id.in_(messages)))


def _misconduct(before: datetime) -> Select[Any]:
    return select(MisconductReport.id).where(MisconductReport.changed_at < before)


async def _without_reports(session: AsyncSession, reports: Sequence[uuid.UUID]) -> None:
    await session.execute(delete(MisconductReport).where(MisconductReport.id.in_(reports)))
