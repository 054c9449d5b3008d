"""A message's life: forward only, whatever order a provider's callbacks come in."""

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import permutations

import pytest
from sqlalchemy import text

from conversations import handover, outbox
from conversations.assistant import Reply
from conversations.inbox import InboundMessage, accept
from conversations.models import Conversation, Message
from infrastructure.resources import Resources
from tests.conversations.context import Context, Job


@pytest.mark.parametrize(
    ("new", "old", "moves"),
    [
        ("sending", "queued", True),
        ("sent", "sending", True),
        ("read", "queued", True),
        ("sent", "delivered", False),
        ("delivered", "delivered", False),
        ("failed", "sent", True),
        ("failed", "delivered", False),
        ("failed", "read", False),
        ("delivered", "failed", False),
    ],
)
def test_comes_after(new: str, old: str, moves: bool) -> None:
    assert outbox.comes_after(new, old) is moves


@pytest.mark.parametrize("order", list(permutations(["sending", "sent", "delivered", "read"])))
def test_every_order_of_callbacks_ends_alike(order: tuple[str, ...]) -> None:
    status = "queued"
    for news in order:
        if outbox.comes_after(news, status):
            status = news
    assert status == "read"


async def queued(resources: Resources, number: str) -> uuid.UUID:
    async with resources.sessions() as session:
        conversation_id = await accept(session, InboundMessage("sms", f"SM{uuid.uuid4().hex}", number, "hi"))
        conversation = await session.get_one(Conversation, conversation_id)
        [message_id] = await outbox.say(session, conversation, [Reply("hello")], author="bot")
        await session.commit()
    return message_id


async def told(resources: Resources, message: uuid.UUID | None, sid: str, status: str, code: int | None = None) -> bool:
    async with resources.sessions() as session:
        return await outbox.record_status(session, message, sid, status, code) is not None


async def state(resources: Resources, message: uuid.UUID) -> tuple[str, str | None, int | None]:
    async with resources.sessions() as session:
        stored = await session.get_one(Message, message)
        return stored.status, stored.provider_id, stored.error_code


async def test_a_callback_before_the_answer_to_our_request_brings_the_id(resources: Resources, number: str) -> None:
    message = await queued(resources, number)
    sid = f"SM{uuid.uuid4().hex}"
    assert await told(resources, message, sid, "delivered")
    assert not await told(resources, message, sid, "sent")
    assert await state(resources, message) == ("delivered", sid, None)


async def test_a_callback_may_know_only_the_providers_id(resources: Resources, number: str) -> None:
    message = await queued(resources, number)
    sid = f"SM{uuid.uuid4().hex}"
    await told(resources, message, sid, "sent")
    assert await told(resources, None, sid, "failed", 30003)
    assert await state(resources, message) == ("failed", sid, 30003)


async def test_callbacks_about_nothing_of_ours_change_nothing(resources: Resources, number: str) -> None:
    assert not await told(resources, uuid.uuid4(), "SMunknown", "sent")
    assert not await told(resources, None, "SMunknown", "sent")


async def test_saying_and_the_job_to_deliver_it_are_one(resources: Resources, number: str) -> None:
    """A transaction that fails leaves neither the text nor a job behind."""
    jobs = text("select count(*) from procrastinate_jobs where task_name = 'deliver'")
    async with resources.sessions() as session:
        conversation_id = await accept(session, InboundMessage("sms", f"SM{uuid.uuid4().hex}", number, "hi"))
        before = await session.scalar(jobs)
        conversation = await session.get_one(Conversation, conversation_id)
        [message] = await outbox.say(session, conversation, [Reply("hello")], author="bot")
        assert await session.scalar(jobs) == before + 1
        await session.rollback()
        assert await session.scalar(jobs) == before
        assert await session.get(Message, message) is None


@dataclass
class Provider:
    """A far end by script: what it does when asked to send, and what happens while it is asked to look."""

    sends: Callable[[], Awaitable[str]]
    finds: Callable[[], Awaitable[list[str]]]
    sent: int = 0

    async def send(self, message: outbox.Outgoing) -> str:
        self.sent += 1
        return await self.sends()

    async def find(self, message: outbox.Outgoing, since: datetime) -> list[str]:
        return await self.finds()


async def delivered(resources: Resources, provider: Provider, message: uuid.UUID, attempts: int = 0) -> None:
    context = Context(Job(attempts), {"resources": resources, "provider": provider})
    await outbox.deliver(context, str(message))


async def unreachable() -> str:
    raise outbox.NotReached("no answer")


async def nothing() -> list[str]:
    return []


async def test_a_callback_that_comes_while_we_look_is_enough(resources: Resources, number: str) -> None:
    message = await queued(resources, number)
    with pytest.raises(outbox.NotReached):
        await delivered(resources, Provider(unreachable, nothing), message)

    async def told_meanwhile() -> list[str]:
        await told(resources, message, "SMours", "sent")
        return ["SMours"]

    provider = Provider(unreachable, told_meanwhile)
    await delivered(resources, provider, message)
    assert provider.sent == 0
    assert await state(resources, message) == ("sent", "SMours", None)


async def test_an_equal_message_that_is_known_is_not_taken_for_this_one(resources: Resources, number: str) -> None:
    earlier, message = await queued(resources, number), await queued(resources, number)
    await told(resources, earlier, "SMearlier", "delivered")
    with pytest.raises(outbox.NotReached):
        await delivered(resources, Provider(unreachable, nothing), message)

    async def the_earlier() -> list[str]:
        return ["SMearlier"]

    async def taken() -> str:
        return "SMnew"

    provider = Provider(taken, the_earlier)
    await delivered(resources, provider, message)
    assert (provider.sent, await state(resources, message)) == (1, ("sending", "SMnew", None))


@pytest.mark.parametrize("error", [outbox.NotReached("down"), ValueError("no number is set for this channel")])
async def test_after_a_day_of_trying_a_person_is_called_and_the_next_goes_out(
    resources: Resources, number: str, error: Exception
) -> None:
    async def fails() -> str:
        raise error

    message = await queued(resources, number)
    with pytest.raises(type(error)):
        await delivered(resources, Provider(fails, nothing), message)
    await delivered(resources, Provider(fails, nothing), message, attempts=outbox.TRIES)
    assert (await state(resources, message))[0] == "failed"
    async with resources.sessions() as session:
        conversation = (await session.get_one(Message, message)).conversation_id
        period = await handover.open_period(session, conversation)
    assert period is not None
    assert period.reason == "failure"
