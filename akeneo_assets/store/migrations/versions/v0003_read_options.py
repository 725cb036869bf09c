"""What families were read with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the column; nobody knows what earlier reads were asked for, so they count as read with nothing more."""
    op.add_column("windows", sa.Column("options", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    """Refuse: the ledger cannot be had again, so no tables are dropped.

    Raises:
        RuntimeError: Always.
    """
    raise RuntimeError("The state is not downgraded; choose another database for an older version")
