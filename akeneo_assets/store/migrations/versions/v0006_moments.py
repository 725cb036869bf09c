"""Order changes by a counter in the database instead of by clocks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Start the counter, and discard the order by clocks, which may have been wrong.

    All records count as read before any future read, and are due to be planned once.
    """
    op.create_table(
        "counter",
        sa.Column("name", KEY, nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.execute("INSERT INTO counter (name, value) VALUES ('moment', 1)")
    op.add_column("ledger", sa.Column("sent_moment", sa.Double(), nullable=False, server_default="0"))
    op.add_column("plan", sa.Column("planned_moment", sa.Double(), nullable=False, server_default="0"))
    op.execute("UPDATE mirror SET read_at = 0, changed_at = 0")
    op.execute("UPDATE ledger SET changed_at = 1, looked_at = 0")
    op.execute("UPDATE plan SET looked_at = 0")
    op.execute(
        "UPDATE structure_change SET noticed_at = 1, followed_at = CASE WHEN followed_at IS NULL THEN NULL ELSE 1 END"
    )


def downgrade() -> None:
    """Fail, because dropping tables would lose the ledger, which cannot be restored.

    Raises:
        RuntimeError: Always.
    """
    raise RuntimeError("The state cannot be downgraded; use a different database with an older version")
