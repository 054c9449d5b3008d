"""After more was said of a report, the two numbers under the answer to it still count, and nothing else."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column(
        "misconduct_report", sa.Column("may_say_more", sa.Boolean(), server_default=sa.text("true"), nullable=False)
    )


def downgrade() -> None:
    op.drop_column("misconduct_report", "may_say_more")
