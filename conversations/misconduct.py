"""Reports of misconduct by aid workers: a store of their own, sealed with a key of its own, that only PSEA focal points
open (console.misconduct). A report may be about whoever reads conversations, so its words leave the conversation.

IASC's six principles on sexual exploitation and abuse are behind it: nobody is questioned, and no details are asked
for, a name least of all. Whoever reports may say more in one message, or that they may be called.
"""

import json
import uuid
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ForeignKey, exists, func, or_, select, update
from sqlalchemy import text as sql
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship

from conversations.assistant import Understood
from conversations.forgetting import let_rasa_forget
from conversations.models import MISCONDUCT, Address, Conversation, Correction, Handover, Message, Turn, one_of
from infrastructure import vault
from infrastructure.database import Base
from infrastructure.vault import Sealed
from orthography.folding import fold

STATES = ("new", "in_review", "passed_on", "closed")
# How long the next message is taken for more of the report.
INVITED = timedelta(hours=24)
# What a message is to the store, as the answer to it is called (`utter_misconduct_` and the word): a report, one by
# somebody who may be in danger, more of it, no more of it, and that they may be called.
Kind = Literal["report", "in_danger", "more", "enough", "may_call"]

_THAT_IS_ALL, _MAY_CALL = "1", "2"
_ENOUGH = frozenset(map(fold, ("لا", "لا شكرا", "خلص", "يكفي", "بس", "no", "no thanks", "done", "that's all", "la")))


class MisconductReport(Base):
    """What somebody reported. Nothing shown leads to them, unless they said that they may be called."""

    __tablename__ = "misconduct_report"
    __table_args__ = (one_of("state", STATES),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    # Only to take the next message for more of it; no page shows it, and it is emptied when the person is erased.
    conversation_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("conversation.id", ondelete="SET NULL"), index=True
    )
    words: Mapped[str] = mapped_column(Sealed(vault.MISCONDUCT))
    # JSON lists of what messages hold (conversations.models.Message).
    media: Mapped[str | None] = mapped_column(Sealed(vault.MISCONDUCT))
    locations: Mapped[str | None] = mapped_column(Sealed(vault.MISCONDUCT))
    call_back: Mapped[str | None] = mapped_column(Sealed(vault.MISCONDUCT))
    # Until when the next message belongs to it; empty once they said that it is all, or that they may be called.
    invites_until: Mapped[datetime | None]
    # False once more was said: then only the two numbers still count.
    may_say_more: Mapped[bool] = mapped_column(server_default=sql("true"))
    state: Mapped[str] = mapped_column(default="new")
    received_at: Mapped[datetime]
    # When more was said of it, or a focal point last wrote a note.
    changed_at: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)

    notes: Mapped[list["MisconductNote"]] = relationship(order_by="MisconductNote.at", lazy="raise")


class MisconductNote(Base):
    """What a focal point noted on a report, and the state they left it in."""

    __tablename__ = "misconduct_note"
    __table_args__ = (one_of("state", STATES),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    report_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("misconduct_report.id", ondelete="CASCADE"), index=True)
    state: Mapped[str]
    words: Mapped[str] = mapped_column(Sealed(vault.MISCONDUCT))
    written_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


def is_report(understood: Understood) -> bool:
    """Whether a message surely reports misconduct. Where it isn't sure, the bot asks what was meant."""
    return understood.sure and understood.intent == MISCONDUCT


async def invited(session: AsyncSession, message: Message) -> Kind | None:
    """What a message is that may say more of a report; None where nothing was reported just before."""
    report = await _inviting(session, message)
    if report is None:
        return None
    said = "" if message.media or message.location else fold(message.text)
    if said == _MAY_CALL:
        return "may_call"
    if said == _THAT_IS_ALL:
        return "enough"
    if not report.may_say_more:
        return None
    return "enough" if said in _ENOUGH else "more"


async def take(session: AsyncSession, message_id: uuid.UUID, kind: Kind) -> None:
    """Take a message into the store, or what it says of its report; the caller commits."""
    message = await session.get_one(Message, message_id, with_for_update=True)
    report = await _inviting(session, message) if kind not in ("report", "in_danger") else None
    if report is None:
        # Somebody in danger is spoken with by a person: what they write next must be read there.
        await keep_apart(session, message, invite=kind == "report")
        return
    report.changed_at = func.now()
    if kind == "more":
        _move(message, report)
        report.may_say_more = False
        return
    report.invites_until = None
    if kind == "may_call":
        report.call_back = await _address(session, message.conversation_id)


