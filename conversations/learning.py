"""Learning from what was misread: messages worth a look, what staff say they mean, what may become training data."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from conversations import screening
from conversations.models import DANGERS, Correction, Message, Turn

# Where the bot was less confident than this, a look is worth it even though it acted.
DOUBTFUL = 0.5
BANDS = {"under_30": (0.0, 0.3), "30_to_50": (0.3, 0.5), "50_to_70": (0.5, 0.7), "over_70": (0.7, 1.01)}
PAGE = 20
# What somebody writes so close to a danger may still be about it.
AROUND_DANGER = timedelta(hours=1)

State = Literal["all", "unsure", "unanswered", "corrected"]
Band = Literal["", "under_30", "30_to_50", "50_to_70", "over_70"]


@dataclass(frozen=True)
class Wanted:
    """Which messages to list; empty means any."""

    state: State = "all"
    language: str = ""
    band: Band = ""
    before: int | None = None  # a message's position: only older ones


@dataclass(frozen=True)
class Lesson:
    """A message with what the bot read in it and what staff say it means."""

    message: Message
    turn: Turn
    correction: Correction | None

    @property
    def is_danger(self) -> bool:
        """Whether the bot or staff read a danger in it."""
        return self.turn.intent in DANGERS or (self.correction is not None and self.correction.intent in DANGERS)


async def lessons(session: AsyncSession, wanted: Wanted) -> tuple[list[Lesson], bool]:
    """A page of messages worth a look, newest first, and whether there are older ones.

    `unsure` and `unanswered` are what nobody corrected yet; `all` holds every message of danger too.
    """
    query = _query().where(*_conditions(wanted)).order_by(Message.position.desc()).limit(PAGE + 1)
    found = [_lesson(row) for row in await session.execute(query)]
    return found[:PAGE], len(found) > PAGE


async def lesson(session: AsyncSession, message_id: uuid.UUID) -> Lesson | None:
    """One message, whatever the bot made of it; None when there is no such turn."""
    row = (await session.execute(_query().where(Message.id == message_id))).one_or_none()
    return _lesson(row) if row else None


async def correct(
    session: AsyncSession,
    message_id: uuid.UUID,
    intent: str,
    entities: Mapping[str, list[str]],
    staff_id: uuid.UUID,
    *,
    seen: datetime | None,
) -> bool:
    """Keep what a message means and who said so; the caller commits.

    `seen` is when the correction they looked at was made (None: there was none). False when a colleague changed it
    meanwhile; then nothing is kept.
    """
    said = {"intent": intent, "entities": dict(entities), "corrected_by": staff_id, "harvested_at": None}
    kept = await session.execute(
        insert(Correction)
        .values(message_id=message_id, **said)
        .on_conflict_do_update(
            index_elements=["message_id"],
            # Not now(), the start of the transaction: each correction has a moment of its own.
            set_={**said, "corrected_at": func.clock_timestamp()},
            where=Correction.corrected_at == seen,
        )
        .returning(Correction.message_id)
    )
    return kept.scalar() is not None


async def candidates(session: AsyncSession) -> list[Lesson]:
    """Corrections that nobody reviewed for training yet, oldest first.

    Never one that speaks of danger, by the bot's reading, by a colleague's or by the screen's; nor any other message of
    a conversation within an hour of one that the bot or a colleague read so.
    """
    other, turn, correction = aliased(Message), aliased(Turn), aliased(Correction)
    near_danger = (
        select(other.id)
        .join(turn, turn.message_id == other.id)
        .outerjoin(correction, correction.message_id == other.id)
        .where(
            other.conversation_id == Message.conversation_id,
            other.created_at.between(Message.created_at - AROUND_DANGER, Message.created_at + AROUND_DANGER),
            or_(turn.intent.in_(DANGERS), correction.intent.in_(DANGERS)),
        )
        .exists()
    )
    waiting = _query().where(Correction.harvested_at.is_(None), Correction.message_id.is_not(None), ~near_danger)
    rows = await session.execute(waiting.order_by(Correction.corrected_at, Message.position))
    return [found for found in map(_lesson, rows) if not screening.screen(found.message.text)]


async def reviewed(session: AsyncSession, correction: Correction) -> None:
    """Don't offer a correction again, unless it was changed meanwhile; the caller commits."""
    await session.execute(
        update(Correction)
        .where(Correction.message_id == correction.message_id, Correction.corrected_at == correction.corrected_at)
        .values(harvested_at=func.now())
    )


def _query() -> Select[Message, Turn, Correction]:
    """Never what is kept apart, and so never a report of misconduct."""
    return (
        select(Message, Turn, Correction)
        .join(Turn, Turn.message_id == Message.id)
        .outerjoin(Correction, Correction.message_id == Message.id)
        .where(~Message.kept_apart)
    )


def _lesson(row: Row[Message, Turn, Correction]) -> Lesson:
    message, turn, correction = row
    return Lesson(message, turn, correction)


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    uncorrected = Correction.message_id.is_(None)
    # What holds no words (a picture) was never read, so there is no doubt about it.
    unsure = and_(Turn.intent.is_not(None), or_(~Turn.sure, Turn.confidence < DOUBTFUL))
    unanswered = Turn.outcome == "failed"
    conditions = {
        "all": or_(unsure, unanswered, Turn.intent.in_(DANGERS), ~uncorrected),
        "unsure": and_(unsure, uncorrected),
        "unanswered": and_(unanswered, uncorrected),
        "corrected": ~uncorrected,
    }
    chosen = [conditions[wanted.state]]
    if wanted.language:
        chosen.append(Turn.language == wanted.language)
    if wanted.band:
        low, high = BANDS[wanted.band]
        chosen.append(and_(Turn.confidence >= low, Turn.confidence < high))
    if wanted.before is not None:
        chosen.append(Message.position < wanted.before)
    return chosen
