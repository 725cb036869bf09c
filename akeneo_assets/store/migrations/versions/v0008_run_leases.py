"""Which runs are alive."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "run_leases",
        sa.Column("run_id", KEY, primary_key=True),
        sa.Column("held_until", sa.Double(), nullable=False),
        sa.Column("suspected", sa.Boolean(), nullable=False),
    )


def downgrade() -> None:
    """Refuse: the ledger cannot be had again, so no tables are dropped.

    Raises:
        RuntimeError: Always.
    """
    raise RuntimeError("The state is not downgraded; choose another database for an older version")
