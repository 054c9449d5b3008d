"""HSDS 3.0 in the Iraq profile: organizations, services, locations and pages of them (docs/hsds-profile).

The names and what is required are HSDS's. What Iraq adds or tightens is in docs/hsds-profile as merge patches; a test
holds these models to them.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Generic, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from directory.exchange.hsds_base import NEEDS_TAXONOMY, Attribute, Described, Hsds, Metadata, Taxonomy, TaxonomyTerm
from directory.exchange.hsds_fields import (
    Age,
    Date,
    DateTime,
    Email,
    Flag,
    Id,
    Latitude,
    Longitude,
    PCode,
    Text,
    Uri,
    Year,
)
from directory.exchange.hsds_parts import (
    Accessibility,
    Address,
    Contact,
    CostOption,
    Language,
    Phone,
    RequiredDocument,
    Schedule,
    ServiceArea,
)

__all__ = [
    "HSDS_VERSION",
    "NEEDS_TAXONOMY",
    "Accessibility",
    "Address",
    "Attribute",
    "Contact",
    "CostOption",
    "Hsds",
    "Language",
    "Location",
    "Metadata",
    "Organization",
    "Page",
    "Phone",
    "RequiredDocument",
    "Schedule",
    "Service",
    "ServiceArea",
    "ServiceAtLocation",
    "Taxonomy",
    "TaxonomyTerm",
]

T = TypeVar("T")
HSDS_VERSION = "3.0"

# All that may be said of a place that must not be found. The district is as large as a town, and a search needs it.
SAYABLE = frozenset(
    "id location_type organization_id external_identifier external_identifier_type confidential phones".split()
)

Eligible = Literal[
    "idp", "returnee", "host_community", "refugee", "migrant", "women", "children", "older_people", "disability"
]


class Location(Described):
    """Somewhere a service is given. A confidential one (a shelter) is a district and phones, nothing else."""

    texts = ("name", "alternate_name", "description", "transportation")

    location_type: Literal["physical", "postal", "virtual"]
    url: Uri | None = None
    organization_id: Id | None = None
    name: Text | None = None
    alternate_name: Text | None = None
    description: Text | None = None
    transportation: Text | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    external_identifier: PCode | None = None
    external_identifier_type: Literal["OCHA-PCODE"] | None = None
    languages: tuple[Language, ...] = ()
    addresses: tuple[Address, ...] = ()
    contacts: tuple[Contact, ...] = ()
    accessibility: tuple[Accessibility, ...] = ()
    phones: tuple[Phone, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    confidential: Flag = False

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if (self.latitude is None) != (self.longitude is None):
            raise PydanticCustomError("coordinates", "needs latitude and longitude together")
        if (self.external_identifier is None) != (self.external_identifier_type is None):
            raise PydanticCustomError(
                "p_code", "needs external_identifier and external_identifier_type OCHA-PCODE together"
            )
        if self.confidential and (told := [name for name in self.dump() if name not in SAYABLE]):
            raise _betrays(told)
        return self


class ServiceAtLocation(Described):
    """One service at one location; `service` only where the object stands alone."""

    texts = ("description",)

    service_id: Id | None = None
    location_id: Id | None = None
    description: Text | None = None
    contacts: tuple[Contact, ...] = ()
    phones: tuple[Phone, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    location: Location | None = None
    service: "Service | None" = None

    @model_validator(mode="after")
    def _keeps_the_secret(self) -> Self:
        if self.location and self.location.confidential:
            told = {name for name in ("description", "contacts", "translations", "metadata") if getattr(self, name)}
            if told:
                raise _betrays(sorted(told))
        return self


class Organization(Described):
    """Who offers services; `services` only where the object stands alone."""

    texts = ("name", "alternate_name", "description", "legal_status")

    name: Text
    alternate_name: Text | None = None
    description: Text
    email: Email | None = None
    website: Uri | None = None
    tax_status: Text | None = None
    tax_id: Text | None = None
    year_incorporated: Year | None = None
    legal_status: Text | None = None
    logo: Uri | None = None
    uri: Uri | None = None
    parent_organization_id: Id | None = None
    contacts: tuple[Contact, ...] = ()
    phones: tuple[Phone, ...] = ()
    locations: tuple[Location, ...] = ()
    services: tuple["Service", ...] = ()
    demo: Flag = False


class Service(Described):
    """What an organization offers."""

    texts = tuple(
        "name alternate_name summary description interpretation_services application_process fees_description "
        "accreditations eligibility_description alert".split()
    )

    organization_id: Id | None = None
    program_id: Id | None = None
    name: Text
    alternate_name: Text | None = None
    summary: Text | None = None
    description: Text | None = None
    url: Uri | None = None
    email: Email | None = None
    status: Literal["active", "inactive", "defunct", "temporarily closed"]
    interpretation_services: Text | None = None
    application_process: Text | None = None
    fees_description: Text | None = None
    accreditations: Text | None = None
    eligibility_description: Text | None = None
    minimum_age: Age | None = None
    maximum_age: Age | None = None
    assured_date: Date | None = None
    assurer_email: Email | None = None
    alert: Text | None = None
    last_modified: DateTime | None = None
    phones: tuple[Phone, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    service_areas: tuple[ServiceArea, ...] = ()
    service_at_locations: tuple[ServiceAtLocation, ...] = ()
    languages: tuple[Language, ...] = ()
    organization: Organization | None = None
    cost_options: tuple[CostOption, ...] = ()
    required_documents: tuple[RequiredDocument, ...] = ()
    contacts: tuple[Contact, ...] = ()
    eligible: tuple[Eligible, ...] = ()
    access: tuple[Literal["walk_in", "appointment", "referral", "remote"], ...] = ()
    capacity: Literal["open", "limited", "full"] | None = None
    valid_from: Date | None = None
    valid_to: Date | None = None
    demo: Flag = False


class Page(BaseModel, Generic[T]):
    """One page of a list, as the API gives it: pages count from 1."""

    model_config = ConfigDict(extra="ignore")

    total_items: Annotated[int, Field(strict=True, ge=0)]
    total_pages: Annotated[int, Field(strict=True, ge=0)]
    page_number: Annotated[int, Field(strict=True, ge=1)]
    size: Annotated[int, Field(strict=True, ge=0)]
    first_page: Flag
    last_page: Flag
    empty: Flag
    contents: list[T]

    @classmethod
    def of(cls, contents: Sequence[T], *, total: int, number: int, per_page: int) -> Self:
        """The page `number` of `total` things, `per_page` on each."""
        pages = -(-total // per_page)
        fields: dict[str, Any] = {"total_items": total, "total_pages": pages, "page_number": number}
        ends: dict[str, Any] = {"first_page": number == 1, "last_page": number >= pages, "empty": not contents}
        return cls(**fields, size=len(contents), **ends, contents=list(contents))


def _betrays(fields: list[str]) -> PydanticCustomError:
    return PydanticCustomError(
        "confidential", "is confidential, so it must not have: {fields}", {"fields": ", ".join(fields)}
    )


ServiceAtLocation.model_rebuild()
Organization.model_rebuild()
