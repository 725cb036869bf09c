"""The keys of products while the format of their ids is migrated."""

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
    """Refuse: the ledger cannot be had again, so no tables are dropped.

    Raises:
        RuntimeError: Always.
    """
    raise RuntimeError("The state is not downgraded; choose another database for an older version")
