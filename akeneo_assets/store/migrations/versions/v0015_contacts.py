"""Store the last contact with both APIs, and the last look for changes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the contacts; there were none."""
    op.create_table(
        "contacts",
        sa.Column("name", KEY, primary_key=True),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("succeeded_at", sa.Double(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
    )


def downgrade() -> None:
    """Fail, because dropping tables would lose the ledger, which cannot be restored.

    Raises:
        RuntimeError: Always.
    """
    raise RuntimeError("The state cannot be downgraded; use a different database with an older version")
