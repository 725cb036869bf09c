"""Store the old and new keys of products during a migration of product ids."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the table, which is empty except during a migration."""
    key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.create_table(
        "id_migration",
        sa.Column("old_key", key, primary_key=True),
        sa.Column("new_key", key, nullable=False),
        sa.Column("looked_up", sa.Integer(), nullable=False, server_default="0"),
    )
    op.create_index("id_migration_new", "id_migration", ["new_key"])


def downgrade() -> None:
    """Fail, because dropping tables would lose the ledger, which cannot be restored.

    Raises:
        RuntimeError: Always.
    """
    raise RuntimeError("The state cannot be downgraded; use a different database with an older version")
