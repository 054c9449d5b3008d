"""What becomes of an import that was proposed: another person publishes it, or it is undone."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import case, select
from sqlalchemy.ext.asyncio import AsyncSession

from directory import publishing
from directory.completeness import Incomplete, open_revision, unpublished_parts
from directory.importing import batches
from directory.models import OPEN_STATES, Entry, Revision
from directory.publishing import NotAllowed
from infrastructure import audit

# Each after those it refers to.
_ORDER = case({"organization": 0, "location": 1}, value=Entry.kind, else_=2)


class Left(NamedTuple):
    """An entry that was left as it is, and why."""

    entry: UUID
    kind: str
    name: dict[str, str]
    why: str


class Stopped(Exception):
    """Nothing was published, because these entries can't be."""

    def __init__(self, entries: Sequence[Left]) -> None:
        super().__init__(", ".join(f"{one.entry} {one.why}" for one in entries))
        self.entries = entries


async def revisions_of(
    session: AsyncSession, batch_id: UUID, *states: str, most: int | None = None
) -> list[tuple[Revision, Entry]]:
    """The revisions that an import proposed, in some states if any are named: each after those it refers to.

    Of `most` at most, services come first: they are what people look at.
    """
    query = select(Revision, Entry).join(Entry, Entry.id == Revision.entry_id).where(Revision.batch_id == batch_id)
    if states:
        query = query.where(Revision.state.in_(states))
    order = _ORDER.desc() if most else _ORDER
    rows = await session.execute(query.order_by(order, Entry.id).limit(most))
    return [(revision, entry) for revision, entry in rows]


async def publish(
    session: AsyncSession, batch_id: UUID, *, by: UUID, only: UUID | None = None, alone: bool = False
) -> None:
    """Publish all of an import that is in review, or one revision of it with its parts; the caller commits.

    All or, if one can't be, none: Stopped names those. NotAllowed for who proposed it, unless `alone`.
    """
    batch = await batches.find(session, batch_id)
    found = await revisions_of(session, batch_id, "in_review")
    chosen = [(revision, entry) for revision, entry in found if only in (None, revision.id)]
    if not chosen:
        raise NotAllowed("nothing of it is in review")
    if changed := [
        _left(revision, entry, "changed_meanwhile") for revision, entry in chosen if entry.published != revision.base
    ]:
        raise Stopped(changed)
    try:
        await publishing.publish_all(session, [revision for revision, _ in chosen], by=by, alone=alone)
    except (Incomplete, publishing.Conflict):
        raise Stopped(await _incomplete(session, chosen)) from None
    if not await revisions_of(session, batch_id, *OPEN_STATES):
        batch.state = "published"
    audit.record(session, by, "import.published", batch_id, revisions=len(chosen))


async def undo(session: AsyncSession, batch_id: UUID, *, by: UUID) -> list[Left]:
    """Take an import back; the caller commits. NotAllowed if it was never applied.

    What is in review is given up. What was published says again what it said before, and what is new is archived; but
    entries that were changed since, or that others need meanwhile, stay as they are and are returned.
    """
    batch = await batches.find(session, batch_id)
    if batch.state not in ("proposed", "published"):
        raise NotAllowed(f"an import that is {batch.state}")
    found = await revisions_of(session, batch_id)
    for revision, _ in found:
        if revision.state in OPEN_STATES:
            await publishing.discard(session, revision, by=by)
    left = [_left(revision, entry, "changed_meanwhile") for revision, entry in found if revision.state == "replaced"]
    standing = []
    for revision, entry in found:
        if revision.state == "published":
            is_touched = entry.status != "published" or await open_revision(session, entry.id)
            left += [_left(revision, entry, "changed_meanwhile")] if is_touched else []
            standing += [] if is_touched else [(revision, entry)]
    left += await _bring_back(session, [(one, entry) for one, entry in standing if one.base], by)
    left += await _archive(session, [(one, entry) for one, entry in standing if not one.base], by)
    batch.state, batch.undone_at = "undone", datetime.now(UTC)
    batch.findings = batch.findings | {"left": [[str(one.entry), *one[1:]] for one in left]}
    audit.record(session, by, "import.undone", batch_id, left=len(left))
    return left


async def _bring_back(session: AsyncSession, standing: Sequence[tuple[Revision, Entry]], by: UUID) -> list[Left]:
    """Let entries say what they said before. Two people have let that through once: it needs no third."""
    left, drafts = [], []
    for revision, entry in standing:
        query = select(Revision).where(Revision.entry_id == entry.id, Revision.number == revision.base)
        draft = await publishing.restore(session, (await session.scalars(query)).one(), author=by)
        try:
            await publishing.submit(session, draft)
            drafts.append(draft)
        except Incomplete:
            await publishing.discard(session, draft, by=by)
            left.append(_left(revision, entry, "incomplete"))
    await publishing.publish_all(session, drafts, by=by, alone=True)
    return left


async def _archive(session: AsyncSession, standing: Sequence[tuple[Revision, Entry]], by: UUID) -> list[Left]:
    """Archive new entries, services first; what a service that stays is part of stays, too."""
    services = [entry.id for _, entry in standing if entry.kind == "service"]
    await publishing.archive_all(session, services, by=by)
    left, parts = [], []
    for revision, entry in standing:
        if entry.kind != "service" and await _is_needed(session, entry):
            left.append(_left(revision, entry, "needed"))
        elif entry.kind != "service":
            parts.append(entry.id)
    await publishing.archive_all(session, parts, by=by)
    return left


async def _is_needed(session: AsyncSession, entry: Entry) -> bool:
    part = (
        {"organization_id": str(entry.id)} if entry.kind == "organization" else {"at": [{"location_id": str(entry.id)}]}
    )
    query = select(Entry.id).where(Entry.kind == "service", Entry.status == "published", Entry.document.contains(part))
    return await session.scalar(query.limit(1)) is not None


async def _incomplete(session: AsyncSession, revisions: Sequence[tuple[Revision, Entry]]) -> list[Left]:
    """Which of these can't be published as things stand."""
    found = []
    for revision, entry in revisions:
        try:
            await unpublished_parts(session, revision)
        except Incomplete:
            found.append(_left(revision, entry, "incomplete"))
    return found


def _left(revision: Revision, entry: Entry, why: str) -> Left:
    said = revision.document
    name = said["name"] if any(said["name"].values()) else said.get("address", {})
    return Left(entry.id, entry.kind, {language: name.get(language, "") for language in ("ar", "en")}, why)
