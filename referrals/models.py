"""The tables of referrals. What could tell who somebody is, or what they wrote, is sealed and can be erased by itself.

A referral outlives its person: after an erasure its bare states and dates stay, to be counted, and lead to nobody.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from directory.needs import CONFIDENTIAL
from infrastructure.database import Base
from infrastructure.vault import Sealed

STATES = ("draft", "consented", "sent", "received", "accepted", "declined", "in_service", "closed", "withdrawn")
OVER = ("closed", "withdrawn")
OUTCOMES = ("helped", "not_reached", "not_eligible", "moved", "other")
HOW = ("call", "text")
WHEN = ("morning", "afternoon", "evening", "any")
WHO = ("person", "staff", "system")
# Who received it has to hear that it was taken back, and forget what they know.
RECALLS = ("due", "done")


def _one_of(column: str, words: Sequence[str], name: str | None = None) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(map(repr, words))})", name=name or f"{column}_known")


class Referral(Base):
    """What somebody wants to be referred for, whither, and where that stands; without a service: to our caseworkers."""

    __tablename__ = "referral"
    __table_args__ = (
        _one_of("state", STATES),
        _one_of("language", ("ar", "en")),
        _one_of("how", HOW, "how_known"),
        _one_of('"when"', WHEN, "when_known"),
        _one_of("outcome", OUTCOMES),
        # These needs are spoken of with a person only (`wishes.SENSITIVE`); no way leads past this.
        CheckConstraint(
            f"need NOT IN ({', '.join(map(repr, sorted(CONFIDENTIAL)))})", name="sensitive_needs_are_never_kept"
        ),
        CheckConstraint("(state = 'closed') = (outcome IS NOT NULL)", name="closed_with_an_outcome"),
        CheckConstraint("(state IN ('closed', 'withdrawn')) = (closed_at IS NOT NULL)", name="over_since_a_moment"),
        _one_of("recall", RECALLS),
        CheckConstraint(
            "recall IS NULL OR (state = 'withdrawn' AND service_id IS NOT NULL)", name="recalled_when_withdrawn"
        ),
        CheckConstraint(
            "erased_at IS NULL OR (closed_at IS NOT NULL AND person_id IS NULL AND conversation_id IS NULL "
            "AND place_code IS NULL AND number IS NULL AND name IS NULL AND words IS NULL)",
            name="erased_leads_to_nobody",
        ),
        Index(None, "state", "changed_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    # What people and staff name it by (`codes`).
    code: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    # Where it was opened, and where its person is told of it.
    conversation_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("conversation.id", ondelete="SET NULL"), index=True
    )
    service_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("entry.id"), index=True)
    need: Mapped[str]
    place_code: Mapped[str | None] = mapped_column(ForeignKey("place.code"), index=True)
    # The language the person consented in; they are told in the one they write by then.
    language: Mapped[str]
    how: Mapped[str]
    when: Mapped[str]
    # Only if it isn't the one they write from.
    number: Mapped[str | None] = mapped_column(Sealed)
    # What they want to be called.
    name: Mapped[str | None] = mapped_column(Sealed)
    # What they said they need.
    words: Mapped[str | None] = mapped_column(Sealed)
    state: Mapped[str] = mapped_column(default="draft")
    outcome: Mapped[str | None]
    # Of one that was taken back after another organization had it: whether they were told.
    recall: Mapped[str | None]
    assigned_to: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"), index=True)
    opened_at: Mapped[datetime] = mapped_column(server_default=func.now())
    # When it was last moved: how long it has been waiting.
    changed_at: Mapped[datetime] = mapped_column(server_default=func.now())
    closed_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]

    consent: Mapped["Consent"] = relationship(lazy="raise")
    events: Mapped[list["ReferralEvent"]] = relationship(order_by="ReferralEvent.number", lazy="raise")

    @property
    def is_open(self) -> bool:
        """Whether anything can still become of it."""
        return self.state not in OVER


class Consent(Base):
    """What somebody agreed to: the text exactly as they read or heard it, and who it names besides our caseworkers."""

    __tablename__ = "consent"
    __table_args__ = (
        _one_of("language", ("ar", "en")),
        # Who read it out is known; what was read on the phone has no message.
        CheckConstraint("recorded_by IS NULL OR message_id IS NULL", name="by_voice_has_no_message"),
        CheckConstraint("(organization_id IS NULL) = (organization_name IS NULL)", name="recipient_has_a_name"),
    )

    referral_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("referral.id"), primary_key=True)
    text: Mapped[str | None] = mapped_column(Sealed)  # None: erased
    language: Mapped[str]
    organization_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("entry.id"))
    # As it was called then: {"ar", "en"}.
    organization_name: Mapped[dict[str, str] | None] = mapped_column(JSONB(none_as_null=True))
    given_at: Mapped[datetime] = mapped_column(server_default=func.now())
    # The message that said yes.
    message_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("message.id", ondelete="SET NULL"), index=True)
    # Who read it out, where the person agreed by voice.
    recorded_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    withdrawn_at: Mapped[datetime | None]


class ReferralEvent(Base):
    """One move: from where to where, when, and whose. Only ever added."""

    __tablename__ = "referral_event"
    __table_args__ = (
        _one_of("from_state", STATES),
        _one_of("to_state", STATES),
        _one_of("who", WHO),
        CheckConstraint("(who = 'staff') = (by_staff IS NOT NULL)", name="staff_have_a_name"),
    )

    referral_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("referral.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    from_state: Mapped[str | None]
    to_state: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    who: Mapped[str]
    by_staff: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    # A colleague's words for colleagues.
    note: Mapped[str | None] = mapped_column(Sealed)
