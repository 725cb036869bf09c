"""Store since when a record is failed or blocked, and index what is open."""

from __future__ import annotations

import time

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_SINCE = """
UPDATE ledger SET failed_since = COALESCE((
  SELECT MIN(c.at) FROM changelog c
  WHERE c.kind = ledger.kind AND c.key = ledger.key AND c.status <> 'sent' AND c.moment > ledger.sent_moment
    AND c.at > COALESCE((
      SELECT MAX(s.at) FROM changelog s WHERE s.kind = ledger.kind AND s.key = ledger.key AND s.status = 'sent'), 0)
), failed_at, :now)
WHERE state IN ('failed', 'blocked')
"""


def upgrade() -> None:
    """Add the column and the indexes. For open records, take the time from the changelog, as far as it goes back."""
    op.add_column("ledger", sa.Column("failed_since", sa.Double(), nullable=True))
    op.execute(sa.text(_SINCE).bindparams(now=time.time()))
    for name, table, columns, condition in (
        ("ledger_open", "ledger", ["kind", "failed_since"], sa.text("failed_since IS NOT NULL")),
        ("links_waiting", "links", ["kind", "key"], sa.text("sent_as IS NULL")),
    ):
        op.create_index(name, table, columns, sqlite_where=condition, postgresql_where=condition)


def downgrade() -> None:
    """Fail, because dropping tables would lose the ledger, which cannot be restored.

    Raises:
        RuntimeError: Always.
    """
    raise RuntimeError("The state cannot be downgraded; use a different database with an older version")
