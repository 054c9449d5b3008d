"""What staff do in a conversation: take it over, write, hand it back; and what the person is told. Callers commit."""

import uuid
from datetime import UTC, datetime, timedelta

from procrastinate import JobContext
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from conversations import danger, handover, language, outbox, window
from conversations.assistant import Reply
from conversations.handover import Conflict
from conversations.models import DANGERS, Conversation, Message, Turn
from conversations.working_hours import away_note
from infrastructure import audit, events, queue
from infrastructure.local_time import day_in_iraq
from infrastructure.resources import Resources
from infrastructure.wording import Wording

# What providers take at most in one text.
LONGEST = 1600
# How much of a colleague's name people are told.
LONGEST_NAME = 40


class SaidOtherwise(Exception):
    """The form was sent before, with another text: that one went out."""


async def take_over(
    session: AsyncSession,
    wording: Wording,
    conversation_id: uuid.UUID,
    staff_id: uuid.UUID,
    name: str,
    relieving: uuid.UUID | None = None,
) -> None:
    """Take a conversation over, from a colleague only where `relieving` names them; the person is told who is there.

    Conflict when somebody else has it, or nobody any more who could be relieved.
    """
    if not await handover.take_over(session, conversation_id, staff_id, relieving=relieving):
        return
    details = {"relieved": str(relieving)} if relieving else {}
    audit.record(session, staff_id, "conversation.taken_over", conversation_id, **details)
    await _tell(session, wording, conversation_id, "utter_staff_here", name=name[:LONGEST_NAME].strip())


async def reply(
    session: AsyncSession, conversation_id: uuid.UUID, staff_id: uuid.UUID, message_id: uuid.UUID, text: str
) -> None:
    """Send what the holder wrote, once for a `message_id` however often it is sent.

    Conflict from anybody but the holder; SaidOtherwise where the message went out before, in other words.
    """
    conversation = await handover.lock(session, conversation_id)
    sent = await session.scalar(select(Message).where(Message.id == message_id))
    if sent and sent.conversation_id == conversation_id and sent.written_by == staff_id and sent.text == text:
        return
    if await handover.holder(session, conversation_id) != staff_id:
        raise Conflict
    if sent:
        raise SaidOtherwise
    asked_at = await window.last_written(session, conversation_id)
    message = Message(
        id=message_id, text=text, quick_replies=[], author="staff", written_by=staff_id, asked_at=asked_at
    )
    await outbox.enqueue(session, conversation, message)


async def hand_back(
    session: AsyncSession, wording: Wording, conversation_id: uuid.UUID, staff_id: uuid.UUID, outcome: str
) -> None:
    """End a period with an outcome; who had a colleague with them is told that the bot answers again.

    Conflict when a colleague holds it or nobody needs anybody there.
    """
    period = await handover.release(session, conversation_id, staff_id, outcome)
    audit.record(session, staff_id, "conversation.handed_back", conversation_id, outcome=outcome)
    if period.taken_by:
        await _tell(session, wording, conversation_id, "utter_handed_back")


@queue.app.periodic(cron="*/5 * * * *")
@queue.app.task(name="put_back_unanswered", queueing_lock="put_back_unanswered", pass_context=True)
async def put_back_unanswered(context: JobContext, timestamp: int) -> None:
    """Put back on the waiting list where a person waits too long for a word from who took their conversation over."""
    resources: Resources = context.additional_context["resources"]
    overdue = datetime.now(UTC) - timedelta(minutes=resources.settings.staff_reply_minutes)
    async with resources.sessions() as session:
        waiting = await handover.unanswered(session, overdue)
    for conversation_id in waiting:
        async with resources.sessions() as session:
            if not await handover.put_back(session, conversation_id, overdue):
                continue
            if not await _tell_of_danger(session, resources, conversation_id):
                await _tell(session, resources.wording, conversation_id, "utter_put_back")
            await session.commit()
        await events.publish(resources.redis, "conversation_changed", conversation=str(conversation_id))


async def _tell_of_danger(session: AsyncSession, resources: Resources, conversation_id: uuid.UUID) -> bool:
    """Whether a danger was left to who held the conversation; then the person gets its answer now."""
    left = await session.scalar(
        select(Turn.intent)
        .join(Message, Message.id == Turn.message_id)
        .where(Message.conversation_id == conversation_id, Turn.outcome == "held", Turn.intent.in_(DANGERS))
        .order_by(Message.position.desc())
        .limit(1)
    )
    period = await handover.open_period(session, conversation_id)
    if left is None or period is None or period.reason != "danger":
        return False
    conversation = await session.get_one(Conversation, conversation_id)
    spoken = conversation.language or language.DEFAULT
    known = await danger.lines(session, left, [], today=day_in_iraq(), demo=resources.settings.demo)
    text = danger.say(resources.wording, spoken, left, known, away_note(resources, spoken))
    asked_at = await window.last_written(session, conversation_id)
    await outbox.say(session, conversation, [Reply(text)], "system", asked_at=asked_at)
    return True


async def _tell(session: AsyncSession, wording: Wording, conversation_id: uuid.UUID, key: str, **values: str) -> None:
    """Tell the person, as an answer to what they wrote last: who said stop after it isn't told."""
    conversation = await session.get_one(Conversation, conversation_id)
    text = wording.say(key, conversation.language or language.DEFAULT, **values)
    asked_at = await window.last_written(session, conversation_id)
    await outbox.say(session, conversation, [Reply(text)], "system", asked_at=asked_at)
