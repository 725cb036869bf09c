"""Track which records changed since they were planned."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the columns and the table; all existing records are due to be planned once."""
    op.add_column("ledger", sa.Column("changed_at", sa.Double(), nullable=False, server_default="0"))
    op.add_column("ledger", sa.Column("looked_at", sa.Double(), nullable=False, server_default="0"))
    changed = sa.text("changed_at > looked_at")
    op.create_index("ledger_changed", "ledger", ["kind", "key"], sqlite_where=changed, postgresql_where=changed)
    op.add_column("plan", sa.Column("looked_at", sa.Double(), nullable=False, server_default="0"))
    op.create_table(
        "structure_change",
        sa.Column("kind", KEY, nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("noticed_at", sa.Double(), nullable=False),
        sa.Column("followed_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("kind", "key"),
    )
    op.create_index("structure_change_noticed", "structure_change", ["noticed_at"])
    # An interrupted run may have left changes that were read but never planned.
    op.execute("UPDATE ledger SET changed_at = 1")
    op.execute(
        "INSERT INTO ledger (kind, key, children, state, attempts, related_count, changed_at, looked_at) "
        "SELECT CASE WHEN kind = 'product' AND parent IS NOT NULL THEN 'variant' ELSE kind END, key, "
        "'{}', 'pending', 0, 0, 1, 0 FROM mirror "
        "WHERE (kind IN ('category', 'product') OR (kind = 'product_model' AND parent IS NULL)) AND gone IS NULL "
        "ON CONFLICT (kind, key) DO NOTHING"
    )


def downgrade() -> None:
    """Fail, because dropping tables would lose the ledger, which cannot be restored.

    Raises:
        RuntimeError: Always.
    """
    raise RuntimeError("The state cannot be downgraded; use a different database with an older version")
