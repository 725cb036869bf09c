"""Store what probes found out, and the records that they made."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from akeneo_assets.store.schema import Key

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Add the tables; there was no probe."""
    op.create_table(
        "capabilities",
        sa.Column("side", Key, primary_key=True),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.Column("found_at", sa.Double(), nullable=False),
    )
    op.create_table(
        "probe_records",
        sa.Column("sku", Key, primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("made_at", sa.Double(), nullable=False),
    )


def downgrade() -> None:
    """Fail, because dropping tables would lose the ledger, which cannot be restored.

    Raises:
        RuntimeError: Always.
    """
    raise RuntimeError("The state cannot be downgraded; use a different database with an older version")
