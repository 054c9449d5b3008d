"""From draft to published and back: who proposed what, who let it through, and what it said before.

A member of staff works on a revision; another one publishes it. What is published stays as it is until then. An entry
has one open revision at most: somebody who began from an older one, or from an older published one, gets a Conflict
with what stands now, and chooses.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from directory import likeness, listings, records
from directory.checking import Problem
from directory.completeness import Incomplete, open_revision, unpublished_parts
from directory.models import OPEN_STATES, Entry, Revision
from directory.records import Record
from infrastructure import audit


class Conflict(Exception):
    """Somebody else saved or published meanwhile; `document` stands now, `base` and `seen` are what to go on from."""

    def __init__(self, document: dict[str, Any] | None, base: int, seen: str) -> None:
        super().__init__(f"changed meanwhile: published is {base}, open is {seen or 'nothing'}")
        self.document, self.base, self.seen = document, base, seen


class NotAllowed(Exception):
    """The move isn't one that this revision can make, or not by this member of staff."""


def mark(revision: Revision | None) -> str:
    """What tells the state of an open revision from a later one; empty for none. Forms carry it."""
    return f"{revision.number} {revision.saved_at.isoformat()}" if revision else ""


async def propose(
    session: AsyncSession,
    record: Record,
    *,
    author: UUID | None,
    base: int = 0,
    seen: str = "",
    note: str = "",
    batch: UUID | None = None,
) -> Revision:
    """Keep a record as the entry's draft; raises Conflict and NotAllowed. The caller commits.

    `base` is the published revision it was written upon, `seen` the mark of the open one (`mark`): a draft that its own
    author saves again stays the same revision, any other open one is replaced.
    """
    entry, is_new = await _locked_entry(session, record)
    open_one = None if is_new else await open_revision(session, entry.id)
    if mark(open_one) != seen:
        raise Conflict(open_one.document if open_one else entry.document, entry.published, mark(open_one))
    if entry.published != base:
        raise Conflict(entry.document, entry.published, mark(open_one))
    if open_one and open_one.state == "draft" and author is not None and open_one.author_id == author:
        open_one.document, open_one.base, open_one.saved_at = record.document(), base, datetime.now(UTC)
        open_one.note, open_one.batch_id, entry.folded = note, batch, listings.folded_names(record)
        audit.record(session, author, "entry.saved", entry.id, revision=open_one.number)
        await session.flush()
        return open_one
    if open_one:
        open_one.state = "replaced"
        await session.flush()
    revision = await _add(session, entry, record, author=author, note=note, batch=batch)
    audit.record(session, author, "entry.saved", entry.id, revision=revision.number)
    return revision


async def submit(session: AsyncSession, revision: Revision) -> None:
    """Hand a draft to a reviewer, and drafts of its organization and locations that were never published with it.

    Raises Incomplete or NotAllowed. The caller commits.
    """
    if revision.state != "draft":
        raise NotAllowed(f"a revision that is {revision.state} can't be submitted")
    for field, part in (await unpublished_parts(session, revision)).items():
        if part.state == "draft":
            try:
                await submit(session, part)
            except Incomplete as incomplete:
                raise Incomplete(
                    [Problem(f"{field}.{field_of}", code) for field_of, code in incomplete.problems]
                ) from None
    revision.state = "in_review"
    audit.record(session, revision.author_id, "entry.submitted", revision.entry_id, revision=revision.number)


async def publish(session: AsyncSession, revision: Revision, *, by: UUID | None, alone: bool = False) -> None:
    """Let a reviewed revision be what the entry says, with its parts in review that were never published.

    Raises NotAllowed, Incomplete or Conflict. The caller commits. Nobody publishes what they wrote themselves unless
    `alone`: an installation with a single admin says so.
    """
    await publish_all(session, [revision], by=by, alone=alone)


async def publish_all(
    session: AsyncSession, revisions: Sequence[Revision], *, by: UUID | None, alone: bool = False
) -> None:
    """As `publish`, many at once: all or, if one can't be, none, provided the caller rolls back."""
    changed: list[UUID] = []
    for revision in revisions:
        if revision.state != "published":
            changed += await _publish(session, revision, by, alone)
    await session.flush()
    await listings.renew(session, changed)


async def reject(session: AsyncSession, revision: Revision, *, by: UUID, note: str) -> None:
    """Send a revision back to its author with a word why. The caller commits."""
    if revision.state != "in_review":
        raise NotAllowed(f"a revision that is {revision.state} can't be rejected")
    _decide(session, revision, "rejected", by, "entry.rejected")
    revision.note = note


async def discard(session: AsyncSession, revision: Revision, *, by: UUID) -> None:
    """Give an open revision up; what it said stays in the history. The caller commits."""
    if revision.state not in OPEN_STATES:
        raise NotAllowed(f"a revision that is {revision.state} can't be discarded")
    _decide(session, revision, "rejected", by, "entry.discarded")


async def archive(session: AsyncSession, entry_id: UUID, *, by: UUID | None = None) -> None:
    """Take an entry out of every answer; what it said stays, and `restore` brings it back. The caller commits."""
    await archive_all(session, [entry_id], by=by)


async def archive_all(session: AsyncSession, entry_ids: Sequence[UUID], *, by: UUID | None = None) -> None:
    """As `archive`, many at once: all or, if one can't be, none, provided the caller rolls back."""
    for entry_id in entry_ids:
        entry = await session.get_one(Entry, entry_id, with_for_update=True)
        if entry.status != "published":
            raise NotAllowed(f"an entry that is {entry.status} can't be archived")
        entry.status, entry.changed_at = "archived", datetime.now(UTC)
        audit.record(session, by, "entry.archived", entry_id)
    await session.flush()
    await listings.renew(session, entry_ids)


