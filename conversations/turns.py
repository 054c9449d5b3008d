"""One message and what follows: language, then the bot, then what to say; and what to do when the bot can't."""

import json
import logging
import uuid
from typing import Any

from procrastinate import JobContext
from sqlalchemy.ext.asyncio import AsyncSession

from conversations import handover, language, outbox
from conversations.assistant import (
    Assistant,
    AssistantFailed,
    AssistantUnavailable,
    Question,
    Reply,
    Understood,
)
from conversations.models import Conversation, Message, Turn
from infrastructure import events, queue
from infrastructure.resources import Resources
from infrastructure.wording import Wording

logger = logging.getLogger(__name__)

# While Rasa or the action endpoint is down we go on trying: the answer comes late, but it comes, and in order.
RETRIES = queue.Backoff(longest=15)
# A hiccup shorter than this many tries (2 + 4 s) passes unnoticed; after it we say so, once.
TRIES_BEFORE_APOLOGY = 2


@queue.app.task(name="take_turn", retry=RETRIES, pass_context=True)
async def take_turn(context: JobContext, message_id: str) -> None:
    """Answer one inbound message. Safe to run again: what was answered stays answered."""
    resources: Resources = context.additional_context["resources"]
    assistant: Assistant = context.additional_context["assistant"]
    async with resources.sessions() as session:
        message, conversation, turn = await _begin(session, uuid.UUID(message_id))
        if turn.outcome != "waiting":
            return
        await events.publish(resources.redis, "conversation_changed", conversation=str(conversation.id))
        try:
            replies, understood = await _answer(assistant, message, conversation, resources.wording)
        except AssistantFailed as failure:
            logger.warning("turn %s: %s", message.id, failure)
            patient = context.job.attempts < TRIES_BEFORE_APOLOGY
            if not patient:
                await _apologise(session, conversation, turn, resources.wording)
            if patient or isinstance(failure, AssistantUnavailable):
                await session.commit()
                raise
            turn.outcome = "failed"
        else:
            await _record(session, message, conversation, turn, replies, understood)
        await session.commit()
    await events.publish(resources.redis, "conversation_changed", conversation=str(conversation.id))


async def _begin(session: AsyncSession, message_id: uuid.UUID) -> tuple[Message, Conversation, Turn]:
    """The message, its conversation with the language to answer in, and its turn. Commits, so that nothing is held
    while the bot thinks."""
    message = await session.get_one(Message, message_id)
    conversation = await session.get_one(Conversation, message.conversation_id)
    turn = await session.get(Turn, message_id)
    if turn is None:
        found = language.detect(message.text)
        conversation.language = language.for_answer(conversation.language, message.text)
        turn = Turn(
            message_id=message_id,
            outcome="waiting",
            language=found.language if found else conversation.language,
            script=found.script if found else None,
            entities={},
            apologised=False,
        )
        session.add(turn)
        await session.commit()
    return message, conversation, turn


async def _answer(
    assistant: Assistant, message: Message, conversation: Conversation, wording: Wording
) -> tuple[list[Reply], Understood | None]:
    spoken = conversation.language or language.DEFAULT
    location: dict[str, Any] | None = json.loads(message.location) if message.location else None
    replies: list[Reply] = []
    understood = None
    if message.text.strip() or location:
        question = Question(str(conversation.id), str(message.id), message.channel, spoken, message.text, location)
        replies, understood = await assistant.answer(question)
    elif not message.media:
        replies = [Reply(wording.say("utter_empty_message", spoken))]
    if message.media:
        replies.append(Reply(wording.say("utter_media_received", spoken)))
    return replies, understood


async def _record(
    session: AsyncSession,
    message: Message,
    conversation: Conversation,
    turn: Turn,
    replies: list[Reply],
    understood: Understood | None,
) -> None:
    turn.outcome = "answered"
    if understood:
        turn.intent, turn.confidence = understood.intent, understood.confidence
        turn.entities = understood.entities
    if message.media:
        await handover.request(session, conversation.id, "media")
    await session.refresh(conversation)  # an action may have changed the language meanwhile
    await outbox.say(session, conversation, replies, author="bot")


async def _apologise(session: AsyncSession, conversation: Conversation, turn: Turn, wording: Wording) -> None:
    """Say once that something is wrong on our side, and put the conversation where a person sees it."""
    await handover.request(session, conversation.id, "failure")
    if not turn.apologised:
        turn.apologised = True
        text = wording.say("utter_bot_failed", conversation.language or language.DEFAULT)
        await outbox.say(session, conversation, [Reply(text)], author="system")
