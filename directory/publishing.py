"""From draft to published and back: who proposed what, who let it through, and what it said before.

A member of staff works on a revision; another one publishes it. What is published stays as it is until then. Somebody
who began from an older version than the published one gets a Conflict with both, and chooses.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from directory import listings, records
from directory.checking import Problem, problems
from directory.models import Entry, Place, Revision
from directory.records import Record


class Conflict(Exception):
    """Somebody else published meanwhile; `published` is the document that stands now, `number` its revision."""

    def __init__(self, published: dict[str, Any] | None, number: int) -> None:
        super().__init__(f"revision {number} was published meanwhile")
        self.published, self.number = published, number


class Incomplete(Exception):
    """A record can't be published as it is; `problems` say why, field by field."""

    def __init__(self, found: list[Problem]) -> None:
        super().__init__(", ".join(f"{problem.field}: {problem.code}" for problem in found))
        self.problems = found


class NotAllowed(Exception):
    """The move isn't one that this revision can make, or not by this member of staff."""


class Difference(NamedTuple):
    """A field that two documents say differently; None where one of them says nothing."""

    field: str
    before: Any
    after: Any


async def propose(
    session: AsyncSession, record: Record, *, author: UUID | None, base: int = 0, note: str = ""
) -> Revision:
    """Keep a record as a new draft upon the published revision `base`; raises Conflict. The caller commits."""
    entry = await session.get(Entry, record.id, with_for_update=True)
    if entry is None:
        entry = Entry(id=record.id, kind=records.kind_of(record), status="draft", published=0)
        session.add(entry)
        await session.flush()
    if entry.kind != records.kind_of(record):
        raise NotAllowed(f"{record.id} is a {entry.kind}")
    if entry.published != base:
        raise Conflict(entry.document, entry.published)
    newest = await session.scalar(
        select(Revision.number).where(Revision.entry_id == entry.id).order_by(Revision.number.desc()).limit(1)
    )
    revision = Revision(
        entry_id=entry.id, number=(newest or 0) + 1, base=base, document=record.document(), author_id=author, note=note
    )
    revision.state = "draft"
    session.add(revision)
    await session.flush()
    return revision


async def submit(session: AsyncSession, revision: Revision) -> None:
    """Hand a draft to a reviewer; raises Incomplete or NotAllowed. The caller commits."""
    if revision.state != "draft":
        raise NotAllowed(f"a revision that is {revision.state} can't be submitted")
    await _complete(session, revision)
    revision.state = "in_review"


async def publish(session: AsyncSession, revision: Revision, *, by: UUID | None, alone: bool = False) -> None:
    """Let a reviewed revision be what the entry says; raises NotAllowed, Incomplete or Conflict. The caller commits.

    Nobody publishes what they wrote themselves unless `alone`: an installation with a single admin says so.
    """
    if revision.state != "in_review":
        raise NotAllowed(f"a revision that is {revision.state} can't be published")
    if by is not None and by == revision.author_id and not alone:
        raise NotAllowed("another member of staff publishes what somebody wrote")
    await _complete(session, revision)
    entry = await session.get_one(Entry, revision.entry_id, with_for_update=True)
    if entry.published != revision.base:
        raise Conflict(entry.document, entry.published)
    await session.execute(
        update(Revision)
        .where(Revision.entry_id == entry.id, Revision.number == entry.published)
        .values(state="replaced")
    )
    entry.document, entry.published, entry.status = revision.document, revision.number, "published"
    await _decide(session, entry, revision, "published", by)


async def reject(session: AsyncSession, revision: Revision, *, by: UUID, note: str) -> None:
    """Send a revision back to its author with a word why. The caller commits."""
    if revision.state != "in_review":
        raise NotAllowed(f"a revision that is {revision.state} can't be rejected")
    revision.state, revision.decided_by, revision.decided_at, revision.note = "rejected", by, datetime.now(UTC), note


async def archive(session: AsyncSession, entry_id: UUID) -> None:
    """Take an entry out of every answer; what it said stays, and `restore` brings it back. The caller commits."""
    entry = await session.get_one(Entry, entry_id, with_for_update=True)
    if entry.status != "published":
        raise NotAllowed(f"an entry that is {entry.status} can't be archived")
    entry.status, entry.changed_at = "archived", datetime.now(UTC)
    await session.flush()
    await listings.renew(session, [entry_id])


async def restore(session: AsyncSession, revision: Revision, *, author: UUID) -> Revision:
    """A new draft that says what an older revision said. The caller commits."""
    entry = await session.get_one(Entry, revision.entry_id)
    record = records.read(entry.kind, revision.document)
    return await propose(session, record, author=author, base=entry.published, note=f"restores {revision.number}")


async def published(session: AsyncSession, record: Record) -> None:
    """Publish a record that needs no review: files that come with the installation. The caller commits."""
    entry = await session.get(Entry, record.id)
    if entry and entry.status == "published" and entry.document == record.document():
        return
    revision = await propose(session, record, author=None, base=entry.published if entry else 0)
    await submit(session, revision)
    await publish(session, revision, by=None)


def differences(before: Any, after: Any, field: str = "") -> Iterator[Difference]:
    """The fields in which two documents differ; of lists of parts, element by element."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in {**before, **after}:
            yield from differences(before.get(name), after.get(name), f"{field}.{name}" if field else str(name))
    elif isinstance(before, list) and isinstance(after, list) and any(isinstance(one, dict) for one in before + after):
        for at in range(max(len(before), len(after))):
            old, new = (side[at] if at < len(side) else None for side in (before, after))
            yield from differences(old, new, f"{field}[{at}]")
    elif before != after:
        yield Difference(field, before, after)


async def _complete(session: AsyncSession, revision: Revision) -> None:
    entry = await session.get_one(Entry, revision.entry_id)
    rows = await session.execute(select(Place.code, Place.parent))
    places = {row.code: row.parent for row in rows}
    record = records.read(entry.kind, revision.document)
    found = problems(record, places)
    if isinstance(record, records.Service):
        found += await _missing_parts(session, record)
    if found:
        raise Incomplete(found)


async def _missing_parts(session: AsyncSession, service: records.Service) -> list[Problem]:
    """The organization and locations of a service that aren't published: it could not be shown."""
    wanted = {"organization_id": service.organization_id}
    wanted |= {f"at[{number}].location_id": at.location_id for number, at in enumerate(service.at)}
    rows = await session.scalars(select(Entry.id).where(Entry.id.in_(wanted.values()), Entry.status == "published"))
    there = set(rows)
    return [Problem(field, "not_published") for field, one in wanted.items() if one and one not in there]


async def _decide(session: AsyncSession, entry: Entry, revision: Revision, state: str, by: UUID | None) -> None:
    revision.state, revision.decided_by, revision.decided_at = state, by, datetime.now(UTC)
    entry.changed_at = revision.decided_at
    await session.flush()
    await listings.renew(session, [entry.id])
