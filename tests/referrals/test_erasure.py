"""Whoever is forgotten is forgotten wholly; that there was a referral, and what became of it, stays."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from conversations.models import Address, Conversation, Message, Person
from directory.records import Service
from infrastructure.wording import Wording
from referrals import erasure, lifecycle, opening
from referrals.models import Consent, ReferralEvent
from tests.console.rows import conversation
from tests.referrals.rows import opened, raw, told

SECRET = {"place": "IQG15Q05", "number": "07707654321", "name": "Umm Ali", "words": "they took our house"}


async def test_a_person_is_forgotten_and_the_history_stays(
    session: AsyncSession, wording: Wording, talk: Conversation, service: Service, caseworker: UUID
) -> None:
    made = await opened(session, wording, talk, service_id=service.id, **SECRET)
    await lifecycle.move(session, wording, made.id, "received", lifecycle.staff(caseworker), seen="sent", note="note")
    over = await opened(session, wording, talk, "food")
    await opening.withdraw(session, talk.id, over)
    other = await opened(session, wording, await conversation(session, "+447700900001"), **SECRET)
    person, before = made.person_id, len(await told(session, talk))
    assert person
    await session.commit()
    assert await erasure.erase_person(session, person) == 2
    assert await erasure.erase_person(session, person) == 0
    # Nobody hears of it, and nothing stands in the way of deleting what it led to.
    assert len(await told(session, talk)) == before
    await session.execute(text("delete from message where conversation_id = :id"), {"id": talk.id})
    await session.execute(delete(Conversation).where(Conversation.id == talk.id))
    await session.execute(delete(Address).where(Address.person_id == person))
    await session.execute(delete(Person).where(Person.id == person))
    await session.commit()
    session.expire_all()
    for referral in (made, over):
        await session.refresh(referral)
        assert referral.erased_at
        assert referral.state == "withdrawn"
        consent = await session.get_one(Consent, referral.id)
        assert (consent.text, consent.message_id) == (None, None)
        assert consent.withdrawn_at
    assert (made.need, made.service_id) == ("legal_aid", service.id)
    events = await session.scalars(select(ReferralEvent).where(ReferralEvent.referral_id == made.id))
    assert [(one.to_state, one.note) for one in events] == [
        (state, None) for state in ("draft", "consented", "sent", "received", "withdrawn")
    ]
    await session.refresh(other)
    assert (other.name, other.erased_at) == ("Umm Ali", None)


async def test_a_conversation_may_go_before_its_referrals(
    session: AsyncSession, wording: Wording, talk: Conversation, caseworker: UUID
) -> None:
    """Nobody is left to be told; moving it still works."""
    made = await opened(session, wording, talk)
    await session.commit()
    await session.execute(delete(Message).where(Message.conversation_id == talk.id))
    await session.execute(delete(Conversation).where(Conversation.id == talk.id))
    await session.commit()
    await session.refresh(made)
    assert made.conversation_id is None
    await lifecycle.move(session, wording, made.id, "received", lifecycle.staff(caseworker), seen="sent")
    assert made.state == "received"


async def test_a_referral_is_under_way_while_somebody_moves_it(
    session: AsyncSession, wording: Wording, talk: Conversation
) -> None:
    made = await opened(session, wording, talk)

    async def busy() -> int | None:
        return await session.scalar(select(func.count()).select_from(Person).where(erasure.under_way()))

    assert await busy() == 1
    made.changed_at = datetime.now(UTC) - timedelta(days=364)
    assert await busy() == 1
    made.changed_at = datetime.now(UTC) - timedelta(days=366)
    assert await busy() == 0


async def test_what_is_over_for_long_is_forgotten(session: AsyncSession, wording: Wording, talk: Conversation) -> None:
    made = [await opened(session, wording, talk, **SECRET | {"words": f"they {number}"}) for number in range(4)]
    for referral, days in zip(made[:3], (200, 190, 10), strict=True):
        await opening.withdraw(session, talk.id, referral)
        referral.closed_at = datetime.now(UTC) - timedelta(days=days)
    await session.commit()
    before = datetime.now(UTC) - timedelta(days=180)
    old = list(await session.scalars(erasure.over_since(before)))
    assert await erasure.erase(session, old) == 2
    assert list(await session.scalars(erasure.over_since(before))) == []
    await session.commit()
    for referral in made:
        await session.refresh(referral)
    assert [referral.erased_at is not None for referral in made] == [True, True, False, False]
    assert [referral.words for referral in made] == [None, None, "they 2", "they 3"]
    assert len(await opening.mine(session, talk.id)) == 2
    assert "IQG15Q05" in await raw(session, "referral")
