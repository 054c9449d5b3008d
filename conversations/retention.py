"""How long what people said is kept; infrastructure.retention applies it."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Select, delete, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from conversations.erasure import Holding, erase
from conversations.misconduct import MisconductReport
from conversations.models import Address, Conversation, Message, Person, Turn
from infrastructure.retention import Rule
from infrastructure.settings import Settings


def rules(settings: Settings, holdings: Sequence[Holding]) -> list[Rule]:
    """What goes first stands first: who is erased has no media or readings left to look for."""
    return [
        Rule("people", settings.keep_messages_days, partial(_silent, holdings), partial(_erase, holdings), batch=20),
        Rule("media", settings.keep_media_days, _media, _without_media),
        Rule("readings", settings.keep_readings_days, _readings, _without_entities),
        Rule("misconduct", settings.keep_misconduct_days, _misconduct, _without_reports, batch=50),
    ]


def _silent(holdings: Sequence[Holding], before: datetime) -> Select[Any]:
    """Who wrote in none of their conversations since then, and with whom nothing is under way."""
    spoke = select(Address.person_id).join(Conversation).where(Conversation.last_message_at >= before)
    return select(Person.id).where(
        Person.created_at < before,
        Person.id.not_in(spoke),
        *(~holding.under_way for holding in holdings),
    )


async def _erase(holdings: Sequence[Holding], session: AsyncSession, people: Sequence[uuid.UUID]) -> None:
    for person_id in people:
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


def _misconduct(before: datetime) -> Select[Any]:
    return select(MisconductReport.id).where(MisconductReport.changed_at < before)


async def _without_reports(session: AsyncSession, reports: Sequence[uuid.UUID]) -> None:
    await session.execute(delete(MisconductReport).where(MisconductReport.id.in_(reports)))
