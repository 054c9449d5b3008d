"""Directory rows made for a test."""

from datetime import date, time
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from directory.models import Location, Organization, Phone, Schedule, Service, ServiceAtLocation, ServiceNeed


async def add_service(
    session: AsyncSession,
    name: str,
    *,
    place: str = "IQG15Q05",
    needs: tuple[str, ...] = ("mhpss",),
    assured: date | None = date(2026, 10, 1),
    status: str = "published",
    demo: tuple[str, ...] = (),
) -> ServiceAtLocation:
    """A service at one new location; `demo` names which of its rows are marked: organization, service, ..."""
    organization = Organization(id=uuid4(), name=both(f"{name}'s owner"), is_demo="organization" in demo)
    session.add(organization)
    service = Service(
        id=uuid4(),
        organization_id=organization.id,
        name=both(name),
        summary=both("what it offers"),
        status=status,
        assured_date=assured,
        is_demo="service" in demo,
    )
    service.needs = [ServiceNeed(need=need) for need in needs]
    location = Location(id=uuid4(), place_code=place, address=both("an address"), is_demo="location" in demo)
    session.add_all([service, location])
    row = ServiceAtLocation(service_id=service.id, location_id=location.id)
    row.phones = [Phone(number="+447700900999", is_demo="phone" in demo)]
    row.schedules = [Schedule(byday="SU,MO", opens_at=time(9), closes_at=time(15))]
    session.add(row)
    await session.flush()
    return row


def both(text: str) -> dict[str, str]:
    return {"ar": text, "en": text}
