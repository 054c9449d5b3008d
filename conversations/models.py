"""The tables of conversations. Everything somebody said or could be known by is sealed (infrastructure.vault).

What belongs to a person goes with the person: every foreign key on the way says CASCADE, or SET NULL where the row is
about something else (conversations.erasure).
"""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, func
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from infrastructure.database import Base
from infrastructure.vault import Sealed

CHANNELS = ("sms", "whatsapp")
# The order is the order of life (`outbox.comes_after` relies on it): a message only moves forward; `failed` is final.
# held: WhatsApp takes it once the person writes again; withheld, final: the person wants no messages.
STATUSES = ("received", "queued", "held", "sending", "sent", "delivered", "read", "failed", "withheld")
# template: asks somebody on WhatsApp to write again; receipt: says that somebody gets no more messages.
KINDS = ("text", "template", "receipt")
AUTHORS = ("person", "bot", "system", "staff")
# Why a person is needed, the most urgent first (`handover.request` keeps the most urgent of several).
# unanswered: who had the conversation in hand left them without a word; window: what we said can't reach them before
# they write again; staff: a colleague took over unasked.
REASONS = ("danger", "misconduct", "failure", "asked", "unanswered", "language", "media", "flood", "window", "staff")
# How a member of staff ends a period, and what else ends one: a colleague took over, or nobody answered in time.
STAFF_OUTCOMES = ("answered", "referred", "no_answer", "not_needed")
HANDOVER_OUTCOMES = (*STAFF_OUTCOMES, "relieved", "unanswered")
# Intents that outrank every other reading of a message (taxonomy.yml); each also is a kind of emergency line.
DANGERS = (
    "suicide_risk",
    "gbv_disclosure",
    "trafficking_disclosure",
    "child_at_risk",
    "immediate_danger",
    "medical_emergency",
)
# The one other intent that Rasa leaves to us: what it says is kept apart (conversations.misconduct).
MISCONDUCT = "report_misconduct"
# waiting: the bot could not answer yet and tries again; failed: a person must answer; held: a person has it in hand.
OUTCOMES = ("answered", "waiting", "failed", "held")


def one_of(column: str, words: Sequence[str]) -> CheckConstraint:
    """A column that holds one of these words."""
    return CheckConstraint(f"{column} in ({', '.join(repr(word) for word in words)})", name=column)


class Person(Base):
    """Somebody who texts us: an opaque id, found by any of their addresses."""

    __tablename__ = "person"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Address(Base):
    """Where a person can be reached on one channel; the only table that holds numbers, and it holds them sealed."""

    __tablename__ = "address"
    __table_args__ = (
        UniqueConstraint("channel", "fingerprint"),
        Index(None, "fingerprint"),
        one_of("channel", CHANNELS),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    channel: Mapped[str]
    # A phone number (E.164) or a WhatsApp user id; the fingerprint finds it again without opening anything.
    value: Mapped[str] = mapped_column(Sealed)
    fingerprint: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Conversation(Base):
    """The thread with one address. Its id is all that Rasa, jobs and logs ever know of the person."""

    __tablename__ = "conversation"
    __table_args__ = (one_of("channel", CHANNELS), one_of("language", ("ar", "en")))

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    address_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("address.id", ondelete="CASCADE"), unique=True)
    channel: Mapped[str]
    # The language we answer in; sticky, empty until the first message that tells (conversations.language).
    language: Mapped[str | None]
    # Staff handed it back since the bot last spoke: what it was in the middle of is over.
    starts_afresh: Mapped[bool] = mapped_column(server_default=sql("false"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    # Serves the console's list: newest first.
    last_message_at: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)

    address: Mapped[Address] = relationship(lazy="raise")


class Message(Base):
    """One text in either direction, as it was sent or received."""

    __tablename__ = "message"
    __table_args__ = (
        # A provider's retry of the same message finds this and changes nothing.
        UniqueConstraint("channel", "provider_id"),
        Index(None, "conversation_id", "position"),
        # For retention: few messages have media.
        Index("ix_message_media", "created_at", postgresql_where=sql("media is not null")),
        one_of("channel", CHANNELS),
        one_of("direction", ("inbound", "outbound")),
        one_of("author", AUTHORS),
        one_of("status", STATUSES),
        one_of("kind", KINDS),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    # The order of arrival and of sending; clocks may tie or jump, this doesn't.
    position: Mapped[int] = mapped_column(BigInteger, Identity())
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    channel: Mapped[str]
    direction: Mapped[str]
    author: Mapped[str]
    # The provider's id; empty for an outbound message until the provider took it.
    provider_id: Mapped[str | None]
    text: Mapped[str] = mapped_column(Sealed)
    # Inbound: [{"url", "content_type"}], JSON; sealed because an address of a picture opens the picture.
    media: Mapped[str | None] = mapped_column(Sealed)
    # Inbound: {"latitude", "longitude", "label"}, JSON.
    location: Mapped[str | None] = mapped_column(Sealed)
    quick_replies: Mapped[list[str]] = mapped_column(server_default=sql("'[]'"))
    # What was said here is in the store of misconduct, and no more here (conversations.misconduct).
    kept_apart: Mapped[bool] = mapped_column(server_default=sql("false"))
    status: Mapped[str]
    error_code: Mapped[int | None]
    # Outbound: the member of staff who wrote it.
    written_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    # Outbound: when the person wrote what this answers; empty where nobody asked for it (a notice).
    asked_at: Mapped[datetime | None]
    kind: Mapped[str] = mapped_column(server_default="text")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    # When the last try to hand it to the provider began: after a crash, tells what to look for there.
    attempted_at: Mapped[datetime | None]


class Turn(Base):
    """What became of one inbound message: what was understood, in codes, and whether it was answered."""

    __tablename__ = "turn"
    __table_args__ = (
        # For retention: readings that still name something.
        Index("ix_turn_entities", "created_at", postgresql_where=sql("entities <> '{}'")),
        one_of("outcome", OUTCOMES),
    )

    message_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), primary_key=True)
    outcome: Mapped[str]
    language: Mapped[str]
    script: Mapped[str | None]
    intent: Mapped[str | None]
    confidence: Mapped[float | None]
    # Whether the bot acted on that reading; where not, it asked what was meant.
    sure: Mapped[bool] = mapped_column(server_default=sql("true"))
    entities: Mapped[dict[str, Any]] = mapped_column(server_default=sql("'{}'"))
    apologised: Mapped[bool] = mapped_column(server_default=sql("false"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Correction(Base):
    """What a message really meant, said by staff; `make harvest` turns it into training data."""

    __tablename__ = "correction"

    message_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), primary_key=True)
    intent: Mapped[str]
    entities: Mapped[dict[str, Any]] = mapped_column(server_default=sql("'{}'"))
    corrected_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id"))
    corrected_at: Mapped[datetime] = mapped_column(server_default=func.now())
    # Set when somebody reviewed it for training, whether they took it or not.
    harvested_at: Mapped[datetime | None]


