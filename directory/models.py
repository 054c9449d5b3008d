"""The directory's tables, named as in HSDS 3 (https://docs.openreferral.org/en/latest/hsds/schema_reference.html).

Texts for people are JSONB with both languages: {"ar": ..., "en": ..., optionally "ckb"}.
"""

from datetime import date, time
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from infrastructure.database import Base

# A text in several languages; none is SQL's NULL, not JSON's.
TRANSLATED = JSONB(none_as_null=True)


def both_languages(column: str) -> CheckConstraint:
    """A check that a text, if there is one, is there in Arabic and in English."""
    filled = " AND ".join(f"coalesce({column} ->> '{language}', '') <> ''" for language in ("ar", "en"))
    return CheckConstraint(f"{column} IS NULL OR ({filled})", name=f"{column}_in_both_languages")


class Place(Base):
    """A governorate or a district, by its OCHA p-code."""

    __tablename__ = "place"
    __table_args__ = (
        both_languages("name"),
        CheckConstraint("(level = 'governorate') = (parent IS NULL)", name="districts_have_a_parent"),
        CheckConstraint("level IN ('governorate', 'district')", name="level_known"),
    )

    code: Mapped[str] = mapped_column(primary_key=True)
    level: Mapped[str]
    parent: Mapped[str | None] = mapped_column(ForeignKey("place.code"), index=True)
    name: Mapped[dict[str, str]] = mapped_column(TRANSLATED)
    latitude: Mapped[float]
    longitude: Mapped[float]


class Organization(Base):
    """Who offers services."""

    __tablename__ = "organization"
    __table_args__ = (both_languages("name"), both_languages("description"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[dict[str, str]] = mapped_column(TRANSLATED)
    description: Mapped[dict[str, str] | None] = mapped_column(TRANSLATED)
    is_demo: Mapped[bool] = mapped_column(default=False)


class Service(Base):
    """What an organization offers; `assured_date` is when somebody last checked that it is true."""

    __tablename__ = "service"
    __table_args__ = (
        both_languages("name"),
        both_languages("summary"),
        both_languages("description"),
        CheckConstraint("status IN ('draft', 'published', 'archived')", name="status_known"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), index=True)
    name: Mapped[dict[str, str]] = mapped_column(TRANSLATED)
    summary: Mapped[dict[str, str]] = mapped_column(TRANSLATED)
    description: Mapped[dict[str, str] | None] = mapped_column(TRANSLATED)
    status: Mapped[str] = mapped_column(default="draft")
    assured_date: Mapped[date | None]
    is_demo: Mapped[bool] = mapped_column(default=False)

    organization: Mapped[Organization] = relationship()
    needs: Mapped[list["ServiceNeed"]] = relationship(cascade="all, delete-orphan")


class ServiceNeed(Base):
    """A need (a code of `directory.needs`) that a service meets."""

    __tablename__ = "service_need"
    # The search starts from needs.
    __table_args__ = (Index(None, "need", "service_id"),)

    service_id: Mapped[UUID] = mapped_column(ForeignKey("service.id"), primary_key=True)
    need: Mapped[str] = mapped_column(primary_key=True)


class Location(Base):
    """Somewhere a service is given; without an address it is confidential or mobile: people call first."""

    __tablename__ = "location"
    __table_args__ = (both_languages("name"), both_languages("address"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    place_code: Mapped[str] = mapped_column(ForeignKey("place.code"), index=True)
    name: Mapped[dict[str, str] | None] = mapped_column(TRANSLATED)
    address: Mapped[dict[str, str] | None] = mapped_column(TRANSLATED)
    is_demo: Mapped[bool] = mapped_column(default=False)

    place: Mapped[Place] = relationship()


class ServiceAtLocation(Base):
    """One service at one location: what a search finds."""

    __tablename__ = "service_at_location"
    __table_args__ = (UniqueConstraint("service_id", "location_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    service_id: Mapped[UUID] = mapped_column(ForeignKey("service.id"))
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id"), index=True)

    service: Mapped[Service] = relationship()
    location: Mapped[Location] = relationship()
    phones: Mapped[list["Phone"]] = relationship(order_by="Phone.id", cascade="all, delete-orphan")
    schedules: Mapped[list["Schedule"]] = relationship(order_by="Schedule.id", cascade="all, delete-orphan")


class Phone(Base):
    """A number to call, as people dial it ('+' and digits where it is international)."""

    __tablename__ = "phone"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    service_at_location_id: Mapped[UUID] = mapped_column(ForeignKey("service_at_location.id"), index=True)
    number: Mapped[str]
    is_demo: Mapped[bool] = mapped_column(default=False)


class Schedule(Base):
    """Opening hours on some days of the week: `byday` as in iCalendar ("SU,MO,TU,WE,TH"), local time."""

    __tablename__ = "schedule"
    __table_args__ = (CheckConstraint("opens_at < closes_at", name="opens_before_it_closes"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    service_at_location_id: Mapped[UUID] = mapped_column(ForeignKey("service_at_location.id"), index=True)
    byday: Mapped[str]
    opens_at: Mapped[time]
    closes_at: Mapped[time]
