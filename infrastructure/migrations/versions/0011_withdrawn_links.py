"""Since when links to confirm an entry count: those sent to the wrong person are withdrawn."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("entry", sa.Column("links_since", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("entry", "links_since")
