"""Which problems were announced to which channel."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from akeneo_assets.store.schema import Key

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add the announced problems; there were none."""
    op.create_table(
        "announcements",
        sa.Column("channel", Key, primary_key=True),
        sa.Column("subject", Key, primary_key=True),
        sa.Column("title", sa.Text(), nullable=False),
    )


def downgrade() -> None:
    """Fail, because dropping tables would lose the ledger, which cannot be restored.

    Raises:
        RuntimeError: Always.
    """
    raise RuntimeError("The state cannot be downgraded; use a different database with an older version")
