"""Handover: periods that staff hold, what waits for WhatsApp's window, and who wants no messages."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def _words(table: str, column: str, words: str) -> None:
    op.drop_constraint(op.f(f"ck_{table}_{column}"), table)
    op.create_check_constraint(op.f(f"ck_{table}_{column}"), table, f"{column} in ({words})")


def upgrade() -> None:
    _words(
        "message",
        "status",
        "'received', 'queued', 'held', 'sending', 'sent', 'delivered', 'read', 'failed', 'withheld'",
    )
    _words("turn", "outcome", "'answered', 'waiting', 'failed', 'held'")
    _words(
        "handover",
        "reason",
        "'danger', 'misconduct', 'failure', 'asked', 'unanswered', 'language', 'media', 'flood', 'window', 'staff'",
    )
    op.add_column(
        "conversation", sa.Column("starts_afresh", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.add_column("message", sa.Column("written_by", sa.Uuid(), nullable=True))
    op.add_column("message", sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("message", sa.Column("kind", sa.String(), server_default="text", nullable=False))
    op.create_check_constraint(op.f("ck_message_kind"), "message", "kind in ('text', 'template', 'receipt')")
    op.create_foreign_key(op.f("fk_message_written_by_staff"), "message", "staff", ["written_by"], ["id"])
    # Until now only the bot spoke, and only when it was asked.
    op.execute("update message set asked_at = created_at where direction = 'outbound'")
    op.add_column("handover", sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("handover", sa.Column("taken_by", sa.Uuid(), nullable=True))
    op.add_column("handover", sa.Column("outcome", sa.String(), nullable=True))
    op.create_foreign_key(op.f("fk_handover_taken_by_staff"), "handover", "staff", ["taken_by"], ["id"])
    # Nobody could write from the console: what was marked as handled needed no answer from there.
    op.execute("update handover set outcome = 'not_needed' where closed_at is not null")
    op.create_check_constraint(
        op.f("ck_handover_outcome"),
        "handover",
        "outcome in ('answered', 'referred', 'no_answer', 'not_needed', 'relieved', 'unanswered')",
    )
    op.create_check_constraint(
        op.f("ck_handover_closed_with_an_outcome"), "handover", "(closed_at is null) = (outcome is null)"
    )
    op.create_check_constraint(
        op.f("ck_handover_taken_by_somebody"), "handover", "(taken_at is null) = (taken_by is null)"
    )
    op.create_index(
        op.f("ix_handover_conversation_id_requested_at"), "handover", ["conversation_id", "requested_at"], unique=False
    )
    op.create_table(
        "opt_out",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_by", sa.String(), nullable=False),
        sa.CheckConstraint("told_by in ('person', 'provider')", name=op.f("ck_opt_out_told_by")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_opt_out_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_opt_out")),
    )
