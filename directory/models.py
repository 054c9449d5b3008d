"""The directory's tables: places, entries with their revisions, what is to be looked into, and what a search reads.

An entry is an organization, a location, a service or an article (`directory.records`): what is published of it now, as
a document. Its revisions are all that was ever proposed of it. A listing is a published service at one of its
locations, laid out for search; listings follow from entries and can be made anew at any time (`directory.listings`).
ADR 8 says why.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, String, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, relationship

from directory.records import KINDS
from infrastructure.database import Base
from infrastructure.vault import Sealed

# A text in several languages; none is SQL's NULL, not JSON's.
TRANSLATED = JSONB(none_as_null=True)
# A change goes into the index at once: what waits there for a vacuum is read by every search (7 ms of 10, make bench).
AT_ONCE = {"fastupdate": "off"}
# Where an entry stands, and where a proposed revision of it does.
STATUSES = ("draft", "published", "archived")
STATES = ("draft", "in_review", "published", "rejected", "replaced")
OPEN_STATES = ("draft", "in_review")
# Why somebody has to look into an entry, and who noticed.
REASONS = ("closed", "wrong_number", "wrong_address", "wrong_hours", "refused", "correction", "other")
NOTICED_BY = ("person", "provider", "staff")
OUTCOMES = ("corrected", "right_as_it_is", "duplicate")
# What a provider says is different now.
CHANGES = ("closed_for_good", "closed_until", "number", "hours", "full", "other")
# What becomes of an uploaded table.
BATCH_STATES = ("uploaded", "proposed", "published", "undone")


def _one_of(column: str, words: tuple[str, ...]) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(map(repr, words))})", name=f"{column}_known")


class Place(Base):
    """A governorate or a district, by its OCHA p-code."""

    __tablename__ = "place"
    __table_args__ = (
        CheckConstraint(
            "coalesce(name ->> 'ar', '') <> '' AND coalesce(name ->> 'en', '') <> ''", name="name_in_both_languages"
        ),
        CheckConstraint("(level = 'governorate') = (parent IS NULL)", name="districts_have_a_parent"),
        CheckConstraint("level IN ('governorate', 'district')", name="level_known"),
    )

    code: Mapped[str] = mapped_column(primary_key=True)
    level: Mapped[str]
    parent: Mapped[str | None] = mapped_column(ForeignKey("place.code"), index=True)
    name: Mapped[dict[str, str]] = mapped_column(TRANSLATED)
    latitude: Mapped[float]
    longitude: Mapped[float]


class Entry(Base):
    """An organization, location, service or article; `document` is what is published, None before it ever was."""

    __tablename__ = "entry"
    __table_args__ = (
        _one_of("kind", KINDS),
        _one_of("status", STATUSES),
        CheckConstraint("status <> 'published' OR document IS NOT NULL", name="published_has_a_document"),
        Index(None, "kind", "changed_at"),
        Index("ix_entry_folded", "folded", postgresql_using="gin", postgresql_ops={"folded": "gin_trgm_ops"}),
        # Which services are of an organization or at a location (listings.renew).
        Index("ix_entry_document", "document", postgresql_using="gin", postgresql_ops={"document": "jsonb_path_ops"}),
        Index(
            "ix_entry_known_by",
            "folded_ar",
            "folded_en",
            postgresql_using="gin",
            postgresql_ops={"folded_ar": "gin_trgm_ops", "folded_en": "gin_trgm_ops"},
            postgresql_with=AT_ONCE,
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    kind: Mapped[str]
    status: Mapped[str] = mapped_column(default="draft")
    document: Mapped[dict[str, Any] | None] = mapped_column(TRANSLATED)
    # The number of the revision that is published, 0 before any was: who edits says which one they saw.
    published: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime] = mapped_column(server_default=func.now())
    # The names of what was last proposed or published, folded, for staff who look for it.
    folded: Mapped[str] = mapped_column(default="", server_default="")
    # What the published document is known by in each language, folded: `directory.duplicates` looks for others like it.
    folded_ar: Mapped[str] = mapped_column(default="", server_default="")
    folded_en: Mapped[str] = mapped_column(default="", server_default="")
    # Links to confirm it that were made until then count no longer (directory.confirming).
    links_since: Mapped[datetime | None]
    # Who sees to it that a service stays true; None: any admin.
    keeper_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"), index=True)

    revisions: Mapped[list["Revision"]] = relationship(order_by="Revision.number", back_populates="entry")


class Revision(Base):
    """One proposal of what an entry should say, by whom, and what became of it. Never changed once decided."""

    __tablename__ = "revision"
    __table_args__ = (
        _one_of("state", STATES),
        UniqueConstraint("entry_id", "number"),
        Index(None, "state", "created_at"),
        # One is worked on at a time: who comes second sees the other's.
        Index("uq_revision_open", "entry_id", unique=True, postgresql_where=text("state IN ('draft', 'in_review')")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("entry.id"))
    number: Mapped[int]
    # The published revision that it was written upon.
    base: Mapped[int] = mapped_column(default=0)
    document: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(default="draft")
    # None: not a member of staff but a file that came with the installation, or a provider's confirmation.
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    # When its author last saved it, as long as it is a draft.
    saved_at: Mapped[datetime] = mapped_column(server_default=func.now())
    # The upload that proposed it.
    batch_id: Mapped[UUID | None] = mapped_column(ForeignKey("import_batch.id"), index=True)
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(default="")

    entry: Mapped[Entry] = relationship(back_populates="revisions")


class NotDuplicate(Base):
    """Two entries of which somebody said that they aren't the same, however alike they look."""

    __tablename__ = "not_duplicate"
    __table_args__ = (CheckConstraint("first_id < second_id", name="in_order"),)

    first_id: Mapped[UUID] = mapped_column(ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True)
    second_id: Mapped[UUID] = mapped_column(ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True, index=True)
    said_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    said_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ImportBatch(Base):
    """An uploaded table: its rows as they were read, which column is what, and what it did when it was applied."""

    __tablename__ = "import_batch"
    __table_args__ = (_one_of("state", BATCH_STATES),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    filename: Mapped[str]
    state: Mapped[str] = mapped_column(default="uploaded")
    # Column name in the file -> our column's code; a column that is left out has none.
    mapping: Mapped[dict[str, str]]
    # {"columns": [...], "titles": rows above the data, "rows": [[number, [cell, ...]], ...], "problems": [...]}; up to
    # tens of megabytes, read only when the table is looked through.
    content: Mapped[dict[str, Any]] = mapped_column(deferred=True)
    # What was found in it the last time that it was looked through, and what an undoing left (directory.importing).
    findings: Mapped[dict[str, Any]]
    created_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    applied_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]


