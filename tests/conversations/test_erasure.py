"""A person erased: nothing of them is left anywhere, whatever was under way, and nobody else is touched."""

import json
import uuid
from typing import Any

import pytest
from sqlalchemy import LargeBinary, false, literal_column, select, text, type_coerce
from sqlalchemy.ext.asyncio import AsyncSession

from console import accounts
from conversations import erasure, handover, misconduct, outbox
from conversations.assistant import Assistant, AssistantFailed, Reply
from conversations.erasure import Holding
from conversations.inbox import InboundMessage, Location, Media, accept
from conversations.misconduct import MisconductReport
from conversations.models import Address, Conversation, Correction, Message, Person
from conversations.outbox import deliver
from conversations.turns import take_turn
from directory.places import load_places
from directory.tasks import open_task
from infrastructure import vault
from infrastructure.audit import AuditRecord
from infrastructure.database import Base
from infrastructure.resources import Resources
from tests.console.rows import turn
from tests.conversations.context import Context, Job
from tests.conversations.far_ends import Provider, Rasa
from tests.conversations.working import jobs, no_jobs, now, work_off
from tests.directory.rows import add_service

WORDS = ("هيفاء", "شارع النخيل الازرق", "Nadia of the blue house")


@pytest.fixture
async def resources(engines: Resources) -> Resources:
    await no_jobs(engines)
    async with engines.sessions() as session:
        await session.execute(text("truncate entry, task, misconduct_report, audit_record cascade"))
        await session.commit()
    return engines


async def texted(resources: Resources, number: str, said: str, channel: str = "sms", **more: Any) -> uuid.UUID:
    """A message taken in; returns its conversation."""
    async with resources.sessions() as session:
        inbound = InboundMessage(channel, f"SM{uuid.uuid4().hex}", number, said, **more)
        conversation_id = await accept(session, inbound)
    assert conversation_id
    return conversation_id


async def last(session: AsyncSession, conversation_id: uuid.UUID) -> Message:
    newest = select(Message).where(Message.conversation_id == conversation_id, Message.direction == "inbound")
    return (await session.scalars(newest.order_by(Message.position.desc()).limit(1))).one()


async def begin(resources: Resources, conversation_id: uuid.UUID, asked_by: uuid.UUID | None = None) -> bool:
    async with resources.sessions() as session:
        begun = await erasure.begin(session, conversation_id, asked_by=asked_by)
        await session.commit()
    return begun


async def a_life_with_us(resources: Resources, number: str) -> tuple[uuid.UUID, uuid.UUID]:
    """Somebody who left something in every table that a person can; returns their two conversations."""
    picture, pin = Media(f"https://api.example/{number}.jpg", "image/jpeg"), Location(36.34, 43.13, WORDS[1])
    sms = await texted(resources, number, f"{WORDS[0]} {WORDS[1]}", media=(picture,), location=pin)
    whatsapp = await texted(resources, number, WORDS[2], "whatsapp")
    async with resources.sessions() as session:
        await load_places(session)
        staff = await accounts.create_staff(session, "z@example.org", "Zainab", "hotline", "correct horse battery")
        service = await add_service(session, "A clinic")
        await open_task(session, service.id, "closed", "person", conversation_id=sms)
        for conversation_id in (sms, whatsapp):
            message = await last(session, conversation_id)
            await turn(session, message, entities={"need": ["gbv"], "place": ["IQG15"]})
            session.add(Correction(message_id=message.id, intent="greet", entities={}, corrected_by=staff.id))
            await handover.request(session, conversation_id, "asked")
            await handover.release(session, conversation_id, staff.id, "not_needed")
            await handover.request(session, conversation_id, "failure")
            conversation = await session.get_one(Conversation, conversation_id)
            await outbox.say(session, conversation, [Reply(f"an answer to {WORDS[0]}", [WORDS[2]])], author="bot")
        await session.commit()
    reported = await texted(resources, number, "the guard asked me for favours")
    async with resources.sessions() as session:
        await misconduct.take(session, (await last(session, reported)).id, "report")
        await session.commit()
    await texted(resources, number, "2")
    async with resources.sessions() as session:
        await misconduct.take(session, (await last(session, reported)).id, "may_call")
        await session.commit()
    return sms, whatsapp


