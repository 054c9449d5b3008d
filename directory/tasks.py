"""What people, providers and staff say is wrong with an entry: one open task for each entry and reason.

A report changes nothing of what is published; only staff do. "refused" blames nobody: it asks the keeper to find out
what happened.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from directory.models import NOTICED_BY, OUTCOMES, REASONS, Entry, Report, Task
from infrastructure import audit

LONGEST_NOTE = 1_000
# So many conversations within so long say that people go there in vain: somebody must look today.
URGENT_REASONS, URGENT_CONVERSATIONS, URGENT_WITHIN = ("closed", "wrong_number", "wrong_address"), 3, timedelta(days=14)
# Whom it costs most: a way for nothing, or help that was not given.
FIRST_REASONS = ("closed", "wrong_address", "refused")
PAGE = 30
# Joiners that Kurdish and Persian are written with, and line ends; nothing else that can't be seen.
_UNSEEN_BUT_WANTED = "\n\u200c\u200d"


class NotPublished(Exception):
    """There is no such entry, or people don't see it (any more)."""


class ChangedMeanwhile(Exception):
    """What somebody looked at is not what stands now: they look again."""


async def open_task(
    session: AsyncSession,
    entry_id: UUID,
    reason: str,
    noticed_by: str,
    note: str = "",
    conversation_id: UUID | None = None,
    by: UUID | None = None,
    *,
    change: str | None = None,
    closed_until: date | None = None,
    call_back: str = "",
) -> Task:
    """Keep a report about a published entry, in the task that is open for the reason or in a new one.

    The same conversation counts once: to say so again is fine. NotPublished for any other entry; ValueError for an
    unknown reason or reporter, a note longer than LONGEST_NOTE, and a person's words: those stay in the conversation.
    `change`, `closed_until` and `call_back` are a provider's (`models.Report`). The caller commits.
    """
    note = clean(note)
    _check(reason, noticed_by, note)
    # The lock makes those who report at once come one after the other.
    entry = await session.get(Entry, entry_id, with_for_update=True)
    if entry is None or entry.status != "published":
        raise NotPublished(f"entry {entry_id} is not published")
    task = await session.scalar(
        select(Task)
        .where(Task.entry_id == entry_id, Task.reason == reason, Task.closed_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if task is None:
        task = Task(entry_id=entry_id, reason=reason)
        session.add(task)
        await session.flush()
        audit.record(session, by, "task.opened", entry_id, task=str(task.id), reason=reason, noticed_by=noticed_by)
    report = {"task_id": task.id, "noticed_by": noticed_by, "note": note or None, "call_back": call_back or None}
    report |= {"change": change, "closed_until": closed_until, "conversation_id": conversation_id, "created_by": by}
    once = insert(Report).values(report).on_conflict_do_nothing(index_elements=["task_id", "conversation_id"])
    await session.execute(once)
    if reason in URGENT_REASONS and not task.urgent:
        task.urgent = await _conversations(session, task) >= URGENT_CONVERSATIONS
    await session.flush()
    return task


async def close_task(session: AsyncSession, task_id: UUID, outcome: str, by: UUID, *, seen: int) -> None:
    """Close a task for good; a later report opens another. The caller commits.

    `seen` is how many reports it had when somebody decided: ChangedMeanwhile if there are more now, or a colleague
    closed it. An unknown outcome is a ValueError, an unknown task SQLAlchemy's NoResultFound.
    """
    if outcome not in OUTCOMES:
        raise ValueError(f"unknown outcome: {outcome!r}")
    task = await session.get_one(Task, task_id, with_for_update=True, options=[selectinload(Task.reports)])
    if task.closed_at or len(task.reports) != seen:
        raise ChangedMeanwhile
    task.closed_at, task.closed_by, task.outcome = datetime.now(UTC), by, outcome
    for report in task.reports:
        report.call_back = None
    audit.record(session, by, "task.closed", task.entry_id, task=str(task.id), reason=task.reason, outcome=outcome)
    await session.flush()


async def tasks(
    session: AsyncSession, *, closed: bool = False, keeper: UUID | None = None, offset: int = 0, limit: int = PAGE
) -> tuple[Sequence[Task], int]:
    """Some tasks with their entries and reports, and how many there are: of all, or of one keeper's services.

    Open ones: urgent, then whom it costs most, then as they came. Closed ones: the latest first.
    """
    matching = select(Task).join(Task.entry).where(Task.closed_at.is_not(None) if closed else Task.closed_at.is_(None))
    if keeper:
        matching = matching.where(Entry.keeper_id == keeper)
    total = await session.scalar(select(func.count()).select_from(matching.subquery()))
    first: ColumnElement[int] = case((Task.reason.in_(FIRST_REASONS), 0), else_=1)
    order = (Task.closed_at.desc(), Task.id) if closed else (Task.urgent.desc(), first, Task.created_at, Task.id)
    shown = matching.options(joinedload(Task.entry), selectinload(Task.reports)).order_by(*order)
    return (await session.scalars(shown.offset(offset).limit(limit))).all(), total or 0


async def count_open(session: AsyncSession) -> int:
    """How many tasks wait for somebody."""
    return await session.scalar(select(func.count()).select_from(Task).where(Task.closed_at.is_(None))) or 0


def clean(note: str) -> str:
    """What was written, without what can't be seen and spaces around it."""
    return "".join(one for one in note if one.isprintable() or one in _UNSEEN_BUT_WANTED).strip()


def _check(reason: str, noticed_by: str, note: str) -> None:
    if reason not in REASONS:
        raise ValueError(f"unknown reason: {reason!r}")
    if noticed_by not in NOTICED_BY:
        raise ValueError(f"unknown reporter: {noticed_by!r}")
    if len(note) > LONGEST_NOTE:
        raise ValueError(f"the note has more than {LONGEST_NOTE} characters")
    if note and noticed_by == "person":
        raise ValueError("what a person wrote stays in their conversation")


async def _conversations(session: AsyncSession, task: Task) -> int:
    """How many conversations have said so lately."""
    since = datetime.now(UTC) - URGENT_WITHIN
    count = select(func.count()).where(
        Report.task_id == task.id, Report.conversation_id.is_not(None), Report.created_at > since
    )
    return await session.scalar(count) or 0
