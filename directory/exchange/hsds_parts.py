"""HSDS 3.0 in the Iraq profile: what hangs from a service, an organization or a location (docs/hsds-profile)."""

from typing import Literal, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from directory.exchange.hsds_base import Described
from directory.exchange.hsds_fields import (
    Amount,
    Count,
    Country,
    Currency,
    Date,
    Days,
    Email,
    Extension,
    Id,
    Numbers,
    Offset,
    PhoneNumber,
    Text,
    Time,
    Uri,
)


class Language(Described):
    """A language that is spoken there."""

    texts = ("name", "note")

    service_id: Id | None = None
    location_id: Id | None = None
    phone_id: Id | None = None
    name: Text | None = None
    code: Text | None = None
    note: Text | None = None


class Phone(Described):
    """A number to call."""

    texts = ("description",)

    location_id: Id | None = None
    service_id: Id | None = None
    organization_id: Id | None = None
    contact_id: Id | None = None
    service_at_location_id: Id | None = None
    number: PhoneNumber
    extension: Extension | None = None
    type: Text | None = None
    description: Text | None = None
    languages: tuple[Language, ...] = ()


class Contact(Described):
    """A person or an office to ask for."""

    texts = ("name", "title", "department")

    organization_id: Id | None = None
    service_id: Id | None = None
    service_at_location_id: Id | None = None
    location_id: Id | None = None
    name: Text | None = None
    title: Text | None = None
    department: Text | None = None
    email: Email | None = None
    phones: tuple[Phone, ...] = ()


class Accessibility(Described):
    """What helps, or hinders, a person with a disability to get in."""

    texts = ("description", "details")

    location_id: Id | None = None
    description: Text | None = None
    details: Text | None = None
    url: Uri | None = None


class Address(Described):
    """Where the door is. Iraq has postal codes that nobody uses, so none is asked for."""

    texts = ("attention", "address_1", "address_2", "city", "region", "state_province")

    location_id: Id | None = None
    attention: Text | None = None
    address_1: Text
    address_2: Text | None = None
    city: Text
    region: Text | None = None
    state_province: Text
    postal_code: Text | None = None
    country: Country
    address_type: Literal["physical", "postal", "virtual"]


class Schedule(Described):
    """When something is open: an RRULE and two times of day."""

    texts = ("description", "attending_type", "notes")

    service_id: Id | None = None
    location_id: Id | None = None
    service_at_location_id: Id | None = None
    valid_from: Date | None = None
    valid_to: Date | None = None
    dtstart: Date | None = None
    timezone: Offset | None = None
    until: Date | None = None
    count: Count | None = None
    wkst: Literal["MO", "TU", "WE", "TH", "FR", "SA", "SU"] | None = None
    freq: Literal["WEEKLY", "MONTHLY"] | None = None
    interval: Count | None = None
    byday: Days | None = None
    byweekno: Numbers | None = None
    bymonthday: Numbers | None = None
    byyearday: Numbers | None = None
    description: Text | None = None
    opens_at: Time | None = None
    closes_at: Time | None = None
    schedule_link: Uri | None = None
    attending_type: Text | None = None
    notes: Text | None = None

    @model_validator(mode="after")
    def _says_which_clock(self) -> Self:
        """HSDS reads a time without an offset as UTC, which is three hours off in Iraq and goes unnoticed."""
        if self.timezone is None:
            for name in ("opens_at", "closes_at"):
                at = getattr(self, name)
                if at is not None and at.tzinfo is None:
                    raise PydanticCustomError(
                        "offset", "{name} has no offset such as 09:00+03:00, and there is no timezone", {"name": name}
                    )
        return self


class ServiceArea(Described):
    """An area whose people may use a service."""

    texts = ("name", "description")

    service_id: Id | None = None
    name: Text | None = None
    description: Text | None = None
    extent: Text | None = None
    extent_type: Literal["geojson", "topojson", "kml", "text"] | None = None
    uri: Uri | None = None


class RequiredDocument(Described):
    """A paper to bring."""

    texts = ("document",)

    service_id: Id | None = None
    document: Text | None = None
    uri: Uri | None = None


class CostOption(Described):
    """What it costs."""

    texts = ("option", "amount_description")

    service_id: Id | None = None
    valid_from: Date | None = None
    valid_to: Date | None = None
    option: Text | None = None
    currency: Currency | None = None
    amount: Amount | None = None
    amount_description: Text | None = None
