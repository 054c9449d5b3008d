"""The door: every inbound message is stored once, with the job to answer it, in one transaction."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from sqlalchemy import BigInteger, bindparam, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from conversations.models import Address, Conversation, Message, Person
from conversations.turns import take_turn
from infrastructure import queue, vault


@dataclass(frozen=True)
class Media:
    """A picture, voice note or file: where the provider keeps it and what it is (MIME type)."""

    url: str
    content_type: str


@dataclass(frozen=True)
class Location:
    """A pin somebody sent, in degrees (WGS 84)."""

    latitude: float
    longitude: float
    label: str = ""


@dataclass(frozen=True)
class InboundMessage:
    """What a channel received, free of the provider's own form."""

    channel: str  # sms | whatsapp
    provider_id: str
    sender: str  # a phone number (E.164) or a WhatsApp user id
    text: str
    media: Sequence[Media] = field(default_factory=tuple)
    location: Location | None = None


async def accept(session: AsyncSession, inbound: InboundMessage) -> uuid.UUID | None:
    """Store a message and defer its turn; returns the conversation, or None for one that is stored already.

    Commits. Messages of one address are taken in one at a time, so a hundred replays at once store one.
    """
    known = select(Message.id).where(Message.channel == inbound.channel, Message.provider_id == inbound.provider_id)
    if await session.scalar(known):
        return None
    fingerprint = vault.unlocked().fingerprint(inbound.sender)
    await one_at_a_time(session, fingerprint)
    if await session.scalar(known):
        return None
    conversation = await _conversation(session, inbound, fingerprint)
    message = _message(inbound, conversation.id)
    session.add(message)
    conversation.last_message_at = func.now()
    await session.flush()
    await queue.defer(session, take_turn, lock=str(conversation.id), message_id=str(message.id))
    await session.commit()
    return conversation.id


async def one_at_a_time(session: AsyncSession, fingerprint: bytes) -> None:
    """Wait for this address's lock, which the end of the transaction gives back."""
    key = int.from_bytes(fingerprint[:8], signed=True)
    await session.execute(text("select pg_advisory_xact_lock(:key)").bindparams(bindparam("key", key, BigInteger)))


async def _conversation(session: AsyncSession, inbound: InboundMessage, fingerprint: bytes) -> Conversation:
    known = await session.scalar(
        select(Conversation).join(Address).where(Address.channel == inbound.channel, Address.fingerprint == fingerprint)
    )
    return known or await _first_conversation(session, inbound, fingerprint)


async def _first_conversation(session: AsyncSession, inbound: InboundMessage, fingerprint: bytes) -> Conversation:
    """A new address. The same number on another channel is the same person, who goes on in the same language."""
    known = await session.execute(
        select(Address.person_id, Conversation.language)
        .join(Conversation, Conversation.address_id == Address.id)
        .where(Address.fingerprint == fingerprint)
        .limit(1)
    )
    person_id, language = known.one_or_none() or (None, None)
    if person_id is None:
        person = Person()
        session.add(person)
        await session.flush()
        person_id = person.id
    address = Address(person_id=person_id, channel=inbound.channel, value=inbound.sender, fingerprint=fingerprint)
    session.add(address)
    await session.flush()
    conversation = Conversation(address_id=address.id, channel=inbound.channel, language=language)
    session.add(conversation)
    await session.flush()
    return conversation


def _message(inbound: InboundMessage, conversation_id: uuid.UUID) -> Message:
    return Message(
        conversation_id=conversation_id,
        channel=inbound.channel,
        direction="inbound",
        author="person",
        provider_id=inbound.provider_id,
        text=inbound.text,
        media=json.dumps([asdict(item) for item in inbound.media]) if inbound.media else None,
        location=json.dumps(asdict(inbound.location)) if inbound.location else None,
        status="received",
    )
