"""Records from a file become drafts for review: what is new, what is different, and what has to wait."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from directory import publishing, records
from directory.checking import Problem
from directory.completeness import Incomplete, open_revision, unpublished_parts
from directory.differences import differences
from directory.models import Entry, Revision
from directory.records import Kind, Location, Organization, Service, Words
from infrastructure import audit

Brought = Organization | Location | Service
State = Literal["new", "changed", "unchanged", "left_out"]

# Begins the note of every revision that an import made; what staff saved since has another.
NOTE = "HSDS: "
# Any number that nothing else locks on: one import at a time, so that two of one file don't make everything twice.
IMPORT_LOCK = 7022


@dataclass
class Change:
    """What becomes of one record of the file."""

    kind: Kind
    id: UUID
    name: Words
    state: State
    # The fields that differ from what is published ("at[0].phones[1].number").
    fields: Sequence[str] = ()
    # Why it is left out: somebody's draft is open ("edited"), it is "archived", a reviewer has "rejected" just this, or
    # the kind that the id has here.
    why: str = ""
    # What is missing before it can be reviewed; empty for what was handed to review.
    missing: Sequence[Problem] = ()
    # It was kept as a draft because the file says that it isn't offered.
    is_held: bool = False


async def propose_all(
    session: AsyncSession, made: Sequence[Brought], *, held: Collection[UUID], author: UUID | None, source: str
) -> list[Change]:
    """Keep records as drafts, what services refer to first, and submit those that are complete; the caller commits.

    `source` is told with every revision. `held` stay drafts. Without an author any one reviewer may publish them: the
    other person of the two is the operator who brought the file in.
    """
    await session.execute(select(func.pg_advisory_xact_lock(IMPORT_LOCK)))
    changes, drafts = [], []
    for record in made:
        change, draft = await _propose(session, record, author, f"{NOTE}{source}")
        changes.append(change)
        if draft:
            drafts.append((change, draft))
    ours = {draft.id for _, draft in drafts}
    for change, draft in drafts:
        if change.id in held:
            change.is_held = True
        else:
            change.missing = await _submit(session, draft, ours)
    counts = {state: sum(change.state == state for change in changes) for state in ("new", "changed", "left_out")}
    audit.record(session, author, "directory.imported", None, source=source, **counts)
    return changes


async def _propose(
    session: AsyncSession, record: Brought, author: UUID | None, note: str
) -> tuple[Change, Revision | None]:
    entry, open_one = await session.get(Entry, record.id), await open_revision(session, record.id)
    change = Change(records.kind_of(record), record.id, _name(record), "new")
    change.state, change.why = await _standing(session, record, entry, open_one)
    if change.state in ("unchanged", "left_out"):
        return change, None
    # What an earlier import left open is replaced; anybody else's draft is a conflict.
    seen = publishing.mark(open_one) if open_one and open_one.note.startswith(NOTE) else ""
    base = entry.published if entry else 0
    try:
        draft = await publishing.propose(session, record, author=author, base=base, seen=seen, note=note)
    except publishing.Conflict:
        change.state, change.why = "left_out", "edited"
        return change, None
    if entry and entry.document is not None:
        change.fields = [one.field for one in differences(entry.document, record.document())]
    return change, draft


def _name(record: Brought) -> Words:
    return record.name or (record.address if isinstance(record, Location) else Words())


async def _standing(
    session: AsyncSession, record: Brought, entry: Entry | None, open_one: Revision | None
) -> tuple[State, str]:
    """What a record is beside what is here, and why it is left out if it is."""
    if entry is None:
        return "new", ""
    if entry.kind != records.kind_of(record):
        return "left_out", entry.kind
    if entry.status == "archived":
        return "left_out", "archived"
    document = record.document()
    if document in (entry.document, open_one and open_one.document):
        return "unchanged", ""
    if await _was_rejected(session, entry, document):
        return "left_out", "rejected"
    return ("new" if entry.document is None else "changed"), ""


async def _was_rejected(session: AsyncSession, entry: Entry, document: dict[str, Any]) -> bool:
    same = select(Revision).where(
        Revision.entry_id == entry.id, Revision.state == "rejected", Revision.document == document
    )
    return bool(await session.scalar(select(exists(same))))


async def _submit(session: AsyncSession, draft: Revision, ours: Collection[UUID]) -> Sequence[Problem]:
    """Hand a draft to review if it is complete and would take nobody else's draft with it; else what is missing."""
    try:
        parts = await unpublished_parts(session, draft)
        if others := [field for field, part in parts.items() if part.state == "draft" and part.id not in ours]:
            return [Problem(field, "not_published") for field in others]
        await publishing.submit(session, draft)
    except Incomplete as incomplete:
        return incomplete.problems
    return ()
