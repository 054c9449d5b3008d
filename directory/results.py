"""What a search gives: services as an answer needs them, page by page."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from directory import freshness
from directory.models import Listing
from directory.opening import Rule, read_rules

Text = dict[str, str]


@dataclass(frozen=True)
class Found:
    """A service at a location as an answer needs it; texts by language code."""

    service_id: UUID
    location_id: UUID
    organization_id: UUID
    service_name: Text
    organization_name: Text
    summary: Text
    place_name: Text
    # None: the address is not given out, people call first.
    address: Text | None
    # Latitude and longitude, where they are known and may be told.
    point: tuple[float, float] | None
    schedules: tuple[Rule, ...]
    phone: str | None
    # "Closed this week"; empty when there is nothing to say.
    alert: Text
    access: str
    capacity: str
    assured_date: date | None
    # How far from the pin that was asked from, in a straight line; None without one, or where it may not be told.
    kilometres: float | None
    # It should have been assured again by now: an answer says when it last was.
    is_due: bool
    # Anything shown here is made up: the service, its organization, location or phone.
    is_demo: bool


@dataclass(frozen=True)
class Page:
    """Some results of a search and how many there are in all; without a `place` all of Iraq was searched."""

    results: tuple[Found, ...]
    total: int
    offset: int
    needs: tuple[str, ...]
    place: str | None
    place_name: Text | None
    # Nothing is in the place's governorate: these are the nearest elsewhere.
    is_nearby: bool = False
    # Asked was what is open at a moment, and nothing is: these are the same as at any other.
    none_open: bool = False
    # Whose services were asked for; None where an answer is headed by needs.
    organization_name: Text | None = None

    @property
    def has_more(self) -> bool:
        """Whether there are results after these."""
        return self.offset + len(self.results) < self.total


def found(row: Listing, demo: bool, today: date) -> Found:
    """What an answer says of a listing."""
    told = row.found
    phone = next((phone for phone in told["phones"] if demo or not phone["is_demo"]), None)
    return Found(
        service_id=row.service_id,
        location_id=row.location_id,
        organization_id=row.organization_id,
        service_name=told["service_name"],
        organization_name=told["organization_name"],
        summary=told["summary"],
        place_name=told["place_name"],
        address=told["address"],
        point=tuple(told["point"]) if told["point"] else None,
        kilometres=None,
        schedules=read_rules(told["schedules"]),
        phone=phone["number"] if phone else None,
        alert=told["alert"],
        access=told["access"],
        capacity=told["capacity"],
        assured_date=row.assured_date,
        is_due=not row.is_demo and freshness.is_due(row.needs, row.assured_date, today),
        is_demo=row.is_demo or bool(phone and phone["is_demo"]),
    )
