"""The log: who did what to the directory, the emergency lines and the accounts, who looked at what, and when."""

from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from typing import Annotated, Literal
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access import Reviewer
from console.accounts import Staff
from console.pages import render
from directory import records
from directory.models import Entry, Revision
from directory.records import Record
from infrastructure.audit import AuditRecord

router = APIRouter(prefix="/console/directory/log")

PAGE, LAST_ID = 50, 2**63 - 1
# What to choose from; directory/_acts.html has words for them, and shows any other act as it is.
ACTIONS = (
    "entry.submitted",
    "entry.published",
    "entry.rejected",
    "entry.discarded",
    "entry.archived",
    "entry.assured",
    "entry.keeper_set",
    "entry.merged",
    "entry.not_duplicate",
    "entry.may_be_duplicate",
    "task.opened",
    "task.closed",
    "confirmation.made",
    "confirmation.withdrawn",
    "confirmation.given",
    "import.uploaded",
    "import.applied",
    "import.published",
    "import.undone",
    "import.removed",
    "directory.imported",
    "directory.exported",
    "emergency_line.added",
    "emergency_line.changed",
    "emergency_line.removed",
    "referral.opened",
    "referral.moved",
    "referral.taken",
    "referral.person_seen",
    "referral.recalled",
    "conversation.taken_over",
    "conversation.handed_back",
    "conversation.media_opened",
    "person.opted_out",
    "person.opted_in",
    "staff.added",
    "staff.deactivated",
    "person.erased",
    "retention.applied",
    "misconduct.listed",
    "misconduct.read",
    "misconduct.noted",
)


@dataclass(frozen=True)
class Wanted:
    """Which acts to list; empty means any."""

    person: UUID | Literal[""] = ""
    action: str = ""
    entry: UUID | Literal[""] = ""
    before: int | None = None  # only older ones than the act with this id

    def query(self) -> str:
        """As it stands in an address."""
        return urlencode({name: value for name, value in asdict(self).items() if value})


def wanted(
    person: UUID | Literal[""] = "",
    action: Annotated[str, Query(max_length=100)] = "",
    entry: UUID | Literal[""] = "",
    before: Annotated[int | None, Query(ge=1, le=LAST_ID)] = None,
) -> Wanted:
    """The list's filters, as they stand in its addresses."""
    return Wanted(person, action, entry, before)


@router.get("")
async def log_page(request: Request, staff: Reviewer, filters: Annotated[Wanted, Depends(wanted)]) -> Response:
    async with request.app.state.resources.sessions() as session:
        acts = await _acts(session, filters, staff)
        shown, more = acts[:PAGE], len(acts) > PAGE
        subjects = {act.subject_id for act in shown if act.subject_id}
        people = await session.execute(select(Staff.id, Staff.name).order_by(func.lower(Staff.name)))
        return render(
            request,
            "directory/log.html",
            acts=shown,
            filters=filters,
            actions=ACTIONS,
            people={str(row.id): row.name for row in people},
            entries=await _records(session, subjects | ({filters.entry} if filters.entry else set())),
            newest=replace(filters, before=None).query(),
            older=replace(filters, before=shown[-1].id).query() if more else None,
            without_entry=replace(filters, entry="", before=None).query(),
        )


async def _acts(session: AsyncSession, filters: Wanted, staff: Staff) -> list[AuditRecord]:
    """A page of acts, newest first, and one more if there are older ones. Reviewers know nothing of referrals."""
    query = select(AuditRecord).order_by(AuditRecord.id.desc()).limit(PAGE + 1)
    if staff.role == "reviewer":
        query = query.where(AuditRecord.action.not_like("referral.%"))
    if filters.person:
        query = query.where(AuditRecord.actor_id == filters.person)
    if filters.action:
        # PostgreSQL takes no null character, and no action has one.
        query = query.where(AuditRecord.action == filters.action.replace("\0", ""))
    if filters.entry:
        query = query.where(AuditRecord.subject_id == filters.entry)
    if filters.before:
        query = query.where(AuditRecord.id < filters.before)
    return list(await session.scalars(query))


async def _records(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Record]:
    """Entries by id: as published, or as last proposed where they never were."""
    proposed = select(Revision.document).where(Revision.entry_id == Entry.id).order_by(Revision.number.desc()).limit(1)
    document = func.coalesce(Entry.document, proposed.scalar_subquery())
    rows = await session.execute(select(Entry.id, Entry.kind, document).where(Entry.id.in_(ids)))
    return {entry: records.read(kind, said) for entry, kind, said in rows if said}
