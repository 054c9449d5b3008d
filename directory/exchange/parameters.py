"""What may be asked under /hsds; anything else is a 422 that names the parameter."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

from directory.exchange.hsds_fields import DATE_TEXT, DATETIME_TEXT
from directory.places import LATITUDES, LONGITUDES

# PostgreSQL's timestamps and Python's are both good for these, whatever the offset.
YEARS = range(1900, 2200)
# A page behind all others costs as much as all of them.
MOST_PAGES, MOST_PER_PAGE = 1_000_000, 200
# Organizations on a page that have their services in them: each may have hundreds.
MOST_WITH_SERVICES = 20
LONGEST_SEARCH, FARTHEST = 500, 2_000_000


class Format(StrEnum):
    """A page of JSON, or all there is, one object a line."""

    JSON = "json"
    NDJSON = "ndjson"


def _plain(text: str | None) -> str | None:
    if text and "\x00" in text:
        raise PydanticCustomError("characters", "has characters in it that can't be seen")
    return text


def _moment(value: Any) -> datetime | None:
    """A date (its first moment, UTC) or a date and time with an offset."""
    # A + that nobody encoded arrives as a space.
    text = value.replace(" ", "+") if isinstance(value, str) else ""
    if value is None:
        return None
    try:
        if DATETIME_TEXT.fullmatch(text):
            moment = datetime.fromisoformat(text.upper())
        elif DATE_TEXT.fullmatch(text):
            moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
        else:
            raise ValueError
        if moment.year not in YEARS:
            raise ValueError
    except ValueError:
        message = "is not a date such as 2026-01-31, or a date and time with an offset such as 2026-01-31T12:00:00Z"
        raise PydanticCustomError("date_time", message) from None
    return moment


Search = Annotated[str | None, Query(max_length=LONGEST_SEARCH), AfterValidator(_plain)]
Moment = Annotated[datetime | None, BeforeValidator(_moment), Query()]


@dataclass(frozen=True)
class Paging:
    """Which page, and how."""

    page: Annotated[int, Query(ge=1, le=MOST_PAGES)] = 1
    per_page: Annotated[int, Query(ge=1, le=MOST_PER_PAGE)] = 50
    format: Format = Format.JSON

    @property
    def offset(self) -> int:
        """How many things are on the pages before."""
        return (self.page - 1) * self.per_page

    def at_most(self, per_page: int) -> "Paging":
        """The same page of shorter ones, if they are longer than that."""
        return replace(self, per_page=min(self.per_page, per_page))


@dataclass(frozen=True)
class Wanted:
    """Which services or service_at_locations are asked for."""

    search: str | None
    taxonomy_term_id: UUID | None
    taxonomy_id: UUID | None
    organization_id: UUID | None
    modified_after: datetime | None
    near: tuple[float, float, float] | None


def wanted(
    search: Search = None,
    taxonomy_term_id: UUID | None = None,
    taxonomy_id: UUID | None = None,
    organization_id: UUID | None = None,
    modified_after: Moment = None,
    latitude: Annotated[float | None, Query(ge=LATITUDES[0], le=LATITUDES[1], allow_inf_nan=False)] = None,
    longitude: Annotated[float | None, Query(ge=LONGITUDES[0], le=LONGITUDES[1], allow_inf_nan=False)] = None,
    proximity: Annotated[float | None, Query(gt=0, le=FARTHEST, allow_inf_nan=False)] = None,
) -> Wanted:
    """The filters of a list; `latitude`, `longitude` (in Iraq) and `proximity` (metres) go together."""
    point = {"latitude": latitude, "longitude": longitude, "proximity": proximity}
    missing = [name for name, value in point.items() if value is None]
    if 0 < len(missing) < len(point):
        told = "latitude, longitude and proximity go together"
        raise RequestValidationError([{"type": "missing", "loc": ("query", name), "msg": told} for name in missing])
    near = None if latitude is None or longitude is None or proximity is None else (latitude, longitude, proximity)
    return Wanted(search, taxonomy_term_id, taxonomy_id, organization_id, modified_after, near)
