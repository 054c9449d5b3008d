"""The directory as entries with revisions, and listings to search in (ADR 8): only demo rows stood in the old tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    for table in ("schedule", "phone", "service_at_location", "service_need", "service", "location", "organization"):
        op.drop_table(table)
    # Words that are only like those of a listing (pg_trgm comes with PostgreSQL, and any owner of a database may add it).
    op.execute("create extension if not exists pg_trgm")
    op.create_table(
        "entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("document", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("published", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind IN ('organization', 'location', 'service')", name=op.f("ck_entry_kind_known")),
        sa.CheckConstraint(
            "status <> 'published' OR document IS NOT NULL", name=op.f("ck_entry_published_has_a_document")
        ),
        sa.CheckConstraint("status IN ('draft', 'published', 'archived')", name=op.f("ck_entry_status_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry")),
    )
    op.create_index(
        "ix_entry_document",
        "entry",
        ["document"],
        postgresql_using="gin",
        postgresql_ops={"document": "jsonb_path_ops"},
    )
    op.create_index(op.f("ix_entry_kind_changed_at"), "entry", ["kind", "changed_at"], unique=False)
    op.create_table(
        "listing",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("place_code", sa.String(), nullable=False),
        sa.Column("governorate", sa.String(), nullable=False),
        sa.Column("keys", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("needs", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("eligible", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=False),
        sa.Column("longitude", sa.Double(), nullable=False),
        sa.Column("assured_date", sa.Date(), nullable=True),
        sa.Column("shown_from", sa.Date(), nullable=False),
        sa.Column("shown_until", sa.Date(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("folded", sa.String(), nullable=False),
        sa.Column(
            "words", postgresql.TSVECTOR(), sa.Computed("to_tsvector('simple', folded)", persisted=True), nullable=False
        ),
        sa.Column("found", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["governorate"], ["place.code"], name=op.f("fk_listing_governorate_place")),
        sa.ForeignKeyConstraint(
            ["location_id"], ["entry.id"], name=op.f("fk_listing_location_id_entry"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["entry.id"], name=op.f("fk_listing_organization_id_entry"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["place_code"], ["place.code"], name=op.f("fk_listing_place_code_place")),
        sa.ForeignKeyConstraint(
            ["service_id"], ["entry.id"], name=op.f("fk_listing_service_id_entry"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("service_id", "location_id", name=op.f("pk_listing")),
    )
    op.create_index(
        "ix_listing_folded",
        "listing",
        ["folded"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"folded": "gin_trgm_ops"},
        postgresql_with={"fastupdate": "off"},
    )
    op.create_index(
        "ix_listing_keys", "listing", ["keys"], postgresql_using="gin", postgresql_with={"fastupdate": "off"}
    )
    op.create_index(op.f("ix_listing_location_id"), "listing", ["location_id"], unique=False)
    op.create_index(op.f("ix_listing_organization_id"), "listing", ["organization_id"], unique=False)
    op.create_index(op.f("ix_listing_place_code"), "listing", ["place_code"], unique=False)
    op.create_index(
        "ix_listing_words", "listing", ["words"], postgresql_using="gin", postgresql_with={"fastupdate": "off"}
    )
    op.create_table(
        "revision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("document", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'in_review', 'published', 'rejected', 'replaced')", name=op.f("ck_revision_state_known")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["staff.id"], name=op.f("fk_revision_author_id_staff")),
        sa.ForeignKeyConstraint(["decided_by"], ["staff.id"], name=op.f("fk_revision_decided_by_staff")),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_revision_entry_id_entry")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revision")),
        sa.UniqueConstraint("entry_id", "number", name=op.f("uq_revision_entry_id_number")),
    )
    op.create_index(op.f("ix_revision_state_created_at"), "revision", ["state", "created_at"], unique=False)
    # Search sorts many listings and says few: what is said lies apart, so that the rest is dense (measured: make bench).
    for column in ("found", "folded", "words"):
        op.execute(f"alter table listing alter column {column} set storage external")
    for column in ("keys", "needs", "eligible"):
        op.execute(f"alter table listing alter column {column} set storage main")
    op.execute("alter table listing set (toast_tuple_target = 256)")
