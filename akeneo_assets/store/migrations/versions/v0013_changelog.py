"""Store the changelog: what was sent of each record, and when Akeneo's record was last edited."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the table. Records that were sent before have no history, and their last edit is unknown."""
    op.add_column("mirror", sa.Column("edited_at", sa.Double(), nullable=True))
    op.create_table(
        "changelog",
        sa.Column("kind", KEY, primary_key=True),
        sa.Column("key", KEY, primary_key=True),
        sa.Column("moment", sa.Double(), primary_key=True),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("run_id", KEY, nullable=False),
        sa.Column("partition_key", KEY, nullable=False),
        sa.Column("sku", sa.Text(), nullable=True),
        sa.Column("ipaas_id", sa.Text(), nullable=True),
        sa.Column("status", KEY, nullable=False),
        sa.Column("action", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("changes", sa.Text(), nullable=True),
        sa.Column("exchange", sa.LargeBinary(), nullable=True),
        sa.Column("edited_at", sa.Double(), nullable=True),
    )
    op.create_index("changelog_at", "changelog", ["at"])
    op.create_index("changelog_run", "changelog", ["run_id", "at"])


def downgrade() -> None:
    """Fail, because dropping tables would lose the ledger, which cannot be restored.

    Raises:
        RuntimeError: Always.
    """
    raise RuntimeError("The state cannot be downgraded; use a different database with an older version")
