"""What belongs to a person goes with the person; reports of misconduct are kept apart; a role that opens them."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

# Table, column, and what it refers to: the way from a person to all that is theirs.
BELONGS = (
    ("address", "person_id", "person"),
    ("conversation", "address_id", "address"),
    ("message", "conversation_id", "conversation"),
    ("handover", "conversation_id", "conversation"),
    ("turn", "message_id", "message"),
    ("correction", "message_id", "message"),
    ("opt_out", "person_id", "person"),
)


def upgrade() -> None:
    for table, column, owner in BELONGS:
        key = op.f(f"fk_{table}_{column}_{owner}")
        op.drop_constraint(key, table, type_="foreignkey")
        op.create_foreign_key(key, table, owner, [column], ["id"], ondelete="CASCADE")
    op.create_index(op.f("ix_handover_conversation_id"), "handover", ["conversation_id"], unique=False)
    op.add_column("message", sa.Column("kept_apart", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_index(
        "ix_message_media", "message", ["created_at"], unique=False, postgresql_where=sa.text("media is not null")
    )
    op.create_index(
        "ix_turn_entities", "turn", ["created_at"], unique=False, postgresql_where=sa.text("entities <> '{}'")
    )
    op.create_index(op.f("ix_audit_record_at"), "audit_record", ["at"], unique=False)
    op.drop_constraint(op.f("ck_staff_role"), "staff")
    op.create_check_constraint(
        op.f("ck_staff_role"), "staff", "role in ('hotline', 'caseworker', 'reviewer', 'admin', 'psea')"
    )
    op.create_table(
        "misconduct_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("media", sa.LargeBinary(), nullable=True),
        sa.Column("locations", sa.LargeBinary(), nullable=True),
        sa.Column("call_back", sa.LargeBinary(), nullable=True),
        sa.Column("invites_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "state in ('new', 'in_review', 'passed_on', 'closed')", name=op.f("ck_misconduct_report_state")
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_misconduct_report_conversation_id_conversation"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_misconduct_report")),
    )
    op.create_index(
        op.f("ix_misconduct_report_conversation_id"), "misconduct_report", ["conversation_id"], unique=False
    )
    op.create_index(op.f("ix_misconduct_report_changed_at"), "misconduct_report", ["changed_at"], unique=False)
    op.create_table(
        "misconduct_note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint(
            "state in ('new', 'in_review', 'passed_on', 'closed')", name=op.f("ck_misconduct_note_state")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["misconduct_report.id"],
            name=op.f("fk_misconduct_note_report_id_misconduct_report"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["written_by"], ["staff.id"], name=op.f("fk_misconduct_note_written_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_misconduct_note")),
    )
    op.create_index(op.f("ix_misconduct_note_report_id"), "misconduct_note", ["report_id"], unique=False)
