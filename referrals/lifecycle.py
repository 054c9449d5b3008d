"""What becomes of a referral: the moves that are allowed, each recorded with who and when, and told to the person.

draft -> consented -> sent -> received -> accepted -> in_service -> closed
                                      `-> declined -> closed
Sent means that it waits on our caseworkers' list; received, that whoever helps has it. A declined one is never sent
elsewhere: another service needs another consent, so another referral. Once sent it can be closed at any point, because
people move away or can't be reached; the person can withdraw as long as it is open.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from conversations import outbox
from conversations.assistant import Reply
from conversations.models import Conversation
from infrastructure import audit
from infrastructure.wording import Wording
from referrals.models import OUTCOMES, OVER, Consent, Referral, ReferralEvent
from referrals.wishes import visible

MOVES: dict[str, tuple[str, ...]] = {
    "draft": ("consented", "withdrawn"),
    "consented": ("sent", "withdrawn"),
    "sent": ("received", "closed", "withdrawn"),
    "received": ("accepted", "declined", "closed", "withdrawn"),
    "accepted": ("in_service", "closed", "withdrawn"),
    "declined": ("closed", "withdrawn"),
    "in_service": ("closed", "withdrawn"),
    "closed": (),
    "withdrawn": (),
}
# What can have come of it by then: nobody was helped by what nobody accepted.
ENDINGS = {state: OUTCOMES if state in ("accepted", "in_service") else OUTCOMES[1:] for state in MOVES}
# The steps of opening are answered in the conversation itself.
TOLD = ("received", "accepted", "declined", "in_service", "closed", "withdrawn")
# By then whoever helps knows of it.
HAD_BY_THEM = ("received", "accepted", "declined", "in_service")
LONGEST_NOTE = 1_000


class NotAllowed(ValueError):
    """There is no such move from where the referral stands, or not with this outcome."""


class ChangedMeanwhile(Exception):
    """A colleague or the person was faster: nothing was done, look at what stands now."""


@dataclass(frozen=True)
class Mover:
    """Who makes a move: the person, the system, or a member of staff."""

    who: str
    staff_id: UUID | None = None


PERSON, SYSTEM = Mover("person"), Mover("system")


def staff(staff_id: UUID) -> Mover:
    """A member of staff."""
    return Mover("staff", staff_id)


async def move(
    session: AsyncSession,
    wording: Wording,
    referral_id: UUID,
    to: str,
    mover: Mover,
    *,
    seen: str,
    outcome: str | None = None,
    note: str = "",
) -> Referral:
    """Move a referral that stands where somebody saw it, and tell the person, in the caller's transaction.

    ChangedMeanwhile if it stands elsewhere by now; NotAllowed; a note too long is a ValueError, an unknown referral
    SQLAlchemy's NoResultFound.
    """
    referral = await locked(session, referral_id)
    if referral.state != seen:
        raise ChangedMeanwhile
    await record(session, referral, to, mover, outcome=outcome, note=note)
    await _tell(session, wording, referral)
    return referral


async def record(
    session: AsyncSession,
    referral: Referral,
    to: str,
    mover: Mover,
    *,
    outcome: str | None = None,
    note: str = "",
) -> None:
    """As `move`, of a referral that the caller has locked (or just made), telling nobody."""
    if to not in MOVES[referral.state]:
        raise NotAllowed(f"{referral.state} -> {to}")
    if outcome not in (ENDINGS[referral.state] if to == "closed" else (None,)):
        raise NotAllowed(f"{referral.state} -> {to} with outcome {outcome}")
    note = visible(note)
    if len(note) > LONGEST_NOTE:
        raise ValueError(f"the note has more than {LONGEST_NOTE} characters")
    now, came_from = datetime.now(UTC), referral.state
    referral.state, referral.outcome, referral.changed_at = to, outcome, now
    if to in OVER:
        referral.closed_at = now
    if to == "withdrawn":
        await _take_back(session, referral, came_from, now)
    await _add_event(session, referral, came_from, mover, now, note)


async def _take_back(session: AsyncSession, referral: Referral, came_from: str, now: datetime) -> None:
    """The consent ends with it; an organization that had it must be told by somebody."""
    if referral.service_id and came_from in HAD_BY_THEM:
        referral.recall = "due"
    if consent := await session.get(Consent, referral.id):
        consent.withdrawn_at = now


async def begin(session: AsyncSession, referral: Referral, mover: Mover) -> None:
    """Store a new referral as a draft, with its first event."""
    session.add(referral)
    await session.flush()
    await _add_event(session, referral, None, mover, datetime.now(UTC), "")


async def take(session: AsyncSession, referral_id: UUID, staff_id: UUID, *, seen: UUID | None) -> Referral:
    """Make somebody see to a referral, instead of whom they saw to do so; ChangedMeanwhile, NotAllowed when it is over.

    An unknown referral is SQLAlchemy's NoResultFound. The caller commits.
    """
    referral = await locked(session, referral_id)
    if referral.assigned_to != seen:
        raise ChangedMeanwhile
    if not referral.is_open:
        raise NotAllowed("it is over")
    referral.assigned_to = staff_id
    audit.record(session, staff_id, "referral.taken", referral.id, code=referral.code)
    await session.flush()
    return referral


async def recalled(session: AsyncSession, referral_id: UUID, staff_id: UUID) -> None:
    """Keep that somebody told the organization to forget what was taken back; said twice is fine. The caller commits.

    NotAllowed where there is nobody to tell; an unknown referral is SQLAlchemy's NoResultFound.
    """
    referral = await locked(session, referral_id)
    if referral.recall is None:
        raise NotAllowed("nobody had it, or it stands")
    if referral.recall == "due":
        referral.recall = "done"
        audit.record(session, staff_id, "referral.recalled", referral.id, code=referral.code)
    await session.flush()


async def locked(session: AsyncSession, referral_id: UUID) -> Referral:
    """A referral as it stands now, kept so until the transaction ends: who comes next waits, and sees what was done."""
    return await session.get_one(Referral, referral_id, with_for_update=True, populate_existing=True)


async def _add_event(
    session: AsyncSession, referral: Referral, came_from: str | None, mover: Mover, at: datetime, note: str
) -> None:
    last = await session.scalar(select(func.max(ReferralEvent.number)).where(ReferralEvent.referral_id == referral.id))
    event = ReferralEvent(
        referral_id=referral.id, number=(last or 0) + 1, to_state=referral.state, at=at, note=note or None
    )
    event.from_state, event.who, event.by_staff = came_from, mover.who, mover.staff_id
    session.add(event)
    details: dict[str, Any] = {
        "code": referral.code,
        "from": came_from,
        "to": referral.state,
        "outcome": referral.outcome,
    }
    told = {name: value for name, value in details.items() if value}
    act = "referral.moved" if came_from else "referral.opened"
    audit.record(session, mover.staff_id, act, referral.id, **told, by=mover.who)
    await session.flush()


async def _tell(session: AsyncSession, wording: Wording, referral: Referral) -> None:
    """The news in words that a stranger may read: a code and where it stands, never for what or with whom."""
    if referral.state in TOLD and referral.conversation_id:
        await say(session, wording, referral, f"utter_referral_news_{referral.state}")


async def say(session: AsyncSession, wording: Wording, referral: Referral, key: str) -> None:
    """Text the person about their referral, in the language they write by now."""
    conversation = await session.get_one(Conversation, referral.conversation_id)
    text = wording.say(key, conversation.language or referral.language, code=referral.code)
    await outbox.say(session, conversation, [Reply(text)], author="system")
