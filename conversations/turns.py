"""One message and what follows: language, a wish to stop or start, who holds the conversation, then the bot, then what
to say; and what to do when the bot can't.
"""

import json
import logging
import uuid
from datetime import timedelta
from typing import Any

from procrastinate import JobContext
from redis.exceptions import RedisError
from sqlalchemy import func, select, update
from sqlalchemy.exc import InterfaceError, OperationalError

from conversations import danger, handover, language, misconduct, outbox, precedence, screening
from conversations.assistant import Assistant, AssistantUnavailable, Question, Reply, Understood
from conversations.models import Conversation, Message, Turn
from conversations.urgent import Answer, answered_danger, answered_report, more_of_a_report
from infrastructure import events, queue
from infrastructure.failures import told
from infrastructure.resources import Resources

logger = logging.getLogger(__name__)

# A hiccup shorter than this many tries (2 + 4 s) passes unnoticed; after it we say so, once.
TRIES_BEFORE_APOLOGY = 2
# What passes by itself: then we go on trying, so that the answer comes late, but comes, and in order.
PASSING = (AssistantUnavailable, OperationalError, InterfaceError, RedisError, OSError)
NOT_FOR_US = "out_of_scope"
# Nobody writes that much in five minutes; another machine that answers us does, and would go on for ever.
FLOOD, FLOOD_MINUTES = 40, 5


@queue.app.task(name="take_turn", retry=queue.Backoff(longest=15), pass_context=True)
async def take_turn(context: JobContext, message_id: str) -> None:
    """Answer one inbound message. Safe to run again: what was answered stays answered."""
    resources: Resources = context.additional_context["resources"]
    assistant: Assistant = context.additional_context["assistant"]
    begun = await _begin(resources, uuid.UUID(message_id))
    if begun is None:  # erased meanwhile
        return
    message, conversation, turn = begun
    if turn.outcome != "waiting":
        return
    await _tell(resources, conversation)
    if await precedence.is_settled(resources, message, await _danger_to_staff(resources, assistant, message)):
        await _tell(resources, conversation)
        return
    try:
        answer = await _answer(resources, assistant, message, conversation)
        await _settle(resources, message, "answered", answer)
    except Exception as failure:
        logger.warning("turn %s, try %s: %s", message_id, context.job.attempts + 1, told(failure))
        if context.job.attempts < TRIES_BEFORE_APOLOGY:
            raise
        if isinstance(failure, PASSING):
            await _apologise(resources, message)
            await _tell(resources, conversation)
            raise
        # Trying again would not help, and what comes behind it in this conversation must not wait for ever.
        await _apologise(resources, message)
        await _settle(resources, message, "failed", Answer([]))
    await _tell(resources, conversation)


async def _begin(resources: Resources, message_id: uuid.UUID) -> tuple[Message, Conversation, Turn] | None:
    """The message, its conversation with the language to answer in, and its turn; nothing is held afterwards.

    None when the message is gone.
    """
    async with resources.sessions() as session:
        message = await session.get(Message, message_id)
        if message is None:
            return None
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


async def _danger_to_staff(resources: Resources, assistant: Assistant, message: Message) -> Understood | None:
    """The danger in a message that a colleague answers, by the screen or else by a model that keeps nothing of it."""
    async with resources.sessions() as session:
        if not await handover.holder(session, message.conversation_id):
            return None
    if screened := screening.screen(message.text):
        return Understood(screened, 1.0, True, {})
    seen = await assistant.glance(message.text) if message.text.strip() else None
    return seen if seen and danger.is_danger(seen.intent) else None


