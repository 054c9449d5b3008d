"""What we say: stored with the decision to say it, then delivered in order, never lost and never doubled.

queued -> sending -> sent -> delivered -> read        a status only moves forward (callbacks come late and twice)
       `-> failed                                     final
queued -> withheld                                    final: the person said stop (conversations.opt_out)
queued -> held -> queued                              until the person writes again (conversations.window)
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

from conversations import handover, language, opt_out, window
from conversations.assistant import Reply
from conversations.models import STATUSES, Address, Conversation, Message
from infrastructure import events, queue
from infrastructure.failures import told
from infrastructure.resources import Resources

logger = logging.getLogger(__name__)

# About a day (2, 4, 8 ... then every 600 s): an outage of a provider must not eat an answer.
TRIES = 150
# What providers refuse with: the person told them, not us, to stop; WhatsApp's window closed on the way.
# https://www.twilio.com/docs/api/errors/21610 and /63016
OPTED_OUT, OUTSIDE_WINDOW = 21610, 63016


@dataclass(frozen=True)
class Outgoing:
    """One message for a provider to send."""

    id: str  # ours; the provider's callbacks carry it back
    channel: str
    to: str
    text: str
    quick_replies: Sequence[str]
    # The language of the approved template to send, which says the text; None: the text itself.
    template: str | None = None


class Provider(Protocol):
    """The sending half of a channel."""

    async def send(self, message: Outgoing) -> str:
        """Hand a message over; returns the provider's id, raises Refused or NotReached."""

    async def find(self, message: Outgoing, since: datetime) -> list[str]:
        """Ids of messages equal to this one that the provider took since then; raises NotReached."""

    def has_template(self, language: str) -> bool:
        """Whether there is an approved template that asks somebody to write again."""


class NotReached(Exception):
    """The provider did not answer, or not clearly: it may or may not have taken the message. Look, then try again."""


class Refused(Exception):
    """The provider took note and said no; sending the same again would not help."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


async def say(
    session: AsyncSession,
    conversation: Conversation,
    replies: Sequence[Reply],
    author: str,
    asked_at: datetime | None = None,
    kind: str = "text",
) -> list[uuid.UUID]:
    """Store texts to send and the jobs that send them, in the caller's transaction.

    `asked_at` is when the person wrote what they answer. Without it they are notices, which nobody gets who said stop.
    """
    messages = (
        Message(text=one.text, quick_replies=one.quick_replies, author=author, asked_at=asked_at, kind=kind)
        for one in replies
    )
    return [await enqueue(session, conversation, message) for message in messages]


async def enqueue(session: AsyncSession, conversation: Conversation, message: Message) -> uuid.UUID:
    """Store one message of ours with the job that sends it, in the caller's transaction; returns its id."""
    message.conversation_id, message.channel = conversation.id, conversation.channel
    message.direction, message.status = "outbound", "queued"
    session.add(message)
    await session.flush()
    await _defer(session, message)
    return message.id


async def send_held(session: AsyncSession, conversation_id: uuid.UUID) -> None:
    """Send what waited for the person to write again, in the order in which it was said. The caller commits."""
    held = select(Message).where(Message.conversation_id == conversation_id, Message.status == "held")
    for message in await session.scalars(held.order_by(Message.position).with_for_update()):
        message.status = "queued"
        await _defer(session, message)


async def _defer(session: AsyncSession, message: Message) -> None:
    # Its own lock: a provider's outage must not keep the next message from being read.
    await queue.defer(session, deliver, lock=delivery_lock(message.conversation_id), message_id=str(message.id))


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
            await _hand_over(session, resources, provider, outgoing, message)
        except Refused as refusal:
            logger.warning("message %s was refused (%s)", message.id, refusal.code)
            await _refused(session, resources, provider, message, refusal.code)
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


async def _refused(
    session: AsyncSession, resources: Resources, provider: Provider, message: Message, code: int
) -> None:
    """A provider's no: final, unless it only means that the person must write first."""
    if code == OUTSIDE_WINDOW and message.kind != "template":
        await _hold(session, resources, provider, message)
        return
    message.status, message.error_code = "failed", code
    if code == OPTED_OUT:
        await opt_out.record(session, message.conversation_id, told_by="provider")
    elif message.kind == "template":
        await handover.request(session, message.conversation_id, "window")


async def _hold(session: AsyncSession, resources: Resources, provider: Provider, message: Message) -> None:
    """Keep a message until the person writes again; ask them to, once, or where nothing can ask, call a colleague."""
    message.status, message.attempted_at = "held", None
    conversation = await session.get_one(Conversation, message.conversation_id)
    if await window.is_asked_to_write(session, conversation.id):
        return
    spoken = conversation.language or language.DEFAULT
    if not provider.has_template(spoken):
        await handover.request(session, conversation.id, "window")
        return
    text = resources.wording.say("utter_write_again", spoken)
    template = Message(text=text, quick_replies=[], author="system", asked_at=message.asked_at, kind="template")
    await enqueue(session, conversation, template)


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
    if changed and code == OPTED_OUT:
        await opt_out.record(session, message.conversation_id, told_by="provider")
    if changed and code == OUTSIDE_WINDOW:
        await handover.request(session, message.conversation_id, "window")
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
        select(Message, Conversation.language, Address.value)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .join(Address, Address.id == Conversation.address_id)
        .where(Message.id == message_id)
    )
    message, spoken, to = row.one_or_none() or (None, None, None)
    if message is None or to is None:
        return None
    template = (spoken or language.DEFAULT) if message.kind == "template" else None
    return message, Outgoing(str(message.id), message.channel, to, message.text, message.quick_replies, template)


async def _hand_over(
    session: AsyncSession, resources: Resources, provider: Provider, outgoing: Outgoing, message: Message
) -> None:
    """Send a message, unless the provider has it already, or it may not go out now."""
    if message.attempted_at is not None:
        message.provider_id = await _found_there(session, provider, outgoing, message)
    if message.provider_id:
        return
    if await opt_out.silences(session, message):
        message.status = "withheld"
        return
    conversation = await session.get_one(Conversation, message.conversation_id)
    if message.kind != "template" and not await window.is_open(session, conversation):
        await _hold(session, resources, provider, message)
        return
    # Committed before the request: whoever comes after a crash knows that a try was made, and when.
    message.status, message.attempted_at = "sending", datetime.now(UTC)
    await session.commit()
    message.provider_id = await provider.send(outgoing)


async def _found_there(session: AsyncSession, provider: Provider, outgoing: Outgoing, message: Message) -> str | None:
    """The provider's id of this message, if a try whose end is unknown reached it."""
    assert message.attempted_at is not None
    there = await provider.find(outgoing, message.attempted_at)
    await session.refresh(message)
    if message.provider_id:  # a callback told it meanwhile
        return message.provider_id
    for provider_id in there:
        ours = select(Message.id).where(Message.channel == message.channel, Message.provider_id == provider_id)
        if not await session.scalar(ours):
            return provider_id
    return None
