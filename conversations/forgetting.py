"""Rasa's memory of a conversation, let go: the one thing said in it that is not in our database."""

import logging
import uuid

from procrastinate import JobContext
from sqlalchemy.ext.asyncio import AsyncSession

from conversations.assistant import Assistant
from infrastructure import queue

logger = logging.getLogger(__name__)


async def let_rasa_forget(session: AsyncSession, conversation_id: uuid.UUID) -> None:
    """Have it forgotten once the caller's transaction stands: behind the turns that wait, before any later one."""
    identity = str(conversation_id)
    await queue.defer(session, forget, lock=identity, conversation_id=identity)


@queue.app.task(name="forget", retry=queue.Backoff(longest=600), pass_context=True)
async def forget(context: JobContext, conversation_id: str) -> None:
    """Tried until Rasa says that it is done."""
    assistant: Assistant = context.additional_context["assistant"]
    await assistant.forget(conversation_id)
