"""What the console of the directory keeps: keepers, tasks, uploads, the log, and who may review."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from orthography.folding import fold

revision = "0004"
down_revision = "0003"


def _fold_names() -> None:
    """What is published already gets what `directory.likeness.known_by` gives from now on."""
    rows = op.get_bind().execute(sa.text("select id, document from entry where document is not null"))
    values = []
    for entry, document in rows:
        known_by = next(
            (words for words in (document.get("address"), document["name"]) if words and any(words.values())), {}
        )
        values.append({"id": entry, "ar": fold(known_by.get("ar", "")), "en": fold(known_by.get("en", ""))})
    if values:
        op.get_bind().execute(sa.text("update entry set folded_ar = :ar, folded_en = :en where id = :id"), values)


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
        sa.Column("findings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
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
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('corrected', 'right_as_it_is', 'duplicate')", name=op.f("ck_task_outcome_known")
        ),
        sa.CheckConstraint(
            "reason IN ('closed', 'wrong_number', 'wrong_address', 'wrong_hours', 'refused', 'correction', 'other')",
            name=op.f("ck_task_reason_known"),
        ),
        sa.CheckConstraint("(closed_at IS NULL) = (outcome IS NULL)", name=op.f("ck_task_closed_with_an_outcome")),
        sa.ForeignKeyConstraint(["closed_by"], ["staff.id"], name=op.f("fk_task_closed_by_staff")),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_task_entry_id_entry")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
    )
    op.create_index(op.f("ix_task_closed_at_created_at"), "task", ["closed_at", "created_at"], unique=False)
    op.create_index(op.f("ix_task_entry_id"), "task", ["entry_id"], unique=False)
    op.create_index(
        "uq_task_open", "task", ["entry_id", "reason"], unique=True, postgresql_where=sa.text("closed_at IS NULL")
    )
    op.create_table(
        "report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("noticed_by", sa.String(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("change", sa.String(), nullable=True),
        sa.Column("closed_until", sa.Date(), nullable=True),
        sa.Column("call_back", sa.LargeBinary(), nullable=True),
        sa.Column("conversation_id", sa.Uuid(), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("noticed_by IN ('person', 'provider', 'staff')", name=op.f("ck_report_noticed_by_known")),
        sa.CheckConstraint(
            "change IN ('closed_for_good', 'closed_until', 'number', 'hours', 'full', 'other')",
            name=op.f("ck_report_change_known"),
        ),
        sa.CheckConstraint(
            "(change IS NOT DISTINCT FROM 'closed_until') = (closed_until IS NOT NULL)",
            name=op.f("ck_report_closed_until_a_day"),
        ),
        sa.CheckConstraint(
            "noticed_by <> 'person' OR note IS NULL", name=op.f("ck_report_words_stay_in_the_conversation")
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_report_conversation_id_conversation"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["created_by"], ["staff.id"], name=op.f("fk_report_created_by_staff")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_report_task_id_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("task_id", "conversation_id", name=op.f("uq_report_task_id_conversation_id")),
    )
    op.create_index(op.f("ix_report_conversation_id"), "report", ["conversation_id"], unique=False)
    op.create_index(op.f("ix_report_task_id"), "report", ["task_id"], unique=False)
    # Listings say more now; the next start makes them anew (daleel.database.seed).
    op.execute("delete from listing")
    op.add_column("listing", sa.Column("due_after", sa.Date(), nullable=False))
    op.create_index(op.f("ix_listing_due_after"), "listing", ["due_after"], unique=False)
    op.add_column("entry", sa.Column("keeper_id", sa.Uuid(), nullable=True))
    op.add_column("entry", sa.Column("folded", sa.String(), server_default="", nullable=False))
    op.create_index(
        "ix_entry_folded",
        "entry",
        ["folded"],
        postgresql_using="gin",
        postgresql_ops={"folded": "gin_trgm_ops"},
    )
    op.create_index(op.f("ix_entry_keeper_id"), "entry", ["keeper_id"], unique=False)
    for column in ("folded_ar", "folded_en"):
        op.add_column("entry", sa.Column(column, sa.String(), server_default="", nullable=False))
    _fold_names()
    op.create_index(
        "ix_entry_known_by",
        "entry",
        ["folded_ar", "folded_en"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"folded_ar": "gin_trgm_ops", "folded_en": "gin_trgm_ops"},
        postgresql_with={"fastupdate": "off"},
    )
    op.create_table(
        "not_duplicate",
        sa.Column("first_id", sa.Uuid(), nullable=False),
        sa.Column("second_id", sa.Uuid(), nullable=False),
        sa.Column("said_by", sa.Uuid(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("first_id < second_id", name=op.f("ck_not_duplicate_in_order")),
        sa.ForeignKeyConstraint(
            ["first_id"], ["entry.id"], name=op.f("fk_not_duplicate_first_id_entry"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["second_id"], ["entry.id"], name=op.f("fk_not_duplicate_second_id_entry"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["said_by"], ["staff.id"], name=op.f("fk_not_duplicate_said_by_staff")),
        sa.PrimaryKeyConstraint("first_id", "second_id", name=op.f("pk_not_duplicate")),
    )
    op.create_index(op.f("ix_not_duplicate_second_id"), "not_duplicate", ["second_id"], unique=False)
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
    op.add_column("listing", sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False))
    op.create_index(op.f("ix_listing_changed_at"), "listing", ["changed_at"], unique=False)
    op.create_index(
        op.f("ix_listing_is_demo_service_id_location_id"),
        "listing",
        ["is_demo", "service_id", "location_id"],
        unique=False,
    )
    op.create_index(op.f("ix_listing_latitude_longitude"), "listing", ["latitude", "longitude"], unique=False)
