"""What we say: stored with the decision to say it, then delivered in order, never lost and never doubled.

queued -> sending -> sent -> delivered -> read        a status only moves forward (callbacks come late and twice)
       `-> failed                                     final
"""

import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from procrastinate import JobContext
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from conversations import handover
from conversations.assistant import Reply
from conversations.models import STATUSES, Address, Conversation, Message
from infrastructure import events, queue
from infrastructure.failures import told
from infrastructure.resources import Resources

logger = logging.getLogger(__name__)

# About a day (2, 4, 8 ... then every 600 s): an outage of a provider must not eat an answer.
TRIES = 150


@dataclass(frozen=True)
class Outgoing:
    """One message for a provider to send."""

    id: str  # ours; the provider's callbacks carry it back
    channel: str
    to: str
    text: str
    quick_replies: Sequence[str]


class Provider(Protocol):
    """The sending half of a channel."""

    async def send(self, message: Outgoing) -> str:
        """Hand a message over; returns the provider's id, raises Refused or NotReached."""

    async def find(self, message: Outgoing, since: datetime) -> list[str]:
        """Ids of messages equal to this one that the provider took since then; raises NotReached."""


class NotReached(Exception):
    """The provider did not answer, or not clearly: it may or may not have taken the message. Look, then try again."""


class Refused(Exception):
    """The provider took note and said no; sending the same again would not help."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


async def say(
    session: AsyncSession, conversation: Conversation, replies: Sequence[Reply], author: str
) -> list[uuid.UUID]:
    """Store texts to send and the jobs that send them, in the caller's transaction."""
    stored = []
    for reply in replies:
        message = Message(
            conversation_id=conversation.id,
            channel=conversation.channel,
            direction="outbound",
            author=author,
            text=reply.text,
            quick_replies=reply.quick_replies,
            status="queued",
        )
        session.add(message)
        await session.flush()
        await queue.defer(session, deliver, lock=delivery_lock(conversation.id), message_id=str(message.id))
        stored.append(message.id)
    return stored


def delivery_lock(conversation: uuid.UUID | str) -> str:
    """What delivers in order: its own lock, as a provider's outage must not keep the next message from being read."""
    return f"deliver {conversation}"


@queue.app.task(name="deliver", retry=queue.Backoff(longest=600), pass_context=True)
async def deliver(context: JobContext, message_id: str) -> None:
    """Hand one message to its provider. Run again after a crash, it first looks whether the provider has it."""
    resources: Resources = context.additional_context["resources"]
    provider: Provider = context.additional_context["provider"]
    async with resources.sessions() as session:
        found = await _load(session, uuid.UUID(message_id))
        if found is None:  # erased meanwhile
            return
        message, outgoing = found
        if message.status not in ("queued", "sending") or message.provider_id:
            return
        try:
            message.provider_id = await _handed_over(session, provider, outgoing, message)
        except Refused as refusal:
            logger.warning("message %s was refused (%s)", message.id, refusal.code)
            message.status, message.error_code = "failed", refusal.code
        except Exception as failure:
            logger.warning("message %s was not delivered: %s", message_id, told(failure))
            if context.job.attempts < TRIES:
                raise
            await session.rollback()
            await _give_up(session, message_id)
        await session.commit()
        conversation_id = str(message.conversation_id)
    await events.publish(resources.redis, "conversation_changed", conversation=conversation_id)


async def _give_up(session: AsyncSession, message_id: str) -> None:
    """After a day of trying what comes behind must not wait any longer; a person sees to it."""
    message = await session.get_one(Message, uuid.UUID(message_id), populate_existing=True)
    message.status = "failed"
    await handover.request(session, message.conversation_id, "failure")


async def record_status(
    session: AsyncSession, message_id: uuid.UUID | None, provider_id: str, status: str, code: int | None
) -> uuid.UUID | None:
    """Note a provider's word on a message, known by our id or the provider's; returns the conversation when something
    changed. Commits. Early, late, repeated and unordered callbacks are fine: none leads backward.
    """
    known = Message.id == message_id if message_id else Message.provider_id == provider_id
    message = await session.scalar(select(Message).where(known, Message.direction == "outbound").with_for_update())
    if message is None:
        return None
    # May come before the answer to our own request: then it is what tells us the provider's id.
    message.provider_id = message.provider_id or provider_id
    changed = comes_after(status, message.status)
    if changed:
        message.status, message.error_code = status, code
    await session.commit()
    return message.conversation_id if changed else None


def comes_after(new: str, old: str) -> bool:
    """Whether a message may move from the old status to the new one."""
    # A message that reached the phone didn't fail, whatever a late callback says.
    if new == "failed" and old in ("delivered", "read"):
        return False
    return STATUSES.index(new) > STATUSES.index(old)


async def _load(session: AsyncSession, message_id: uuid.UUID) -> tuple[Message, Outgoing] | None:
    row = await session.execute(
        select(Message, Address.value)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .join(Address, Address.id == Conversation.address_id)
        .where(Message.id == message_id)
    )
    message, to = row.one_or_none() or (None, None)
    if message is None or to is None:
        return None
    return message, Outgoing(str(message.id), message.channel, to, message.text, message.quick_replies)


async def _handed_over(session: AsyncSession, provider: Provider, outgoing: Outgoing, message: Message) -> str:
    """The provider's id of this message: sent now, or found there after a try whose end is unknown."""
    if message.attempted_at is not None:
        there = await provider.find(outgoing, message.attempted_at)
        await session.refresh(message)
        if message.provider_id:  # a callback told it meanwhile
            return message.provider_id
        for provider_id in there:
            ours = select(Message.id).where(Message.channel == message.channel, Message.provider_id == provider_id)
            if not await session.scalar(ours):
                return provider_id
    # Committed before the request: whoever comes after a crash knows that a try was made, and when.
    message.status, message.attempted_at = "sending", datetime.now(UTC)
    await session.commit()
    return await provider.send(outgoing)
