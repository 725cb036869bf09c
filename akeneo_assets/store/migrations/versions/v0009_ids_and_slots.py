"""Ids that are none leave the ledger, and slots of the budget are allotted as they are used."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_NO_ID = "('None', 'null', '')"


def upgrade() -> None:
    """Make records due whose id is none, so that iPaaS.com is asked for it; drop slots that nobody ever used."""
    op.execute(
        "UPDATE ledger SET ipaas_id = NULL, parent_ipaas_id = NULL, children = '{}', payload_hash = NULL, "
        "related_hash = NULL, source_hash = '', document = NULL, state = 'failed', attempts = 1, next_retry_at = 0, "
        "error_code = 'id_unknown', looked_at = 0, "
        "failed_at = COALESCE(sent_at, 0), "
        "error_message = 'iPaaS.com did not tell the id of this record. The next try looks it up.' "
        f"WHERE TRIM(ipaas_id) IN {_NO_ID}"
    )
    # Their product was one of those. They are sent with it.
    op.execute(
        "UPDATE ledger SET parent_ipaas_id = NULL, payload_hash = NULL, source_hash = '', looked_at = 0 "
        f"WHERE TRIM(parent_ipaas_id) IN {_NO_ID}"
    )
    # What names such an id of a target is sent again when the target has its own.
    for kind in ("category", "product_model", "product", "variant"):
        for nothing in ("None", "null", ""):
            op.execute(f"UPDATE links SET sent_as = NULL WHERE sent_as LIKE '{kind} {nothing} %'")
    op.execute(f"DELETE FROM former_places WHERE TRIM(ipaas_id) IN {_NO_ID}")
    op.add_column("budget", sa.Column("grows_at", sa.Double(), nullable=False, server_default="0"))
    op.execute("DELETE FROM budget_slot WHERE free_at = 0")


def downgrade() -> None:
    """Refuse: the ledger cannot be had again, so no tables are dropped.

    Raises:
        RuntimeError: Always.
    """
    raise RuntimeError("The state is not downgraded; choose another database for an older version")
