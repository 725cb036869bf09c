"""Index what polls look for, so that they cost the same in a state of any size."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Add the indexes. They contain only failed records and unsent links, so they are small."""
    for name, table, columns, condition in (
        ("ledger_retry", "ledger", ["kind", "key"], sa.text("next_retry_at IS NOT NULL")),
        ("links_unsent_targets", "links", ["relation", "target_key"], sa.text("sent_as IS NULL")),
    ):
        op.create_index(name, table, columns, sqlite_where=condition, postgresql_where=condition)


def downgrade() -> None:
    """Fail, because dropping tables would lose the ledger, which cannot be restored.

    Raises:
        RuntimeError: Always.
    """
    raise RuntimeError("The state cannot be downgraded; use a different database with an older version")