class Task(Base):
    """Something about an entry that a member of staff must look into, and everybody who said so."""

    __tablename__ = "task"
    __table_args__ = (
        _one_of("reason", REASONS),
        CheckConstraint(f"outcome IN ({', '.join(map(repr, OUTCOMES))})", name="outcome_known"),
        CheckConstraint("(closed_at IS NULL) = (outcome IS NULL)", name="closed_with_an_outcome"),
        Index(None, "closed_at", "created_at"),
        # Who says the same again adds a report to the one that is open.
        Index("uq_task_open", "entry_id", "reason", unique=True, postgresql_where=text("closed_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("entry.id"), index=True)
    reason: Mapped[str]
    # Several people who don't know of each other said that nobody can get help there.
    urgent: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str | None]

    entry: Mapped[Entry] = relationship()
    reports: Mapped[list["Report"]] = relationship(order_by="(Report.created_at, Report.id)")


class Report(Base):
    """One time that somebody said so: a person in a conversation, who offers the service, or staff."""

    __tablename__ = "report"
    __table_args__ = (
        _one_of("noticed_by", NOTICED_BY),
        CheckConstraint(f"change IN ({', '.join(map(repr, CHANGES))})", name="change_known"),
        CheckConstraint(
            "(change IS NOT DISTINCT FROM 'closed_until') = (closed_until IS NOT NULL)", name="closed_until_a_day"
        ),
        CheckConstraint("noticed_by <> 'person' OR note IS NULL", name="words_stay_in_the_conversation"),
        # A conversation counts once, however often it says so.
        UniqueConstraint("task_id", "conversation_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    task_id: Mapped[UUID] = mapped_column(ForeignKey("task.id"), index=True)
    noticed_by: Mapped[str]
    # Words of staff or of a provider; what people wrote stays in their conversation.
    note: Mapped[str | None] = mapped_column(Sealed)
    # A provider's choice from a list, and the last day of a closure.
    change: Mapped[str | None]
    closed_until: Mapped[date | None]
    # The number on which a provider wants to be called back; forgotten when the task is closed.
    call_back: Mapped[str | None] = mapped_column(Sealed)
    conversation_id: Mapped[UUID | None] = mapped_column(ForeignKey("conversation.id", ondelete="SET NULL"), index=True)
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Listing(Base):
    """A published service at one of its published locations, as search and /hsds need it."""

    __tablename__ = "listing"
    __table_args__ = (
        Index("ix_listing_keys", "keys", postgresql_using="gin", postgresql_with=AT_ONCE),
        Index("ix_listing_words", "words", postgresql_using="gin", postgresql_with=AT_ONCE),
        # What leaves under /hsds, page by page and counted, without reading the rows.
        Index(None, "is_demo", "service_id", "location_id"),
        Index(None, "latitude", "longitude"),
    )

    service_id: Mapped[UUID] = mapped_column(ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True)
    location_id: Mapped[UUID] = mapped_column(ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True, index=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("entry.id", ondelete="CASCADE"), index=True)
    place_code: Mapped[str] = mapped_column(ForeignKey("place.code"), index=True)
    governorate: Mapped[str] = mapped_column(ForeignKey("place.code"))
    # "food@IQG15" and "food@" for each need: one index answers need and governorate together.
    keys: Mapped[list[str]] = mapped_column(ARRAY(String))
    needs: Mapped[list[str]] = mapped_column(ARRAY(String))
    eligible: Mapped[list[str]] = mapped_column(ARRAY(String))
    # Where it may be said to be: a confidential location counts as in the middle of its governorate.
    latitude: Mapped[float]
    longitude: Mapped[float]
    assured_date: Mapped[date | None]
    # Somebody has to check it after this day.
    due_after: Mapped[date] = mapped_column(index=True)
    # When the service, its organization or any of its locations last changed.
    changed_at: Mapped[datetime] = mapped_column(index=True)
    # Found by search on these days only (both included): validity, and how long an assurance is believed.
    shown_from: Mapped[date]
    shown_until: Mapped[date]
    is_demo: Mapped[bool]
    # All names and texts in both languages, folded (orthography.folding).
    folded: Mapped[str]
    words: Mapped[str] = mapped_column(TSVECTOR, Computed("to_tsvector('simple', folded)", persisted=True))
    # What an answer says: results.Found, as JSON.
    found: Mapped[dict[str, Any]]
    # Sorted by in every search, which would have to read all the answers for it (make bench).
    is_full: Mapped[bool] = mapped_column(Computed("(found ->> 'capacity') = 'full'", persisted=True))


class Word(Base):
    """A word of listings, folded: what a misspelt one may mean. Those of listings that are gone stay, and find none."""

    __tablename__ = "word"
    __table_args__ = (
        Index(
            "ix_word_trigrams",
            "word",
            postgresql_using="gin",
            postgresql_ops={"word": "gin_trgm_ops"},
            postgresql_with=AT_ONCE,
        ),
    )

    # In this collation an index answers which words begin with something.
    word: Mapped[str] = mapped_column(String(collation="C"), primary_key=True)
