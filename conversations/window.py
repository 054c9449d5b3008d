"""WhatsApp's window: free text reaches somebody only within 24 hours of the last thing they wrote there.

https://www.twilio.com/docs/whatsapp/key-concepts#conversational-messaging-on-whatsapp
"""

import uuid
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from conversations.models import Conversation, Message

HOURS = 24


async def is_open(session: AsyncSession, conversation: Conversation) -> bool:
    """Whether free text may be sent in a conversation now."""
    if conversation.channel != "whatsapp":
        return True
    last = await last_written(session, conversation.id)
    return last is not None and last > datetime.now(UTC) - timedelta(hours=HOURS)


async def is_asked_to_write(session: AsyncSession, conversation_id: uuid.UUID) -> bool:
    """Whether the person got the template since they wrote last: it is sent once."""
    last = await last_written(session, conversation_id)
    asked = select(Message.id).where(Message.conversation_id == conversation_id, Message.kind == "template")
    if last is not None:
        asked = asked.where(Message.created_at > last)
    return await session.scalar(asked.limit(1)) is not None


async def last_written(session: AsyncSession, conversation_id: uuid.UUID) -> datetime | None:
    """When the person wrote last in a conversation."""
    return await session.scalar(
        select(func.max(Message.created_at)).where(
            Message.conversation_id == conversation_id, Message.direction == "inbound"
        )
    )
