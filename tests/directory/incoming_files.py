"""HSDS files for an import, and what is proposed of them."""

import json
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from directory import records
from directory.exchange.incoming import Outcome, bring_in
from directory.models import Entry, Listing, Revision
from directory.records import Location, Organization, Record, Service


def uid(number: int) -> str:
    return str(UUID(int=number))


NINE = {"id": uid(9), "byday": "SU", "opens_at": "09:00+03:00", "closes_at": "15:00+03:00"}


async def bring(session: AsyncSession, value: Any, **more: Any) -> Outcome:
    data = value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode()
    return await bring_in(session, data, source="partner.json", **more)


async def empty(session: AsyncSession) -> None:
    for table in (Listing, Revision, Entry):
        await session.execute(delete(table))
    session.expunge_all()


async def drafted(session: AsyncSession) -> dict[UUID, Record]:
    """What is proposed of every entry."""
    rows = await session.execute(
        select(Entry.kind, Revision.document).join(Revision).where(Revision.state.in_(("draft", "in_review")))
    )
    found = [records.read(kind, document) for kind, document in rows]
    return {one.id: one for one in found}


def theirs(**more: Any) -> dict[str, Any]:
    """A service as another directory has it: one language, no profile, hours and phones wherever HSDS has a place."""
    return {
        "id": uid(1),
        "organization_id": uid(2),
        "name": "Food bank",
        "description": "Parcels",
        "status": "active",
        "organization": {"id": uid(2), "name": "Helpers", "description": "We help"},
        "service_at_locations": [{"id": uid(3), "location": their_location()}],
        **more,
    }


def their_location(**more: Any) -> dict[str, Any]:
    address = {"id": uid(5), "address_1": "Street 4", "city": "Mosul", "state_province": "Ninewa", "country": "IQ"}
    return {"id": uid(4), "location_type": "physical", "addresses": [{**address, "address_type": "physical"}], **more}


async def brought(session: AsyncSession, value: Any, **more: Any) -> tuple[Service, Location, Organization, Outcome]:
    outcome = await bring(session, value, **more)
    assert [str(one) for one in outcome.report.problems] == []
    found = await drafted(session)
    service, organization, location = (found.get(UUID(uid(number))) for number in (1, 2, 4))
    assert isinstance(service, Service)
    assert isinstance(organization, Organization)
    assert isinstance(location, Location)
    return service, location, organization, outcome


def notices(outcome: Outcome) -> list[str]:
    return [str(one) for one in outcome.report.notices]