async def _answer(resources: Resources, assistant: Assistant, message: Message, conversation: Conversation) -> Answer:
    spoken = conversation.language or language.DEFAULT
    screened = screening.screen(message.text)
    if flood := await _flood(resources, message):
        # Said once, when the bound is crossed; what comes after it is kept for staff, in silence.
        said = [Reply(resources.wording.say("utter_too_many", spoken))] if flood == FLOOD + 1 else []
        return Answer(said, handover="danger" if screened else "flood")
    # Danger outranks the rest: a language we don't write, a picture, and a Rasa that is down.
    if screened:
        besides = await assistant.glance(message.text)
        await assistant.set_aside(str(conversation.id))
        if besides and misconduct.is_report(besides):
            return await answered_report(resources, spoken, besides, screened)
        return await answered_danger(resources, spoken, Understood(screened, 1.0, True, {}))
    if more := await more_of_a_report(resources, assistant, spoken, message):
        return more
    location: dict[str, Any] | None = json.loads(message.location) if message.location else None
    answer = Answer([])
    if message.text.strip() or location:
        await _resume(resources, assistant, conversation, spoken)
        answer.replies, answer.understood = await assistant.answer(
            Question(str(conversation.id), str(message.id), message.channel, spoken, message.text, location)
        )
        if danger.is_danger(answer.understood.intent):
            return await answered_danger(resources, spoken, answer.understood)
        if misconduct.is_report(answer.understood):
            return await answered_report(resources, spoken, answer.understood)
        if foreign := await _foreign(resources, message):
            note = Reply(resources.wording.say(f"utter_language_{foreign}", spoken))
            # What isn't clear, or isn't for us, needs no second text: a person reads it.
            is_answered = answer.understood.sure and answer.understood.intent != NOT_FOR_US
            answer.replies = [note, *answer.replies] if is_answered else [note]
            answer.handover = "language"
    elif not message.media:
        answer.replies = [Reply(resources.wording.say("utter_empty_message", spoken))]
    if message.media:
        answer.replies.append(Reply(resources.wording.say("utter_media_received", spoken)))
        answer.handover = "media"
    return answer


async def _resume(resources: Resources, assistant: Assistant, conversation: Conversation, spoken: str) -> None:
    """After staff handed a conversation back, the bot's first turn begins at a known place."""
    if not conversation.starts_afresh:
        return
    await assistant.resume(str(conversation.id), spoken)
    async with resources.sessions() as session:
        (await handover.lock(session, conversation.id)).starts_afresh = False
        await session.commit()


async def _foreign(resources: Resources, message: Message) -> str | None:
    """The language of a text that surely isn't one we write, unless a person has been called already."""
    found = language.detect(message.text)
    if found is None or not found.sure or found.language in language.ANSWERED:
        return None
    async with resources.sessions() as session:
        called = await handover.open_period(session, message.conversation_id)
    return None if called else found.language


async def _flood(resources: Resources, message: Message) -> int:
    """How many messages came within the last minutes up to this one, if that is too many; 0 otherwise."""
    since = message.created_at - timedelta(minutes=FLOOD_MINUTES)
    query = select(func.count()).where(
        Message.conversation_id == message.conversation_id,
        Message.direction == "inbound",
        Message.position <= message.position,
        Message.created_at > since,
    )
    async with resources.sessions() as session:
        received = await session.scalar(query) or 0
    return received if received > FLOOD else 0


async def _settle(resources: Resources, message: Message, outcome: str, answer: Answer) -> None:
    """Store the outcome with what is said. If the same turn was settled meanwhile, by another worker, say nothing.

    Nor if a colleague took the conversation over meanwhile: then what was to be said is dropped.
    """
    async with resources.sessions() as session:
        conversation = await handover.lock(session, message.conversation_id)
        if answer.report:
            # Whoever has the conversation in hand: it may be about them.
            await misconduct.take(session, message.id, answer.report)
        if await handover.holder(session, conversation.id):
            await precedence.leave_to_staff(session, message, answer.understood)
        elif await precedence.close_turn(session, message.id, outcome, answer.understood):
            if answer.handover:
                await handover.request(session, conversation.id, answer.handover)
            await outbox.say(session, conversation, answer.replies, "bot", message.created_at, answer.kind)
        await session.commit()


async def _apologise(resources: Resources, message: Message) -> None:
    """Say once that something is wrong on our side, and put the conversation where a person sees it."""
    async with resources.sessions() as session:
        conversation = await handover.lock(session, message.conversation_id)
        if await handover.holder(session, conversation.id):
            return
        await handover.request(session, conversation.id, "failure")
        first = await session.execute(
            update(Turn)
            .where(Turn.message_id == message.id, ~Turn.apologised)
            .values(apologised=True)
            .returning(Turn.message_id)
        )
        if first.scalar() is not None:
            text = resources.wording.say("utter_bot_failed", conversation.language or language.DEFAULT)
            await outbox.say(session, conversation, [Reply(text)], author="system", asked_at=message.created_at)
        await session.commit()


async def _tell(resources: Resources, conversation: Conversation) -> None:
    await events.publish(resources.redis, "conversation_changed", conversation=str(conversation.id))
