"""Directory entries made for a test."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from console.accounts import Staff
from directory import publishing
from directory.records import At, Hours, Location, Organization, PhoneNumber, Service, Words

HOURS = Hours(byday=["SU", "MO"], opens_at="09:00", closes_at="15:00")


async def add_service(
    session: AsyncSession,
    name: str,
    *,
    place: str = "IQG15Q05",
    needs: tuple[str, ...] = ("mhpss",),
    assured: date | None = date(2026, 10, 1),
    demo: tuple[str, ...] = (),
    location: dict[str, Any] | None = None,
    **values: Any,
) -> Service:
    """A published service at one new location; `demo` names what is marked: organization, service, location, phone."""
    service = a_service(name, needs=needs, assured=assured, demo=demo, **values)
    organization = Organization(
        id=service.organization_id, name=both(f"{name}'s owner"), is_demo="organization" in demo
    )
    where = {"place": place, "address": both("an address"), "is_demo": "location" in demo, **(location or {})}
    for record in (organization, Location(id=service.at[0].location_id, **where), service):
        await publishing.published(session, record)
    return service


def a_service(
    name: str,
    *,
    needs: tuple[str, ...] = ("mhpss",),
    assured: date | None = date(2026, 10, 1),
    demo: tuple[str, ...] = (),
    **values: Any,
) -> Service:
    """A complete service whose organization and location exist in name only."""
    phone = PhoneNumber(number="+447700900999", is_demo="phone" in demo)
    given: dict[str, Any] = {
        "organization_id": Organization().id,
        "name": both(name),
        "summary": both("what it offers"),
        "needs": list(needs),
        "assured_date": assured,
        "is_demo": "service" in demo,
        "at": [At(location_id=Location().id, phones=[phone], schedules=[HOURS])],
        **values,
    }
    return Service(**given)


async def add_staff(session: AsyncSession, name: str, role: str = "admin", *, active: bool = True) -> UUID:
    """An account nobody signs in with."""
    staff = Staff(id=uuid4(), email=f"{name}@example.org", name=name, role=role, password_hash="x", active=active)
    session.add(staff)
    await session.flush()
    return staff.id


def both(text: str) -> Words:
    return Words(ar=text, en=text)


def known_places() -> dict[str, str | None]:
    """A few places, for checks that need no database."""
    return {"IQG15": None, "IQG15Q05": "IQG15", "IQG09": None}
