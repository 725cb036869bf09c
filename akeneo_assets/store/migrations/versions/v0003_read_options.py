"""Store the options that families were read with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the column; the options of earlier reads are unknown, so they count as read without options."""
    op.add_column("windows", sa.Column("options", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    """Fail, because dropping tables would lose the ledger, which cannot be restored.

    Raises:
        RuntimeError: Always.
    """
    raise RuntimeError("The state cannot be downgraded; use a different database with an older version")
