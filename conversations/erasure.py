"""All of a person erased: because they asked, or because they have been silent for long (conversations.retention).

Asked for by text, in this order:

1. The bot says what goes and what stays, and from the same moment no number leads to the old conversations: what the
   person writes next begins a new, empty one (`begin`).
2. When the turn is over, that answer is on its way in the outbox; once it was delivered, or could not be,
3. one transaction erases all of the person in our database (`erase`), and puts the jobs that have Rasa forget.

What belongs to a person is what the foreign keys say (conversations.models): deleting the person takes it along, and
a table that forgot to say so makes the erasure fail, loudly, instead of leaving something behind. Jobs on their way
hold ids only, and end quietly when they find nothing. Packages above this one hand in what they keep of a person
(`Holding`) where the worker is put together (daleel.worker).

Kept: that a person was erased, when and at whose wish (the audit log, without the person), reports of misconduct
without a way to the person, and reports on services, which never held the person's words, without the conversation.
That somebody wanted no messages is not kept: without a number nobody can send them any.
"""

import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from procrastinate import JobContext
from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from conversations import misconduct, outbox
from conversations.forgetting import let_rasa_forget
from conversations.models import Address, Conversation, Person
from infrastructure import audit, events, queue
from infrastructure.resources import Resources


@dataclass(frozen=True)
class Holding:
    """What another package keeps of people."""

    # Called with the person's id, before the person's rows go, in the same transaction.
    erase: Callable[[AsyncSession, uuid.UUID], Awaitable[object]]
    # Whether something of a `Person.id` is under way, so that silence alone doesn't end it.
    under_way: ColumnElement[bool]


async def begin(session: AsyncSession, conversation_id: uuid.UUID, *, asked_by: uuid.UUID | None = None) -> bool:
    """Cut the person's addresses off and erase them after the turn and its answer; the caller commits.

    `asked_by` is the member of staff who does it for them; None: they asked by text. False when there is no such
    conversation (any more).
    """
    person_id = await _person(session, conversation_id)
    if person_id is None:
        return False
    nobodys = func.uuid_send(func.gen_random_uuid())
    await session.execute(update(Address).where(Address.person_id == person_id).values(fingerprint=nobodys))
    identity, by = str(conversation_id), str(asked_by) if asked_by else None
    await queue.defer(session, erase_after_the_answer, lock=identity, conversation_id=identity, asked_by=by)
    return True


@queue.app.task(name="erase_after_the_answer", retry=queue.Backoff(longest=60), pass_context=True)
async def erase_after_the_answer(context: JobContext, conversation_id: str, asked_by: str | None) -> None:
    """Runs behind the turn, when its answer is in the outbox, and puts the erasure behind that."""
    resources: Resources = context.additional_context["resources"]
    async with resources.sessions() as session:
        lock = outbox.delivery_lock(conversation_id)
        await queue.defer(session, erase_person, lock=lock, conversation_id=conversation_id, asked_by=asked_by)
        await session.commit()


@queue.app.task(name="erase_person", retry=queue.Backoff(longest=60), pass_context=True)
async def erase_person(context: JobContext, conversation_id: str, asked_by: str | None) -> None:
    """Erase whoever a conversation is with. Run again, it finds nobody and is done."""
    resources: Resources = context.additional_context["resources"]
    holdings: Sequence[Holding] = context.additional_context["holdings"]
    async with resources.sessions() as session:
        person_id = await _person(session, uuid.UUID(conversation_id))
        if person_id is None:
            return
        await erase(session, person_id, holdings)
        by = "staff" if asked_by else "person"
        audit.record(session, uuid.UUID(asked_by) if asked_by else None, "person.erased", wish_of=by)
        await session.commit()
    await events.publish(resources.redis, "conversation_changed", conversation=conversation_id)


async def erase(session: AsyncSession, person_id: uuid.UUID, holdings: Sequence[Holding]) -> None:
    """All of a person; the caller commits."""
    for holding in holdings:
        await holding.erase(session, person_id)
    await misconduct.unlink(session, person_id)
    for conversation_id in await session.scalars(
        select(Conversation.id).join(Address).where(Address.person_id == person_id)
    ):
        await let_rasa_forget(session, conversation_id)
    await session.execute(delete(Person).where(Person.id == person_id))


async def _person(session: AsyncSession, conversation_id: uuid.UUID) -> uuid.UUID | None:
    return await session.scalar(select(Address.person_id).join(Conversation).where(Conversation.id == conversation_id))
