"""The words of listings, each once: a misspelt one is looked for among them instead of in every listing."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "word",
        sa.Column("word", sa.String(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("word", name="pk_word"),
    )
    op.create_index(
        "ix_word_trigrams",
        "word",
        ["word"],
        postgresql_using="gin",
        postgresql_ops={"word": "gin_trgm_ops"},
        postgresql_with={"fastupdate": "off"},
    )
    op.execute("INSERT INTO word SELECT DISTINCT one FROM listing, unnest(tsvector_to_array(words)) one")
    op.drop_index("ix_listing_folded", "listing")


def downgrade() -> None:
    op.create_index(
        "ix_listing_folded",
        "listing",
        ["folded"],
        postgresql_using="gin",
        postgresql_ops={"folded": "gin_trgm_ops"},
        postgresql_with={"fastupdate": "off"},
    )
    op.drop_table("word")
