"""What the pages show of conversations: the list, and one thread. Reading only."""

import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, contains_eager

from console.accounts import Staff
from conversations import handover, opt_out, window
from conversations.models import Address, Conversation, Handover, Message, Turn

PAGE = 30
EXCERPT = 80
SHOWS = ("all", "waiting", "mine")


@dataclass(frozen=True)
class Summary:
    """A conversation as a line of the list, with the period it is in and the name of who has it in hand."""

    conversation: Conversation
    period: Handover | None
    holder: str | None
    last: Message | None

    @property
    def excerpt(self) -> str:
        """The last message's first words."""
        text = " ".join(self.last.text.split()) if self.last else ""
        return text if len(text) <= EXCERPT else text[:EXCERPT].rstrip() + "…"


@dataclass(frozen=True)
class Listing:
    """The first conversations of the list, how many each choice has, and whether there are more lines."""

    summaries: list[Summary]
    counts: dict[str, int]
    more: bool


@dataclass(frozen=True)
class Entry:
    """A message with what was understood of it; a colleague's with their name."""

    message: Message
    turn: Turn | None
    author: str | None = None

    @property
    def media(self) -> list[str]:
        """What was sent along: `picture`, `voice`, `video` or `file`."""
        return kinds_of_media(self.message.media)

    @property
    def location(self) -> dict[str, Any] | None:
        """The pin: `latitude`, `longitude`, `label`."""
        return json.loads(self.message.location) if self.message.location else None


@dataclass(frozen=True)
class Mark:
    """Where in a thread a colleague took over (`taken`), or a period ended (its outcome)."""

    at: datetime
    what: str
    who: str | None
    held: bool


@dataclass(frozen=True)
class Thread:
    """A conversation with its newest messages, oldest first, and the marks between them."""

    conversation: Conversation
    period: Handover | None
    holder: str | None
    timeline: list[Entry | Mark]
    earlier: bool
    # Nothing at all reaches somebody who said stop and hasn't written since.
    silent: bool
    # WhatsApp takes free text now.
    window_open: bool


def kinds_of_media(media: str | None) -> list[str]:
    """What a message's media are, as `Entry.media` tells it."""
    kinds = {"image": "picture", "audio": "voice", "video": "video"}
    return [kinds.get(item["content_type"].split("/")[0], "file") for item in json.loads(media or "[]")]


def code(conversation: Conversation) -> str:
    """How colleagues name a conversation to each other."""
    return str(conversation.id)[:6]


def masked(address: str) -> str:
    """Enough of a number to tell two apart, too little to call it."""
    return f"•••{address[-3:]}"


async def listing(session: AsyncSession, staff_id: uuid.UUID, shown: int = PAGE, show: str = "all") -> Listing:
    """Danger on top, then who waits, the longest wait first, then the newest. Each with their last words.

    `show` is one of SHOWS: all conversations, those that wait for a colleague, or those that are in `staff_id`'s hands.
    """
    last = aliased(Message)
    newest = (
        select(Message.position)
        .where(Message.conversation_id == Conversation.id, Message.direction == "inbound")
        .order_by(Message.position.desc())
        .limit(1)
        .scalar_subquery()
    )
    chosen: dict[str, ColumnElement[bool]] = {
        "all": true(),
        "waiting": Handover.id.is_not(None) & Handover.taken_by.is_(None),
        "mine": Handover.taken_by == staff_id,
    }
    rows = await session.execute(
        select(Conversation, Handover, Staff.name, last)
        .join(Conversation.address)
        .options(contains_eager(Conversation.address))
        .outerjoin(Handover, (Handover.conversation_id == Conversation.id) & Handover.closed_at.is_(None))
        .outerjoin(Staff, Staff.id == Handover.taken_by)
        .outerjoin(last, (last.conversation_id == Conversation.id) & (last.position == newest))
        .where(chosen[show])
        .order_by(
            (Handover.reason == "danger").desc().nulls_last(),
            case((Handover.taken_by.is_(None), Handover.requested_at)).asc().nulls_last(),
            Conversation.last_message_at.desc(),
            Conversation.id,
        )
        .limit(shown + 1)
    )
    summaries = [Summary(*row) for row in rows]
    return Listing(summaries[:shown], await _counts(session, staff_id), len(summaries) > shown)


async def thread(session: AsyncSession, conversation_id: uuid.UUID, shown: int = PAGE) -> Thread | None:
    """The newest messages of a conversation; None when there is no such conversation."""
    conversation = await session.scalar(
        select(Conversation)
        .join(Address)
        .options(contains_eager(Conversation.address))
        .where(Conversation.id == conversation_id)
    )
    if conversation is None:
        return None
    rows = await session.execute(
        select(Message, Turn, Staff.name)
        .outerjoin(Turn, Turn.message_id == Message.id)
        .outerjoin(Staff, Staff.id == Message.written_by)
        .where(Message.conversation_id == conversation_id)
        .order_by(Message.position.desc())
        .limit(shown + 1)
    )
    entries = [Entry(*row) for row in rows]
    earlier, entries = len(entries) > shown, entries[shown - 1 :: -1]
    marks = await _marks(session, conversation_id, entries[0].message.created_at if earlier else None)
    period = await handover.open_period(session, conversation_id)
    holder = await session.scalar(select(Staff.name).where(Staff.id == period.taken_by)) if period else None
    return Thread(
        conversation,
        period,
        holder,
        list(_merged(entries, marks)),
        earlier,
        await opt_out.is_silent(session, conversation_id),
        await window.is_open(session, conversation),
    )


async def _counts(session: AsyncSession, staff_id: uuid.UUID) -> dict[str, int]:
    counted = await session.execute(
        select(
            select(func.count()).select_from(Conversation).scalar_subquery(),
            func.count().filter(Handover.taken_by.is_(None)),
            func.count().filter(Handover.taken_by == staff_id),
        )
        .select_from(Handover)
        .where(Handover.closed_at.is_(None))
    )
    return dict(zip(SHOWS, counted.one(), strict=True))


async def _marks(session: AsyncSession, conversation_id: uuid.UUID, since: datetime | None) -> list[Mark]:
    """The marks of a conversation, in order; with `since`, those from then on."""
    taker, closer = aliased(Staff), aliased(Staff)
    rows = await session.execute(
        select(Handover, taker.name, closer.name)
        .outerjoin(taker, taker.id == Handover.taken_by)
        .outerjoin(closer, closer.id == Handover.closed_by)
        .where(Handover.conversation_id == conversation_id)
    )
    marks = []
    for period, taken_by, closed_by in rows:
        if period.taken_at:
            marks.append(Mark(period.taken_at, "taken", taken_by, held=True))
        # Who relieved a colleague has a mark of their own at the same moment.
        if period.closed_at and period.outcome and period.outcome != "relieved":
            marks.append(Mark(period.closed_at, period.outcome, closed_by, held=period.taken_at is not None))
    return sorted((mark for mark in marks if since is None or mark.at >= since), key=lambda mark: mark.at)


def _merged(entries: Sequence[Entry], marks: list[Mark]) -> Iterator[Entry | Mark]:
    """Messages in their own order, each after the marks that came before it."""
    waiting = list(marks)
    for entry in entries:
        while waiting and waiting[0].at <= entry.message.created_at:
            yield waiting.pop(0)
        yield entry
    yield from waiting