async def keep_apart(session: AsyncSession, message: Message, *, invite: bool) -> None:
    """Move a message's words into a report of their own, with the unclear one before it where this only chose what
    that one meant; the caller commits."""
    if message.kept_apart:
        return
    # Only the newest invites: what follows an older one by now may answer the bot.
    theirs = MisconductReport.conversation_id == message.conversation_id
    await session.execute(update(MisconductReport).where(theirs).values(invites_until=None))
    report = MisconductReport(
        conversation_id=message.conversation_id,
        words="",
        received_at=message.created_at,
        invites_until=func.now() + INVITED if invite else None,
    )
    for part in [*await _what_was_chosen(session, message), message]:
        _move(part, report)
    session.add(report)


async def recall(session: AsyncSession, message: Message) -> None:
    """Staff read a report in what the bot took for something else: from now on it is kept apart, with what was read in
    it. The caller commits."""
    await keep_apart(session, message, invite=False)
    await session.execute(update(Turn).where(Turn.message_id == message.id).values(entities={}))
    await session.execute(update(Correction).where(Correction.message_id == message.id).values(entities={}))
    await let_rasa_forget(session, message.conversation_id)


async def unlink(session: AsyncSession, person_id: uuid.UUID) -> None:
    """Leave the reports of a person without a way to them: the reports protect others and stay. The caller commits."""
    theirs = select(Conversation.id).join(Address).where(Address.person_id == person_id)
    await session.execute(
        update(MisconductReport)
        .where(MisconductReport.conversation_id.in_(theirs))
        .values(conversation_id=None, call_back=None, invites_until=None)
    )


async def _inviting(session: AsyncSession, message: Message) -> MisconductReport | None:
    """The report of which this message may say more.

    None once a person was called for a danger since: what is written next is for them. After an addition the numbers
    are those of our answer to it, as long as nothing else was written: the bot offers numbers too.
    """
    in_danger_since = exists().where(
        Handover.conversation_id == message.conversation_id,
        Handover.reason == "danger",
        or_(Handover.closed_at.is_(None), Handover.closed_at > MisconductReport.received_at),
    )
    follows_it = (
        select(Message.kept_apart)
        .where(
            Message.conversation_id == message.conversation_id,
            Message.direction == "inbound",
            Message.position < message.position,
        )
        .order_by(Message.position.desc())
        .limit(1)
        .scalar_subquery()
    )
    return await session.scalar(
        select(MisconductReport)
        .where(
            MisconductReport.conversation_id == message.conversation_id,
            MisconductReport.invites_until > message.created_at,
            or_(MisconductReport.may_say_more, follows_it),
            ~in_danger_since,
        )
        .order_by(MisconductReport.received_at.desc())
        .limit(1)
    )


async def _what_was_chosen(session: AsyncSession, message: Message) -> list[Message]:
    """The unclear message before, if this one only chooses among what the bot asked whether it meant.

    Rasa remembers what it found unclear, so it is told to forget.
    """
    before = await session.execute(
        select(Message, Turn)
        .join(Turn, Turn.message_id == Message.id)
        .where(Message.conversation_id == message.conversation_id, Message.position < message.position)
        .order_by(Message.position.desc())
        .limit(1)
    )
    unclear, turn = before.one_or_none() or (None, None)
    if unclear is None or turn is None or turn.sure or not await _is_choice(session, message):
        return []
    turn.entities = {}
    await let_rasa_forget(session, message.conversation_id)
    return [unclear]


async def _is_choice(session: AsyncSession, message: Message) -> bool:
    """Whether a message is only a number, or what is written on a button under what was said last before it."""
    if message.text.strip().isdecimal():
        return True
    offered = await session.scalar(
        select(Message.quick_replies)
        .where(
            Message.conversation_id == message.conversation_id,
            Message.direction == "outbound",
            Message.position < message.position,
        )
        .order_by(Message.position.desc())
        .limit(1)
    )
    return fold(message.text) in map(fold, offered or ())


async def _address(session: AsyncSession, conversation_id: uuid.UUID) -> str:
    address = select(Address.value).join(Conversation).where(Conversation.id == conversation_id)
    return (await session.scalars(address)).one()


def _move(message: Message, report: MisconductReport) -> None:
    """A message's words, media and pin, from where staff read them into a report."""
    report.words = "\n\n".join(filter(None, (report.words, message.text)))
    if message.media:
        report.media = json.dumps(json.loads(report.media or "[]") + json.loads(message.media))
    if message.location:
        report.locations = json.dumps([*json.loads(report.locations or "[]"), json.loads(message.location)])
    message.text, message.media, message.location, message.kept_apart = "", None, None, True
