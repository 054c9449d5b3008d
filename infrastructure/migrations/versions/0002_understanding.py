"""Understanding: danger first, emergency lines, whether the bot was sure, what staff corrected."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.drop_constraint(op.f("ck_handover_reason"), "handover")
    op.create_check_constraint(
        op.f("ck_handover_reason"),
        "handover",
        "reason in ('danger', 'misconduct', 'failure', 'asked', 'language', 'media', 'flood')",
    )
    op.add_column("turn", sa.Column("sure", sa.Boolean(), server_default=sa.text("true"), nullable=False))
    op.create_table(
        "correction",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("intent", sa.String(), nullable=False),
        sa.Column("entities", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("corrected_by", sa.Uuid(), nullable=False),
        sa.Column("corrected_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("harvested_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_correction_message_id_message")),
        sa.ForeignKeyConstraint(["corrected_by"], ["staff.id"], name=op.f("fk_correction_corrected_by_staff")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_correction")),
    )
    op.create_table(
        "emergency_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("name", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("dangers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "governorates", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False
        ),
        sa.Column("verified_on", sa.Date(), nullable=False),
        sa.Column("verified_by", sa.Uuid(), nullable=True),
        sa.Column("is_demo", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("number ~ '^[+]?[0-9]{3,15}$'", name=op.f("ck_emergency_line_number")),
        sa.CheckConstraint(
            "coalesce(name ->> 'ar', '') <> '' and coalesce(name ->> 'en', '') <> ''",
            name=op.f("ck_emergency_line_name_in_both_languages"),
        ),
        sa.ForeignKeyConstraint(["verified_by"], ["staff.id"], name=op.f("fk_emergency_line_verified_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_line")),
        sa.UniqueConstraint("number", name=op.f("uq_emergency_line_number")),
    )