async def restore(session: AsyncSession, revision: Revision, *, author: UUID) -> Revision:
    """A new draft that says what an older revision said; raises Conflict while another is open. The caller commits."""
    entry = await session.get_one(Entry, revision.entry_id)
    record = records.read(entry.kind, revision.document)
    return await propose(session, record, author=author, base=entry.published, note=f"restores {revision.number}")


async def assure(session: AsyncSession, entry_id: UUID, day: date, *, by: UUID | None) -> None:
    """Keep that a service was found true on a day: by staff, or (`by` None) by who offers it. The caller commits.

    It needs no review, and who is writing a draft of the service meanwhile goes on undisturbed. NotAllowed for what
    isn't a published service.
    """
    entry = await session.get_one(Entry, entry_id, with_for_update=True)
    if entry.kind != "service" or entry.status != "published":
        raise NotAllowed(f"a {entry.kind} that is {entry.status} can't be assured")
    assured = records.read("service", {**(entry.document or {}), "assured_date": day.isoformat()})
    open_one = await open_revision(session, entry_id)
    revision = await _add(session, entry, assured, author=by, note="assured", state="published")
    await _stand(session, entry, revision, by)
    if open_one and open_one.base == revision.base:
        open_one.base = revision.number
        open_one.document = {**open_one.document, "assured_date": day.isoformat()}
    audit.record(session, by, "entry.assured", entry_id, day=day.isoformat())
    await session.flush()
    await listings.renew(session, [entry_id])


async def published(session: AsyncSession, record: Record) -> None:
    """Publish a record that needs no review: files that come with the installation. The caller commits.

    A draft that somebody is writing stays: when they save it, they see what has come.
    """
    entry = await session.get(Entry, record.id)
    if entry and entry.status == "published" and entry.document == record.document():
        return
    entry, _ = await _locked_entry(session, record)
    revision = await _add(session, entry, record, author=None, state="published")
    await unpublished_parts(session, revision)
    await _stand(session, entry, revision, None)
    await session.flush()
    await listings.renew(session, [entry.id])


async def _locked_entry(session: AsyncSession, record: Record) -> tuple[Entry, bool]:
    """The entry of a record, made if there is none, and whether it was."""
    entry = await session.get(Entry, record.id, with_for_update=True)
    is_new = entry is None
    if entry is None:
        entry = Entry(id=record.id, kind=records.kind_of(record), status="draft", published=0)
        session.add(entry)
        await session.flush()
    if entry.kind != records.kind_of(record):
        raise NotAllowed(f"{record.id} is a {entry.kind}")
    return entry, is_new


async def _add(
    session: AsyncSession,
    entry: Entry,
    record: Record,
    *,
    author: UUID | None,
    note: str = "",
    batch: UUID | None = None,
    state: str = "draft",
) -> Revision:
    newest = await session.scalar(select(func.max(Revision.number)).where(Revision.entry_id == entry.id))
    now = datetime.now(UTC)
    revision = Revision(entry_id=entry.id, number=(newest or 0) + 1, base=entry.published, document=record.document())
    revision.author_id, revision.note, revision.batch_id, revision.state = author, note, batch, state
    revision.created_at = revision.saved_at = now
    entry.folded = listings.folded_names(record)
    session.add(revision)
    await session.flush()
    return revision


async def _publish(session: AsyncSession, revision: Revision, by: UUID | None, alone: bool) -> list[UUID]:
    """Publish a revision and its parts; returns the entries that changed."""
    if revision.state != "in_review":
        raise NotAllowed(f"a revision that is {revision.state} can't be published")
    if by is not None and by == revision.author_id and not alone:
        raise NotAllowed("another member of staff publishes what somebody wrote")
    changed: list[UUID] = []
    for field, part in (await unpublished_parts(session, revision)).items():
        if part.state == "draft":
            raise Incomplete([Problem(field, "not_published")])
        if part.state == "in_review":
            changed += await _publish(session, part, by, alone)
    entry = await session.get_one(Entry, revision.entry_id, with_for_update=True)
    if entry.published != revision.base:
        raise Conflict(entry.document, entry.published, mark(revision))
    _decide(session, revision, "published", by, "entry.published")
    await _stand(session, entry, revision, by)
    return [*changed, entry.id]


async def _stand(session: AsyncSession, entry: Entry, revision: Revision, by: UUID | None) -> None:
    """Let a revision be what the entry says."""
    # Not an UPDATE of many: that would be compared with every revision of an import, each time.
    if entry.published:
        query = select(Revision).where(Revision.entry_id == entry.id, Revision.number == entry.published)
        for previous in await session.scalars(query):
            previous.state = "replaced"
    entry.document, entry.published, entry.status = revision.document, revision.number, "published"
    entry.folded_ar, entry.folded_en = likeness.known_by(records.read(entry.kind, revision.document))
    entry.changed_at = revision.decided_at = datetime.now(UTC)
    revision.decided_by = by


def _decide(session: AsyncSession, revision: Revision, state: str, by: UUID | None, action: str) -> None:
    revision.state, revision.decided_by, revision.decided_at = state, by, datetime.now(UTC)
    audit.record(session, by, action, revision.entry_id, revision=revision.number)
