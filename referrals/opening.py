"""What people do with referrals: open one, ask what became of it, take it back. Each sees their own, and only those."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from conversations.models import Address, Conversation, Person
from infrastructure.segments import parts
from infrastructure.wording import LANGUAGES, Wording
from referrals import codes, lifecycle, wishes
from referrals.consenting import MOST_PARTS, Recipient, consent_to, recipient
from referrals.lifecycle import PERSON, SYSTEM, staff
from referrals.models import OVER, Consent, Referral
from referrals.wishes import TooManyOpen, Wish

MOST_OPEN = 5
# The same wish from the same conversation within this time is the same referral: an answer that came twice.
AGAIN_WITHIN = timedelta(minutes=10)
# How many of somebody's referrals one answer tells of.
LISTED = 5


class ConsentOutdated(Exception):
    """What was agreed to isn't what would be done now: show the new text, and ask again."""


async def open_referral(
    session: AsyncSession,
    wording: Wording,
    conversation_id: uuid.UUID,
    wish: Wish,
    consent_shown: str,
    message_id: uuid.UUID | None,
    *,
    read_out_by: uuid.UUID | None = None,
) -> Referral:
    """Open and send a referral for the person of a conversation, who said yes to `consent_shown`. The caller commits.

    `message_id` is the message that said so; a caseworker to whom they said it on the phone is `read_out_by`, and they
    get the code as a text. The same wish again within minutes gives the same referral. NeedsAPerson (TooManyOpen),
    NotOffered when the service is gone, ConsentOutdated when the text isn't what `consent_text` says now, ValueError
    for unknown codes; then nothing was done.
    """
    kept = wishes.kept(wish)
    conversation = await session.get_one(Conversation, conversation_id)
    address = await session.get_one(Address, conversation.address_id)
    # One at a time for each person: the same answer twice, or on two phones, counts right.
    await session.execute(select(Person.id).where(Person.id == address.person_id).with_for_update(key_share=True))
    if kept.number == address.value:
        kept = replace(kept, number=None)
    if same := await _same(session, conversation_id, kept):
        return same
    receiver = await recipient(session, kept.service_id)
    language = _language(consent_shown, receiver, wording, kept)
    if await _open(session, address.person_id) >= MOST_OPEN:
        raise TooManyOpen
    referral = await _draft(session, conversation, address.person_id, kept, language, read_out_by)
    session.add(_consent(referral, consent_shown, language, receiver, message_id, read_out_by))
    await lifecycle.record(session, referral, "consented", PERSON)
    await lifecycle.record(session, referral, "sent", SYSTEM)
    if read_out_by:
        await lifecycle.say(session, wording, referral, "utter_referral_opened")
    return referral


async def mine(session: AsyncSession, conversation_id: uuid.UUID) -> Sequence[Referral]:
    """All referrals of a conversation's person, whichever of their addresses they wrote from, the newest first."""
    return (
        await session.scalars(_of_the_person(conversation_id).order_by(Referral.opened_at.desc(), Referral.id))
    ).all()


async def find(session: AsyncSession, conversation_id: uuid.UUID, code: str) -> Referral | None:
    """The referral of this code, if it is this person's. One query, one None: who guesses learns nothing."""
    found: Referral | None = await session.scalar(_of_the_person(conversation_id).where(Referral.code == code))
    return found


async def withdraw(session: AsyncSession, conversation_id: uuid.UUID, referral: Referral) -> bool:
    """Take a referral back with the consent to it, wherever it stands; False when it was over already.

    A referral of somebody else is a ValueError. The caller commits, and answers: nobody is told besides.
    """
    if await find(session, conversation_id, referral.code) is None:
        raise ValueError("not this person's referral")
    now = await lifecycle.locked(session, referral.id)
    if not now.is_open:
        return False
    await lifecycle.record(session, now, "withdrawn", PERSON)
    return True


def status_text(wording: Wording, language: str, referrals: Sequence[Referral]) -> str:
    """Where referrals stand, as many as fit, in words that a stranger may read: codes, days and plain states."""
    if not referrals:
        return wording.say("utter_referral_none", language)
    # What can still change is what somebody asks for.
    first = sorted(referrals, key=lambda one: not one.is_open)[:LISTED]
    lines = [_status(wording, language, one) for one in first]
    while len(lines) > 1 and parts("\n".join(lines)) > MOST_PARTS:
        lines.pop()
    return "\n".join(lines)


def _status(wording: Wording, language: str, referral: Referral) -> str:
    state = wording.say(f"utter_referral_state_{referral.state}", language)
    day = f"{referral.opened_at.day}/{referral.opened_at.month}"
    return wording.say("utter_referral_status", language, code=referral.code, day=day, state=state)


def _language(shown: str, receiver: Recipient | None, wording: Wording, wish: Wish) -> str:
    """The language of the consent to exactly this wish; anything else nobody agreed to."""
    for language in LANGUAGES:
        if shown == consent_to(receiver, wording, language, wish):
            return language
    raise ConsentOutdated


def _of_the_person(conversation_id: uuid.UUID) -> Select[Any]:
    person = select(Address.person_id).join(Conversation).where(Conversation.id == conversation_id)
    return select(Referral).where(Referral.person_id == person.scalar_subquery())


async def _same(session: AsyncSession, conversation_id: uuid.UUID, wish: Wish) -> Referral | None:
    """An open referral of the same wish, made a moment ago."""
    lately = await session.scalars(
        select(Referral).where(
            Referral.conversation_id == conversation_id,
            Referral.state.not_in(OVER),
            Referral.opened_at > datetime.now(UTC) - AGAIN_WITHIN,
        )
    )
    # Sealed fields can't be compared by the database.
    return next((one for one in lately if _wish_of(one) == wish), None)


def _wish_of(referral: Referral) -> Wish:
    return Wish(
        need=referral.need,
        place=referral.place_code,
        service_id=referral.service_id,
        how=referral.how,
        when=referral.when,
        number=referral.number,
        name=referral.name or "",
        words=referral.words or "",
    )


async def _open(session: AsyncSession, person_id: uuid.UUID) -> int:
    open_ones = select(func.count()).where(Referral.person_id == person_id, Referral.state.not_in(OVER))
    return await session.scalar(open_ones) or 0


async def _draft(
    session: AsyncSession,
    conversation: Conversation,
    person_id: uuid.UUID,
    wish: Wish,
    language: str,
    read_out_by: uuid.UUID | None,
) -> Referral:
    """A new referral under a code that nobody else has."""
    while True:
        referral = Referral(
            code=codes.new(),
            person_id=person_id,
            conversation_id=conversation.id,
            service_id=wish.service_id,
            need=wish.need,
            place_code=wish.place,
            language=language,
            how=wish.how,
            when=wish.when,
            number=wish.number,
            name=wish.name or None,
            words=wish.words or None,
            assigned_to=read_out_by,
        )
        try:
            async with session.begin_nested():
                await lifecycle.begin(session, referral, staff(read_out_by) if read_out_by else PERSON)
        except IntegrityError:
            if await session.scalar(select(Referral.id).where(Referral.code == referral.code)):
                continue
            raise
        return referral


def _consent(
    referral: Referral,
    text: str,
    language: str,
    receiver: Recipient | None,
    message_id: uuid.UUID | None,
    read_out_by: uuid.UUID | None,
) -> Consent:
    return Consent(
        referral_id=referral.id,
        text=text,
        language=language,
        organization_id=receiver.organization_id if receiver else None,
        organization_name=receiver.name if receiver else None,
        message_id=message_id,
        recorded_by=read_out_by,
    )