async def everything(resources: Resources) -> str:
    """All rows of all tables as text, bytes in hexadecimal, and all that Redis holds."""
    found: list[str] = []
    async with resources.sessions() as session:
        for table in await session.scalars(text("select tablename from pg_tables where schemaname = 'public'")):
            found += await session.scalars(select(literal_column("t::text")).select_from(text(f'"{table}" t')))
    async for key in resources.redis.scan_iter():
        found += [str(key), str(await resources.redis.dump(key))]
    return "\n".join(found)


async def traces(resources: Resources, number: str) -> list[str]:
    """What tells of a person: words and number, open and sealed, ids, and what finds their number again."""
    ids = (Address.person_id, Address.id, Conversation.id, Message.id)
    sealed = (Address.fingerprint, Address.value, Message.text, Message.media, MisconductReport.call_back)
    query = (
        select(*ids, *(type_coerce(column, LargeBinary) for column in sealed))
        .select_from(Address)
        .join(Conversation)
        .join(Message)
        .outerjoin(MisconductReport)
        .where(Address.fingerprint == vault.unlocked().fingerprint(number))
    )
    async with resources.sessions() as session:
        found = {value for row in await session.execute(query) for value in row if value}
    assert len(found) > 20
    return [*(value.hex() if isinstance(value, bytes) else str(value) for value in found), number[1:], *WORDS]


async def test_nothing_of_the_person_is_left_anywhere(
    resources: Resources, number: str, rasa: Rasa, assistant: Assistant
) -> None:
    sms, whatsapp = await a_life_with_us(resources, number)
    rasa.remembers = {str(sms), str(whatsapp)}
    theirs = await traces(resources, number)
    before = await everything(resources)
    # Words and numbers are sealed from the start; ids and sealed bytes would be found.
    assert sum(trace in before for trace in theirs) >= len(theirs) - len(WORDS) - 1
    assert await begin(resources, sms)
    await work_off(resources, assistant=assistant)
    after = await everything(resources)
    assert [trace for trace in theirs if trace in after] == []
    assert rasa.remembers == set()
    assert await jobs(resources) == []


async def test_what_stays_leads_to_nobody(resources: Resources, number: str, assistant: Assistant) -> None:
    sms, _ = await a_life_with_us(resources, number)
    await begin(resources, sms)
    await work_off(resources, assistant=assistant)
    async with resources.sessions() as session:
        [report] = await session.scalars(select(MisconductReport))
        assert report.words == "the guard asked me for favours"
        assert (report.conversation_id, report.call_back, report.invites_until) == (None, None, None)
        assert (await session.scalars(text("select conversation_id from report"))).all() == [None]
        erased = select(AuditRecord).where(AuditRecord.action == "person.erased")
        [record] = await session.scalars(erased)
        assert (record.actor_id, record.subject_id, record.details) == (None, None, {"wish_of": "person"})


async def test_nobody_else_is_touched(resources: Resources, number: str, assistant: Assistant) -> None:
    neighbour = await texted(resources, f"{number}0", "اريد محامي")
    sms, _ = await a_life_with_us(resources, number)
    await begin(resources, sms)
    await work_off(resources, assistant=assistant)
    async with resources.sessions() as session:
        assert [one.id for one in await session.scalars(select(Conversation))] == [neighbour]
        assert (await last(session, neighbour)).text == "اريد محامي"


