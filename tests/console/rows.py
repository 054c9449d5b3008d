"""Conversations as the rest of the service would have left them."""

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from conversations.models import Address, Conversation, Message, Person, Turn
from infrastructure import vault


def ago(**parts: float) -> datetime:
    return datetime.now(UTC) - timedelta(**parts)


async def conversation(
    session: AsyncSession, number: str, *texts: str, channel: str = "sms", last: datetime | None = None
) -> Conversation:
    """Somebody's conversation with these texts of theirs."""
    person = Person()
    session.add(person)
    await session.flush()
    address = Address(
        person_id=person.id, channel=channel, value=number, fingerprint=vault.unlocked().fingerprint(number)
    )
    session.add(address)
    await session.flush()
    conversation = Conversation(
        address_id=address.id, channel=channel, language="ar", last_message_at=last or datetime.now(UTC)
    )
    session.add(conversation)
    await session.flush()
    for text in texts:
        await message(session, conversation, text)
    return conversation


async def message(
    session: AsyncSession,
    conversation: Conversation,
    text: str,
    *,
    media: list[dict[str, str]] | None = None,
    location: dict[str, Any] | None = None,
    **columns: Any,
) -> Message:
    """One more message, the person's own unless told otherwise."""
    inbound = {"direction": "inbound", "author": "person", "status": "received", "provider_id": uuid.uuid4().hex}
    stored = Message(
        conversation_id=conversation.id,
        channel=conversation.channel,
        text=text,
        media=json.dumps(media) if media else None,
        location=json.dumps(location) if location else None,
        **inbound | columns,
    )
    session.add(stored)
    await session.flush()
    return stored


async def turn(session: AsyncSession, message: Message, intent: str | None = "find_service", **columns: Any) -> Turn:
    """What became of a message; understood without doubt unless told otherwise."""
    plain = {"outcome": "answered", "language": "ar", "script": "Arab", "confidence": 0.9, "sure": True, "entities": {}}
    made = Turn(message_id=message.id, intent=intent, **plain | columns)
    session.add(made)
    await session.flush()
    return made
