"""Forgetting who a referral was for: at the person's wish, and some time after it is over. Its bare history stays."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from conversations.models import Person
from referrals import lifecycle
from referrals.lifecycle import PERSON, Mover
from referrals.models import OVER, Consent, Referral, ReferralEvent

# One that nobody moved for so long was left lying, and keeps nobody's data.
LEFT_LYING = timedelta(days=365)


async def erase_person(session: AsyncSession, person_id: UUID, *, by: Mover = PERSON) -> int:
    """Forget a person in all their referrals, open ones withdrawn first; how many there were. The caller commits.

    `by` is whose doing it is: theirs, or the system's, after a long silence. To be called before the person, their
    conversations and messages are deleted. Nobody is told.
    """
    # Whoever is opening one at this moment comes before, and it is forgotten too, or after, and is nobody.
    await session.execute(select(Person.id).where(Person.id == person_id).with_for_update(key_share=True))
    theirs = list(await session.scalars(select(Referral.id).where(Referral.person_id == person_id)))
    for referral_id in theirs:
        referral = await lifecycle.locked(session, referral_id)
        if referral.is_open:
            await lifecycle.record(session, referral, "withdrawn", by)
    return await erase(session, theirs)


def over_since(before: datetime) -> Select[Any]:
    """Referrals that are over since before a moment and not forgotten yet."""
    return select(Referral.id).where(
        Referral.state.in_(OVER), Referral.closed_at < before, Referral.erased_at.is_(None)
    )


def under_way() -> ColumnElement[bool]:
    """Whether a `Person` has a referral that isn't over and that somebody moved within a year."""
    moved = Referral.changed_at > func.now() - LEFT_LYING
    return exists().where(Referral.person_id == Person.id, Referral.state.not_in(OVER), moved)


async def erase(session: AsyncSession, referrals: Collection[UUID]) -> int:
    """Forget whom referrals were for; how many they are. The caller commits.

    What stays: the need, the service, the states with their days and whose moves they were. No words, no place.
    """
    await session.execute(
        update(Referral)
        .where(Referral.id.in_(referrals))
        .values(
            person_id=None,
            conversation_id=None,
            place_code=None,
            number=None,
            name=None,
            words=None,
            erased_at=datetime.now(UTC),
        )
    )
    await session.execute(update(Consent).where(Consent.referral_id.in_(referrals)).values(text=None, message_id=None))
    await session.execute(update(ReferralEvent).where(ReferralEvent.referral_id.in_(referrals)).values(note=None))
    return len(referrals)
