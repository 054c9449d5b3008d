"""Of two entries one goes: what hangs on it moves to the other first, reviewed as any change, then it is archived.

Nothing people are told of may vanish on the way, so an organization or a location goes only when no published service
points to it any more.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from directory import publishing
from directory.completeness import Incomplete
from directory.models import OPEN_STATES, Entry, Revision
from directory.publishing import Conflict, NotAllowed
from directory.records import At, Service
from infrastructure import audit

Way = Literal["stays", "in_review", "draft"]


@dataclass(frozen=True)
class Hanging:
    """A published service that points to an entry; `way` says whether an open revision of it points there no more."""

    service: Service
    # "stays": nothing is open that would move it. "in_review", "draft": what would, and where that stands.
    way: Way


async def hanging(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, list[Hanging]]:
    """The published services of organizations and at locations, by the id of what they point to."""
    found: dict[UUID, list[Hanging]] = {one: [] for one in ids}
    if not ids:
        return found
    query = select(Entry).where(Entry.kind == "service", Entry.status == "published")
    entries = list(await session.scalars(query.where(or_(*(_points_to(one) for one in ids))).order_by(Entry.id)))
    opened = await session.scalars(
        select(Revision).where(Revision.state.in_(OPEN_STATES), Revision.entry_id.in_(entry.id for entry in entries))
    )
    revisions = {revision.entry_id: revision for revision in opened}
    for entry in entries:
        service = Service.model_validate(entry.document)
        for one in parts(service) & found.keys():
            found[one].append(Hanging(service, _way(one, revisions.get(entry.id))))
    return found


async def move(session: AsyncSession, goes: UUID, stays: UUID, *, by: UUID) -> list[UUID]:
    """Hand in for review that the services of one organization or location belong to another; the caller commits.

    Returns the services that couldn't be: a colleague works on them, or they lack something else. NotAllowed unless
    both entries are published and of one such kind.
    """
    kind = await _kind(session, goes, stays)
    if kind not in ("organization", "location"):
        raise NotAllowed(f"nothing hangs on a {kind}")
    held = []
    for one in (await hanging(session, [goes]))[goes]:
        if one.way != "stays":
            continue
        entry = await session.get_one(Entry, one.service.id)
        try:
            moved = _moved(one.service, goes, stays)
            async with session.begin_nested():
                revision = await publishing.propose(session, moved, author=by, base=entry.published, note="merged")
                await publishing.submit(session, revision)
        # ValidationError: both locations together have more numbers or hours than one may have.
        except (Conflict, Incomplete, ValidationError):
            held.append(entry.id)
    return held


async def archive(session: AsyncSession, goes: UUID, stays: UUID, *, by: UUID) -> None:
    """Archive an entry because another one is the same; the caller commits.

    NotAllowed unless both are published and of one kind, or while a published service points to the one that goes.
    """
    kind = await _kind(session, goes, stays)
    if kind != "service" and (await hanging(session, [goes]))[goes]:
        raise NotAllowed(f"published services point to this {kind}")
    await publishing.archive(session, goes, by=by)
    audit.record(session, by, "entry.merged", goes, into=str(stays))


def parts(service: Service) -> set[UUID]:
    """The organization and the locations that a service points to."""
    return {at.location_id for at in service.at} | ({service.organization_id} if service.organization_id else set())


async def _kind(session: AsyncSession, goes: UUID, stays: UUID) -> str:
    """The kind of two published entries, which nobody archives meanwhile."""
    query = select(Entry).where(Entry.id.in_((goes, stays))).order_by(Entry.id).with_for_update()
    entries = list(await session.scalars(query))
    kinds = {entry.kind for entry in entries}
    if len(entries) != 2 or len(kinds) != 1 or any(entry.status != "published" for entry in entries):
        raise NotAllowed("two published entries of one kind can be the same, no others")
    return kinds.pop()


def _points_to(one: UUID) -> ColumnElement[bool]:
    organization, location = {"organization_id": str(one)}, {"at": [{"location_id": str(one)}]}
    return or_(Entry.document.contains(organization), Entry.document.contains(location))


def _way(part: UUID, revision: Revision | None) -> Way:
    if revision is None or part in parts(Service.model_validate(revision.document)):
        return "stays"
    return "in_review" if revision.state == "in_review" else "draft"


def _moved(service: Service, goes: UUID, stays: UUID) -> Service:
    """A service that points to what stays instead; if it was at both locations, with the numbers and hours of both."""
    if service.organization_id == goes:
        return service.model_copy(update={"organization_id": stays})
    locations: dict[UUID, At] = {}
    for at in service.at:
        where = stays if at.location_id == goes else at.location_id
        already = locations.get(where, At(location_id=where))
        locations[where] = At(
            location_id=where,
            phones=already.phones + [phone for phone in at.phones if phone not in already.phones],
            schedules=already.schedules + [hours for hours in at.schedules if hours not in already.schedules],
        )
    return service.model_copy(update={"at": list(locations.values())})
