"""Colleagues who take conversations over, for tests of what the service makes of it."""

import uuid

import pytest
from sqlalchemy import select

from console.accounts import Staff
from conversations import desk
from conversations.inbox import InboundMessage, accept
from conversations.models import Handover, Message
from infrastructure.resources import Resources


async def colleague(resources: Resources, name: str = "Zainab") -> uuid.UUID:
    """Somebody who answers people."""
    async with resources.sessions() as session:
        staff = Staff(email=f"{uuid.uuid4().hex}@example.org", name=name, role="hotline", password_hash="-")
        session.add(staff)
        await session.commit()
    return staff.id


@pytest.fixture
async def zainab(resources: Resources) -> uuid.UUID:
    return await colleague(resources)


@pytest.fixture
async def ali(resources: Resources) -> uuid.UUID:
    return await colleague(resources, "Ali")


async def texted(resources: Resources, number: str, body: str, channel: str = "sms") -> uuid.UUID:
    """Somebody writes; returns the conversation."""
    async with resources.sessions() as session:
        inbound = InboundMessage(channel, f"SM{uuid.uuid4().hex}", number, body)
        conversation = await accept(session, inbound)
    assert conversation
    return conversation


async def taken_over(
    resources: Resources, conversation: uuid.UUID, staff: uuid.UUID, relieving: uuid.UUID | None = None
) -> None:
    async with resources.sessions() as session:
        await desk.take_over(session, resources.wording, conversation, staff, "Zainab", relieving)
        await session.commit()


async def handed_back(resources: Resources, conversation: uuid.UUID, staff: uuid.UUID, how: str = "answered") -> None:
    async with resources.sessions() as session:
        await desk.hand_back(session, resources.wording, conversation, staff, how)
        await session.commit()


async def replied(
    resources: Resources, conversation: uuid.UUID, staff: uuid.UUID, text: str, key: uuid.UUID | None = None
) -> uuid.UUID:
    key = key or uuid.uuid4()
    async with resources.sessions() as session:
        await desk.reply(session, conversation, staff, key, text)
        await session.commit()
    return key


async def periods(resources: Resources, conversation: uuid.UUID) -> list[Handover]:
    """The periods of a conversation, in order."""
    async with resources.sessions() as session:
        found = select(Handover).where(Handover.conversation_id == conversation)
        return list(await session.scalars(found.order_by(Handover.taken_at, Handover.requested_at)))


async def said(resources: Resources, conversation: uuid.UUID) -> list[str]:
    """What we said in a conversation, in order."""
    return [message.text for message in await messages(resources, conversation)]


async def messages(resources: Resources, conversation: uuid.UUID) -> list[Message]:
    """Our messages in a conversation, in order."""
    async with resources.sessions() as session:
        ours = select(Message).where(Message.conversation_id == conversation, Message.direction == "outbound")
        return list(await session.scalars(ours.order_by(Message.position)))