async def test_the_last_word_is_delivered_first_and_the_erasing_waits_for_it(
    resources: Resources, number: str, assistant: Assistant
) -> None:
    conversation_id = await texted(resources, number, "delete my data")
    await no_jobs(resources)
    await begin(resources, conversation_id)
    # The turn that began it ends only now, with its answer.
    async with resources.sessions() as session:
        conversation = await session.get_one(Conversation, conversation_id)
        await outbox.say(session, conversation, [Reply("we are erasing")], author="bot")
        await session.commit()
    there: list[bool] = []

    async def look() -> None:
        async with resources.sessions() as session:
            there.append(await session.get(Conversation, conversation_id) is not None)

    provider = Provider(before_taking=look)
    await work_off(resources, assistant=assistant, provider=provider)
    assert [(message.to, message.text) for message in provider.took] == [(number, "we are erasing")]
    assert there == [True]
    await look()
    assert there[-1] is False


async def test_it_waits_while_the_last_word_is_tried_again(
    resources: Resources, number: str, assistant: Assistant
) -> None:
    conversation_id = await texted(resources, number, "delete my data")
    await no_jobs(resources)
    async with resources.sessions() as session:
        conversation = await session.get_one(Conversation, conversation_id)
        await outbox.say(session, conversation, [Reply("we are erasing")], author="bot")
        await session.commit()
    await begin(resources, conversation_id)
    provider = Provider(is_down=True)
    await work_off(resources, assistant=assistant, provider=provider)
    assert await jobs(resources) == [("deliver", 1), ("erase_person", 0)]
    provider.is_down = False
    await now(resources)
    await work_off(resources, assistant=assistant, provider=provider)
    assert [message.text for message in provider.took] == ["we are erasing"]
    async with resources.sessions() as session:
        assert await session.get(Conversation, conversation_id) is None


async def test_it_is_done_though_the_last_word_could_not_be_delivered(
    resources: Resources, number: str, assistant: Assistant
) -> None:
    conversation_id = await texted(resources, number, "delete my data")
    await no_jobs(resources)
    async with resources.sessions() as session:
        conversation = await session.get_one(Conversation, conversation_id)
        await outbox.say(session, conversation, [Reply("we are erasing")], author="bot")
        await session.commit()
    await begin(resources, conversation_id)
    await work_off(resources, assistant=assistant, provider=Provider(refuses=21610))
    async with resources.sessions() as session:
        assert await session.get(Conversation, conversation_id) is None


async def test_who_writes_meanwhile_begins_anew(resources: Resources, number: str, assistant: Assistant) -> None:
    old = await texted(resources, number, WORDS[0])
    await begin(resources, old)
    new = await texted(resources, number, "hello again")
    assert new != old
    provider = Provider()
    await work_off(resources, assistant=assistant, provider=provider)
    async with resources.sessions() as session:
        assert [one.id for one in await session.scalars(select(Conversation))] == [new]
        assert (await last(session, new)).text == "hello again"
    assert [message.to for message in provider.took] == [number, number]
    assert await texted(resources, number, "and again") == new


async def test_a_second_yes_changes_nothing(resources: Resources, number: str, assistant: Assistant) -> None:
    conversation_id = await texted(resources, number, "hello")
    await begin(resources, conversation_id)
    await begin(resources, conversation_id)
    await work_off(resources, assistant=assistant)
    assert not await begin(resources, conversation_id)
    async with resources.sessions() as session:
        erased = select(AuditRecord).where(AuditRecord.action == "person.erased")
        assert len((await session.scalars(erased)).all()) == 1
    assert await jobs(resources) == []


async def test_jobs_that_find_nothing_end_quietly(resources: Resources, assistant: Assistant) -> None:
    gone = str(uuid.uuid4())
    context = Context(Job(0), {"resources": resources, "assistant": assistant, "provider": Provider()})
    await take_turn(context, gone)
    await deliver(context, gone)
    async with resources.sessions() as session:
        assert await outbox.record_status(session, uuid.UUID(gone), "SM1", "delivered", None) is None


async def test_a_turn_and_a_delivery_under_way_survive_it(
    resources: Resources, number: str, assistant: Assistant
) -> None:
    """The provider has the answer, and the other conversation is being answered, when the person goes."""
    sms = await texted(resources, number, "hello")
    await texted(resources, number, "hello", "whatsapp")

    async def erase() -> None:
        async with resources.sessions() as session:
            person = await session.scalar(select(Person.id))
            if person:
                await erasure.erase(session, person, ())
                await session.commit()

    await work_off(resources, assistant=assistant, provider=Provider(before_taking=erase))
    async with resources.sessions() as session:
        assert await session.get(Conversation, sms) is None
    await now(resources)
    await work_off(resources, assistant=assistant)
    assert await jobs(resources) == []


