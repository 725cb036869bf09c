"""Remove invalid ids from the ledger, and create slots of the request budget on demand."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_NO_ID = "('None', 'null', '')"


def upgrade() -> None:
    """Mark records with an invalid id as due, so that they are looked up in iPaaS.com; drop unused slots."""
    op.execute(
        "UPDATE ledger SET ipaas_id = NULL, parent_ipaas_id = NULL, children = '{}', payload_hash = NULL, "
        "related_hash = NULL, source_hash = '', document = NULL, state = 'failed', attempts = 1, next_retry_at = 0, "
        "error_code = 'id_unknown', looked_at = 0, "
        "failed_at = COALESCE(sent_at, 0), "
        "error_message = 'iPaaS.com did not tell the id of this record. The next try looks it up.' "
        f"WHERE TRIM(ipaas_id) IN {_NO_ID}"
    )
    # Variants of such products are sent together with them.
    op.execute(
        "UPDATE ledger SET parent_ipaas_id = NULL, payload_hash = NULL, source_hash = '', looked_at = 0 "
        f"WHERE TRIM(parent_ipaas_id) IN {_NO_ID}"
    )
    # Links to such ids are sent again when the target has a valid id.
    for kind in ("category", "product_model", "product", "variant"):
        for nothing in ("None", "null", ""):
            op.execute(f"UPDATE links SET sent_as = NULL WHERE sent_as LIKE '{kind} {nothing} %'")
    op.execute(f"DELETE FROM former_places WHERE TRIM(ipaas_id) IN {_NO_ID}")
    op.add_column("budget", sa.Column("grows_at", sa.Double(), nullable=False, server_default="0"))
    op.execute("DELETE FROM budget_slot WHERE free_at = 0")


def downgrade() -> None:
    """Fail, because dropping tables would lose the ledger, which cannot be restored.

    Raises:
        RuntimeError: Always.
    """
    raise RuntimeError("The state cannot be downgraded; use a different database with an older version")
