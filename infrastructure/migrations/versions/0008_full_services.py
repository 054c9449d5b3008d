"""Whether a service is full, beside what an answer says of it: a search sorts by it without reading the answers."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    is_full = sa.Computed("(found ->> 'capacity') = 'full'", persisted=True)
    op.add_column("listing", sa.Column("is_full", sa.Boolean(), is_full, nullable=False))


def downgrade() -> None:
    op.drop_column("listing", "is_full")
