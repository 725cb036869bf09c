"""Store the length of a pause, so that it lasts no longer than requested after the clock was set back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the length of a pause. The lengths of earlier ones are not known; none was longer than 15 minutes."""
    op.add_column("budget", sa.Column("pause_seconds", sa.Double(), nullable=False, server_default="0"))
    op.execute("UPDATE budget SET pause_seconds = 900")


def downgrade() -> None:
    """Fail, because dropping tables would lose the ledger, which cannot be restored.

    Raises:
        RuntimeError: Always.
    """
    raise RuntimeError("The state cannot be downgraded; use a different database with an older version")