class EmergencyLine(Base):
    """A number to call in danger. Only what the operator called and found working is ever said."""

    __tablename__ = "emergency_line"
    __table_args__ = (
        CheckConstraint("number ~ '^[+]?[0-9]{3,15}$'", name="number"),
        CheckConstraint(
            "coalesce(name ->> 'ar', '') <> '' and coalesce(name ->> 'en', '') <> ''", name="name_in_both_languages"
        ),
        UniqueConstraint("number"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    number: Mapped[str]
    # Who answers there, as it is said in a text: {"ar", "en"}.
    name: Mapped[dict[str, str]]
    # Which of DANGERS it is for.
    dangers: Mapped[list[str]]
    # Codes of the governorates where it answers; empty: everywhere in Iraq.
    governorates: Mapped[list[str]] = mapped_column(server_default=sql("'[]'"))
    # When the operator last called it and found it working.
    verified_on: Mapped[date]
    verified_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    is_demo: Mapped[bool] = mapped_column(server_default=sql("false"))


class Handover(Base):
    """A period in which a conversation needs a person: asked for, then taken over by one member of staff, then closed.

    Who relieves a colleague begins a period of their own: each has one reason, at most one holder and one outcome.
    """

    __tablename__ = "handover"
    __table_args__ = (
        # One open period a conversation.
        Index("uq_handover_open", "conversation_id", unique=True, postgresql_where=sql("closed_at is null")),
        Index(None, "conversation_id", "requested_at"),
        one_of("reason", REASONS),
        one_of("outcome", HANDOVER_OUTCOMES),
        CheckConstraint("(closed_at is null) = (outcome is null)", name="closed_with_an_outcome"),
        CheckConstraint("(taken_at is null) = (taken_by is null)", name="taken_by_somebody"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    reason: Mapped[str]
    requested_at: Mapped[datetime] = mapped_column(server_default=func.now())
    # While it is open and taken, the bot is silent.
    taken_at: Mapped[datetime | None]
    taken_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    closed_at: Mapped[datetime | None]
    # Empty where no member of staff closed it (unanswered).
    closed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    outcome: Mapped[str | None]


class OptOut(Base):
    """Somebody who wants no messages but answers; held by the person, so on every channel they write on."""

    __tablename__ = "opt_out"
    __table_args__ = (one_of("told_by", ("person", "provider")),)

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    # When they said so: what they asked before is no longer asked for.
    since: Mapped[datetime]
    # The person's own words, or the provider's refusal.
    told_by: Mapped[str]
