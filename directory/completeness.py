"""Whether a revision can be published: its own fields, and that everything it refers to is there for people to see."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from directory import records
from directory.checking import Problem, problems
from directory.models import OPEN_STATES, Entry, Place, Revision


class Incomplete(Exception):
    """A record can't be published as it is; `problems` say why, field by field."""

    def __init__(self, found: list[Problem]) -> None:
        super().__init__(", ".join(f"{problem.field}: {problem.code}" for problem in found))
        self.problems = found


async def open_revision(session: AsyncSession, entry_id: UUID) -> Revision | None:
    """The revision of an entry that is being written or reviewed: there is at most one."""
    found: Revision | None = await session.scalar(
        select(Revision).where(Revision.entry_id == entry_id, Revision.state.in_(OPEN_STATES))
    )
    return found


async def unpublished_parts(session: AsyncSession, revision: Revision) -> dict[str, Revision]:
    """The open revisions of parts that were never published, by field; Incomplete if anything else is missing."""
    entry = await session.get_one(Entry, revision.entry_id)
    record = records.read(entry.kind, revision.document)
    found = problems(record, await _places(session))
    parts: dict[str, Revision] = {}
    if isinstance(record, records.Service):
        missing, parts = await _parts(session, record)
        found += missing
    if found:
        raise Incomplete(found)
    return parts


async def _places(session: AsyncSession) -> dict[str, str | None]:
    """The known places, each with its parent; read once for the thousand services of an import."""
    if "places" not in session.info:
        rows = await session.execute(select(Place.code, Place.parent))
        session.info["places"] = {row.code: row.parent for row in rows}
    places: dict[str, str | None] = session.info["places"]
    return places


async def _parts(session: AsyncSession, service: records.Service) -> tuple[list[Problem], dict[str, Revision]]:
    """Of the organization and locations of a service: what can't be shown, and what is on its way to be published."""
    wanted = {"organization_id": service.organization_id}
    wanted |= {f"at[{number}].location_id": at.location_id for number, at in enumerate(service.at)}
    rows = await session.execute(
        select(Entry.id, Entry.kind, Entry.status).where(Entry.id.in_(filter(None, wanted.values())))
    )
    there = {row.id: row for row in rows}
    hidden = [row.id for row in there.values() if row.status != "published"]
    query = select(Revision).where(Revision.entry_id.in_(hidden), Revision.state.in_(OPEN_STATES))
    revisions = {one.entry_id: one for one in await session.scalars(query)} if hidden else {}
    missing, coming = [], {}
    for field, one in wanted.items():
        row = there.get(one) if one else None
        right = row and row.kind == ("organization" if field == "organization_id" else "location")
        if one and not right:
            missing.append(Problem(field, "not_published"))
        elif row and row.status != "published":
            if revision := revisions.get(row.id):
                coming[field] = revision
            else:
                missing.append(Problem(field, "not_published"))
    return missing, coming
