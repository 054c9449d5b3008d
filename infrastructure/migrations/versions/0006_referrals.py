"""Referrals: a consented link from a person to a service, what was consented to, and every move."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "referral",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("conversation_id", sa.Uuid(), nullable=True),
        sa.Column("service_id", sa.Uuid(), nullable=True),
        sa.Column("need", sa.String(), nullable=False),
        sa.Column("place_code", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("when", sa.String(), nullable=False),
        sa.Column("number", sa.LargeBinary(), nullable=True),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("recall", sa.String(), nullable=True),
        sa.Column("assigned_to", sa.Uuid(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'closed') = (outcome IS NOT NULL)", name=op.f("ck_referral_closed_with_an_outcome")
        ),
        sa.CheckConstraint(
            "(state IN ('closed', 'withdrawn')) = (closed_at IS NOT NULL)", name=op.f("ck_referral_over_since_a_moment")
        ),
        sa.CheckConstraint("recall IN ('due', 'done')", name=op.f("ck_referral_recall_known")),
        sa.CheckConstraint(
            "recall IS NULL OR (state = 'withdrawn' AND service_id IS NOT NULL)",
            name=op.f("ck_referral_recalled_when_withdrawn"),
        ),
        sa.CheckConstraint("how IN ('call', 'text')", name=op.f("ck_referral_how_known")),
        sa.CheckConstraint("language IN ('ar', 'en')", name=op.f("ck_referral_language_known")),
        sa.CheckConstraint(
            "need NOT IN ('child_protection', 'counter_trafficking', 'gbv')",
            name=op.f("ck_referral_sensitive_needs_are_never_kept"),
        ),
        sa.CheckConstraint(
            "outcome IN ('helped', 'not_reached', 'not_eligible', 'moved', 'other')",
            name=op.f("ck_referral_outcome_known"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'consented', 'sent', 'received', 'accepted', 'declined', 'in_service', 'closed', 'withdrawn')",
            name=op.f("ck_referral_state_known"),
        ),
        sa.CheckConstraint(
            "\"when\" IN ('morning', 'afternoon', 'evening', 'any')", name=op.f("ck_referral_when_known")
        ),
        sa.CheckConstraint(
            "erased_at IS NULL OR (closed_at IS NOT NULL AND person_id IS NULL AND conversation_id IS NULL AND place_code IS NULL AND number IS NULL AND name IS NULL AND words IS NULL)",
            name=op.f("ck_referral_erased_leads_to_nobody"),
        ),
        sa.ForeignKeyConstraint(["assigned_to"], ["staff.id"], name=op.f("fk_referral_assigned_to_staff")),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_referral_conversation_id_conversation"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_referral_person_id_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["place_code"], ["place.code"], name=op.f("fk_referral_place_code_place")),
        sa.ForeignKeyConstraint(["service_id"], ["entry.id"], name=op.f("fk_referral_service_id_entry")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral")),
        sa.UniqueConstraint("code", name=op.f("uq_referral_code")),
    )
    op.create_index(op.f("ix_referral_assigned_to"), "referral", ["assigned_to"], unique=False)
    op.create_index(op.f("ix_referral_conversation_id"), "referral", ["conversation_id"], unique=False)
    op.create_index(op.f("ix_referral_person_id"), "referral", ["person_id"], unique=False)
    op.create_index(op.f("ix_referral_place_code"), "referral", ["place_code"], unique=False)
    op.create_index(op.f("ix_referral_service_id"), "referral", ["service_id"], unique=False)
    op.create_index(op.f("ix_referral_state_changed_at"), "referral", ["state", "changed_at"], unique=False)
    op.create_table(
        "consent",
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("organization_name", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("language IN ('ar', 'en')", name=op.f("ck_consent_language_known")),
        sa.CheckConstraint(
            "(organization_id IS NULL) = (organization_name IS NULL)", name=op.f("ck_consent_recipient_has_a_name")
        ),
        sa.CheckConstraint(
            "recorded_by IS NULL OR message_id IS NULL", name=op.f("ck_consent_by_voice_has_no_message")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_consent_message_id_message"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["organization_id"], ["entry.id"], name=op.f("fk_consent_organization_id_entry")),
        sa.ForeignKeyConstraint(["recorded_by"], ["staff.id"], name=op.f("fk_consent_recorded_by_staff")),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_consent_referral_id_referral")),
        sa.PrimaryKeyConstraint("referral_id", name=op.f("pk_consent")),
    )
    op.create_index(op.f("ix_consent_message_id"), "consent", ["message_id"], unique=False)
    op.create_table(
        "referral_event",
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("from_state", sa.String(), nullable=True),
        sa.Column("to_state", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("by_staff", sa.Uuid(), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "(who = 'staff') = (by_staff IS NOT NULL)", name=op.f("ck_referral_event_staff_have_a_name")
        ),
        sa.CheckConstraint(
            "from_state IN ('draft', 'consented', 'sent', 'received', 'accepted', 'declined', 'in_service', 'closed', 'withdrawn')",
            name=op.f("ck_referral_event_from_state_known"),
        ),
        sa.CheckConstraint(
            "to_state IN ('draft', 'consented', 'sent', 'received', 'accepted', 'declined', 'in_service', 'closed', 'withdrawn')",
            name=op.f("ck_referral_event_to_state_known"),
        ),
        sa.CheckConstraint("who IN ('person', 'staff', 'system')", name=op.f("ck_referral_event_who_known")),
        sa.ForeignKeyConstraint(["by_staff"], ["staff.id"], name=op.f("fk_referral_event_by_staff_staff")),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_referral_event_referral_id_referral")),
        sa.PrimaryKeyConstraint("referral_id", "number", name=op.f("pk_referral_event")),
    )
