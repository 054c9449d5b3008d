"""The door: stored once, with its job, under an address nobody can read."""

import asyncio
import uuid

from sqlalchemy import func, select, text

from conversations.inbox import InboundMessage, Location, Media, accept
from conversations.models import Address, Conversation, Message
from infrastructure.resources import Resources

JOBS = text("select count(*) from procrastinate_jobs where task_name = 'take_turn' and lock = :lock")


def message(number: str, body: str = "مرحبا", channel: str = "sms", sid: str | None = None) -> InboundMessage:
    return InboundMessage(channel, sid or f"SM{uuid.uuid4().hex}", number, body)


async def taken(resources: Resources, inbound: InboundMessage) -> uuid.UUID | None:
    async with resources.sessions() as session:
        return await accept(session, inbound)


async def test_a_message_is_stored_with_the_job_to_answer_it(resources: Resources, number: str) -> None:
    conversation = await taken(resources, message(number, "وين اكو طبيب؟"))
    async with resources.sessions() as session:
        stored = (await session.scalars(select(Message).where(Message.conversation_id == conversation))).one()
        assert (stored.text, stored.direction, stored.author, stored.status) == (
            "وين اكو طبيب؟",
            "inbound",
            "person",
            "received",
        )
        assert await session.scalar(JOBS, {"lock": str(conversation)}) == 1


async def test_a_hundred_replays_at_once_are_one_message(resources: Resources, number: str) -> None:
    same = message(number)
    taken_in = await asyncio.gather(*(taken(resources, same) for _ in range(100)))
    assert len([conversation for conversation in taken_in if conversation]) == 1
    async with resources.sessions() as session:
        known = select(func.count()).select_from(Message).where(Message.provider_id == same.provider_id)
        assert await session.scalar(known) == 1


async def test_first_messages_at_once_make_one_person(resources: Resources, number: str) -> None:
    conversations = await asyncio.gather(*(taken(resources, message(number, str(i))) for i in range(20)))
    assert len(set(conversations)) == 1


async def test_the_same_id_on_another_channel_is_another_message(resources: Resources, number: str) -> None:
    sid = f"SM{uuid.uuid4().hex}"
    assert await taken(resources, message(number, sid=sid))
    assert await taken(resources, message(number, sid=sid, channel="whatsapp"))


async def test_one_number_is_one_person_on_both_channels(resources: Resources, number: str) -> None:
    sms = await taken(resources, message(number))
    whatsapp = await taken(resources, message(number, channel="whatsapp"))
    assert sms != whatsapp
    people = select(Address.person_id).join(Conversation).where(Conversation.id.in_([sms, whatsapp])).distinct()
    async with resources.sessions() as session:
        assert len((await session.scalars(people)).all()) == 1


async def test_the_database_holds_neither_number_nor_words(resources: Resources, number: str) -> None:
    inbound = InboundMessage(
        "sms",
        f"SM{uuid.uuid4().hex}",
        number,
        "سري جدا",
        media=[Media("https://example.org/secret.png", "image/png")],
        location=Location(36.34, 43.13, "بيتي"),
    )
    conversation = await taken(resources, inbound)
    async with resources.sessions() as session:
        raw = await session.execute(
            text(
                "select m::text || a::text from message m join conversation c on c.id = m.conversation_id "
                "join address a on a.id = c.address_id where c.id = :id"
            ),
            {"id": conversation},
        )
        row = raw.scalar_one()
    for secret in (number, number.removeprefix("+964"), "سري", "secret.png", "43.13", "بيتي"):
        assert secret not in row
        assert secret.encode().hex() not in row