async def test_while_rasa_is_down_it_is_told_again_and_again(
    resources: Resources, number: str, rasa: Rasa, assistant: Assistant
) -> None:
    conversation_id = await texted(resources, number, "hello")
    await work_off(resources, assistant=assistant)
    assert rasa.remembers == {str(conversation_id)}
    rasa.forgets = False
    with pytest.raises(AssistantFailed):
        await assistant.forget(str(conversation_id))
    await begin(resources, conversation_id)
    await work_off(resources, assistant=assistant)
    assert await jobs(resources) == [("forget", 1)]
    async with resources.sessions() as session:
        assert await session.get(Conversation, conversation_id) is None
    rasa.forgets = True
    await now(resources)
    await work_off(resources, assistant=assistant)
    assert (rasa.remembers, await jobs(resources)) == (set(), [])


async def test_what_others_keep_goes_in_the_same_transaction_or_nothing_does(
    resources: Resources, number: str, assistant: Assistant
) -> None:
    conversation_id = await texted(resources, number, "hello")
    asked: list[uuid.UUID] = []

    async def fails(session: AsyncSession, person_id: uuid.UUID) -> None:
        asked.append(person_id)
        raise RuntimeError("told to fail")

    async def works(session: AsyncSession, person_id: uuid.UUID) -> None:
        asked.append(person_id)
        assert await session.get(Person, person_id)

    await begin(resources, conversation_id)
    await work_off(resources, assistant=assistant, holdings=(Holding(works, false()), Holding(fails, false())))
    async with resources.sessions() as session:
        assert await session.get(Conversation, conversation_id)
    await now(resources)
    await work_off(resources, assistant=assistant, holdings=(Holding(works, false()),))
    assert len(asked) == 3
    assert len(set(asked)) == 1
    async with resources.sessions() as session:
        assert await session.get(Conversation, conversation_id) is None


async def test_staff_who_do_it_stand_in_the_log_and_the_person_does_not(
    resources: Resources, number: str, assistant: Assistant
) -> None:
    async with resources.sessions() as session:
        admin = await accounts.create_staff(session, "a@example.org", "Amal", "admin", "correct horse battery")
        await session.commit()
    await begin(resources, await texted(resources, number, "hello"), asked_by=admin.id)
    await work_off(resources, assistant=assistant)
    async with resources.sessions() as session:
        [record] = await session.scalars(select(AuditRecord).where(AuditRecord.action == "person.erased"))
    assert (record.actor_id, record.subject_id, record.details) == (admin.id, None, {"wish_of": "staff"})


def test_every_table_says_what_becomes_of_it() -> None:
    """What refers to a person, however far away, goes along or lets go: no erasure fails on it or leaves it behind."""
    owned, undecided = {"person"}, []
    while True:
        keys = [key for table in Base.metadata.tables.values() for key in table.foreign_keys]
        into = [key for key in keys if key.column.table.name in owned]
        undecided = [str(key.parent) for key in into if key.ondelete not in ("CASCADE", "SET NULL")]
        reached = owned | {key.parent.table.name for key in into if key.ondelete == "CASCADE"}
        if reached == owned:
            break
        owned = reached
    assert undecided == []
    assert owned >= {"person", "address", "conversation", "message", "turn", "correction", "handover"}


async def test_jobs_hold_ids_only(resources: Resources, number: str) -> None:
    conversation_id = await texted(resources, number, WORDS[0])
    await begin(resources, conversation_id)
    async with resources.sessions() as session:
        held = json.dumps((await session.scalars(text("select args from procrastinate_jobs"))).all())
    assert number.removeprefix("+") not in held
    assert WORDS[0] not in held
