"""Store the records that Akeneo lists but could not return."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the table; it is empty."""
    op.create_table(
        "unreadable",
        sa.Column("kind", KEY, nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("partition_key", KEY, nullable=False),
        sa.Column("failed_at", sa.Double(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_retry_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "key"),
    )


def downgrade() -> None:
    """Fail, because dropping tables would lose the ledger, which cannot be restored.

    Raises:
        RuntimeError: Always.
    """
    raise RuntimeError("The state cannot be downgraded; use a different database with an older version")
