"""What the console of the directory keeps: keepers, tasks, uploads, the log, and who may review."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.drop_constraint(op.f("ck_staff_role"), "staff")
    op.create_check_constraint(op.f("ck_staff_role"), "staff", "role in ('hotline', 'caseworker', 'reviewer', 'admin')")
    op.drop_constraint(op.f("ck_entry_kind_known"), "entry")
    op.create_check_constraint(
        op.f("ck_entry_kind_known"), "entry", "kind IN ('organization', 'location', 'service', 'article')"
    )
    op.create_table(
        "audit_record",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["staff.id"], name=op.f("fk_audit_record_actor_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_record")),
    )
    op.create_index(op.f("ix_audit_record_subject_id_id"), "audit_record", ["subject_id", "id"], unique=False)
    op.create_table(
        "import_batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("mapping", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('uploaded', 'proposed', 'published', 'undone')", name=op.f("ck_import_batch_state_known")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["staff.id"], name=op.f("fk_import_batch_created_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
    )
    op.create_table(
        "task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("noticed_by", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.CheckConstraint("noticed_by IN ('person', 'provider', 'staff')", name=op.f("ck_task_noticed_by_known")),
        sa.CheckConstraint(
            "outcome IN ('corrected', 'right_as_it_is', 'duplicate')", name=op.f("ck_task_outcome_known")
        ),
        sa.CheckConstraint(
            "reason IN ('closed', 'wrong_number', 'wrong_hours', 'refused', 'correction', 'other')",
            name=op.f("ck_task_reason_known"),
        ),
        sa.CheckConstraint("(closed_at IS NULL) = (outcome IS NULL)", name=op.f("ck_task_closed_with_an_outcome")),
        sa.ForeignKeyConstraint(["closed_by"], ["staff.id"], name=op.f("fk_task_closed_by_staff")),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_task_conversation_id_conversation"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["created_by"], ["staff.id"], name=op.f("fk_task_created_by_staff")),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_task_entry_id_entry")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
    )
    op.create_index(op.f("ix_task_closed_at_created_at"), "task", ["closed_at", "created_at"], unique=False)
    op.create_index(op.f("ix_task_conversation_id"), "task", ["conversation_id"], unique=False)
    op.create_index(op.f("ix_task_entry_id"), "task", ["entry_id"], unique=False)
    op.add_column("entry", sa.Column("keeper_id", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_entry_keeper_id"), "entry", ["keeper_id"], unique=False)
    op.create_foreign_key(op.f("fk_entry_keeper_id_staff"), "entry", "staff", ["keeper_id"], ["id"])
    op.add_column(
        "revision", sa.Column("saved_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
    )
    op.add_column("revision", sa.Column("batch_id", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_revision_batch_id"), "revision", ["batch_id"], unique=False)
    # Of several open ones the newest stays open.
    op.execute(
        "update revision set state = 'replaced' where state in ('draft', 'in_review') and exists (select from revision "
        "as newer where newer.entry_id = revision.entry_id and newer.number > revision.number "
        "and newer.state in ('draft', 'in_review'))"
    )
    op.create_index(
        "uq_revision_open",
        "revision",
        ["entry_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('draft', 'in_review')"),
    )
    op.create_foreign_key(op.f("fk_revision_batch_id_import_batch"), "revision", "import_batch", ["batch_id"], ["id"])
    # Listings say more now; the next start makes them anew (daleel.database.seed).
    op.execute("delete from listing")
    op.add_column("listing", sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False))
    op.create_index(op.f("ix_listing_changed_at"), "listing", ["changed_at"], unique=False)
    op.create_index(
        op.f("ix_listing_is_demo_service_id_location_id"),
        "listing",
        ["is_demo", "service_id", "location_id"],
        unique=False,
    )
    op.create_index(op.f("ix_listing_latitude_longitude"), "listing", ["latitude", "longitude"], unique=False)
