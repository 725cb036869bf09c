"""Store leases of runs, to detect dead ones."""

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
    """Fail, because dropping tables would lose the ledger, which cannot be restored.

    Raises:
        RuntimeError: Always.
    """
    raise RuntimeError("The state cannot be downgraded; use a different database with an older version")
