"""Bringing in an HSDS file: what it says becomes drafts for review; all of it or, if anything is wrong, nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from directory import records
from directory.exchange import leftovers, validation
from directory.exchange.gathering import Gathered, gather
from directory.exchange.hsds_report import Findings, Report
from directory.exchange.incoming_needs import Needs
from directory.exchange.incoming_records import Reading, location, organization
from directory.exchange.incoming_services import service
from directory.exchange.proposing import Brought, Change, propose_all
from directory.exchange.whereabouts import Whereabouts
from directory.models import Entry, Place

# Ids asked for in one query.
BATCH = 1_000


@dataclass(frozen=True)
class Outcome:
    """What was found in a file, and what became of each thing in it: nothing, if the file has problems."""

    report: Report
    changes: Sequence[Change]


async def bring_in(
    session: AsyncSession,
    data: bytes,
    *,
    source: str,
    author: UUID | None = None,
    meanings: Mapping[str, str] | None = None,
) -> Outcome:
    """Bring in the services and organizations of a file as drafts; `source` (its name) is told with each revision.

    `meanings` says which of our needs another list's terms are (`Needs`; an unknown need is a ValueError). The caller
    commits; to see what would happen, the caller rolls back.
    """
    findings = Findings()
    contents = validation.read(data, findings)
    gathered = gather(contents.accepted, findings)
    leftovers.tell(contents, findings)
    reading = await _reading(session, gathered, Needs(meanings or {}, findings), findings)
    made = list(_records(reading))
    report = contents.report(findings)
    if findings.problems:
        return Outcome(report, ())
    return Outcome(report, await propose_all(session, made, held=reading.held, author=author, source=source))


async def _reading(session: AsyncSession, gathered: Gathered, needs: Needs, findings: Findings) -> Reading:
    ids = {*gathered.organizations, *gathered.locations, *gathered.services}
    ids |= {
        at.location_id
        for arrived in gathered.services.values()
        for at in arrived.said.service_at_locations
        if at.location_id
    }
    entries = [entry for batch in _batches(list(ids)) for entry in await _entries(session, batch)]
    published = {entry.id: records.read(entry.kind, entry.document) for entry in entries if entry.document}
    whereabouts = Whereabouts(await session.scalars(select(Place)))
    return Reading(gathered, published, frozenset(entry.id for entry in entries), whereabouts, needs, findings)


async def _entries(session: AsyncSession, ids: Sequence[UUID]) -> Sequence[Entry]:
    return (await session.scalars(select(Entry).where(Entry.id.in_(ids)))).all()


def _batches(ids: Sequence[UUID]) -> Iterable[Sequence[UUID]]:
    return (ids[first : first + BATCH] for first in range(0, len(ids), BATCH))


def _records(reading: Reading) -> Iterable[Brought]:
    """All of them, what services refer to first."""
    gathered = reading.gathered
    yield from filter(None, (organization(arrived, reading) for arrived in gathered.organizations.values()))
    yield from filter(None, (location(arrived, reading) for arrived in gathered.locations.values()))
    yield from filter(None, (service(arrived, reading) for arrived in gathered.services.values()))
