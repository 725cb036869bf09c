"""Store what running and interrupted probes found out so far."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from akeneo_assets.store.schema import Key

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Add the table; probes could not be continued."""
    op.create_table(
        "probe_runs",
        sa.Column("token", Key, primary_key=True),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("held_until", sa.Double(), nullable=False),
        sa.Column("results", sa.JSON(), nullable=False),
    )


def downgrade() -> None:
    """Fail, because dropping tables would lose the ledger, which cannot be restored.

    Raises:
        RuntimeError: Always.
    """
    raise RuntimeError("The state cannot be downgraded; use a different database with an older version")
