"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create all tables."""
    op.create_table(
        "budget",
        sa.Column("api", KEY, nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("connections", sa.Integer(), nullable=False),
        sa.Column("paused_until", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("api"),
    )
    op.create_table(
        "budget_slot",
        sa.Column("api", KEY, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("free_at", sa.Double(), nullable=False),
        sa.Column("leased_until", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("api", "number"),
    )
    op.create_index("budget_slot_free", "budget_slot", ["api", "free_at"])
    op.create_index("budget_slot_leased", "budget_slot", ["api", "leased_until"])
    op.create_table(
        "identity",
        sa.Column("name", KEY, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "ledger",
        sa.Column("kind", KEY, nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("ipaas_id", sa.Text(), nullable=True),
        sa.Column("parent_ipaas_id", sa.Text(), nullable=True),
        sa.Column("sku", sa.Text(), nullable=True),
        sa.Column("object", KEY, nullable=True),
        sa.Column("children", sa.JSON(), nullable=False),
        sa.Column("payload_hash", sa.Text(), nullable=True),
        sa.Column("related_hash", sa.Text(), nullable=True),
        sa.Column("related_count", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("source_hash", sa.Text(), nullable=True),
        sa.Column("document", sa.LargeBinary(), nullable=True),
        sa.Column("state", KEY, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("failed_at", sa.Double(), nullable=True),
        sa.Column("next_retry_at", sa.Double(), nullable=True),
        sa.Column("sent_at", sa.Double(), nullable=True),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("partition_key", KEY, nullable=True),
        sa.PrimaryKeyConstraint("kind", "key"),
    )
    op.create_index("ledger_failed", "ledger", ["failed_at"])
    op.create_index("ledger_parent", "ledger", ["kind", "parent_ipaas_id"])
    op.create_index("ledger_partition", "ledger", ["partition_key", "kind", "state"])
    op.create_index("ledger_state", "ledger", ["kind", "state"])
    op.create_table(
        "links",
        sa.Column("kind", KEY, nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("relation", KEY, nullable=False),
        sa.Column("target_kind", KEY, nullable=False),
        sa.Column("target_key", KEY, nullable=False),
        sa.Column("parked_at", sa.Double(), nullable=False),
        sa.Column("partition_key", KEY, nullable=False),
        sa.PrimaryKeyConstraint("kind", "key", "relation", "target_kind", "target_key"),
    )
    op.create_table(
        "mirror",
        sa.Column("kind", KEY, nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("parent", KEY, nullable=True),
        sa.Column("family", KEY, nullable=True),
        sa.Column("identifier", KEY, nullable=True),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("partition_key", KEY, nullable=False),
        sa.Column("read_at", sa.Double(), nullable=False),
        sa.Column("changed_at", sa.Double(), nullable=False),
        sa.Column("gone", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("kind", "key"),
    )
    op.create_index("mirror_family", "mirror", ["kind", "family", "key"])
    op.create_index("mirror_identifier", "mirror", ["kind", "identifier"])
    op.create_index("mirror_parent", "mirror", ["kind", "parent"])
    op.create_index("mirror_partition", "mirror", ["kind", "partition_key", "key"])
    op.create_table(
        "plan",
        sa.Column("object", KEY, nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("partition_key", KEY, nullable=False),
        sa.Column("action", KEY, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("payload_hash", sa.Text(), nullable=False),
        sa.Column("source_hash", sa.Text(), nullable=False),
        sa.Column("difference", sa.LargeBinary(), nullable=True),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("planned_at", sa.Double(), nullable=False),
        sa.Column("claimed_by", KEY, nullable=True),
        sa.Column("claimed_until", sa.Double(), nullable=True),
        sa.Column("claimed_hash", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("object", "kind", "key"),
    )
    op.create_index("plan_claimant", "plan", ["claimed_by"])
    op.create_index("plan_order", "plan", ["object", "sequence", "kind", "key"])
    op.create_index("plan_partition", "plan", ["object", "partition_key", "sequence", "kind", "key"])
    op.create_table(
        "renewals",
        sa.Column("name", KEY, nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("held_until", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "tokens",
        sa.Column("name", KEY, nullable=False),
        sa.Column("access_token", sa.Text(), nullable=False),
        sa.Column("refresh_token", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "windows",
        sa.Column("kind", KEY, nullable=False),
        sa.Column("scope", KEY, nullable=False),
        sa.Column("from_at", sa.Double(), nullable=False),
        sa.Column("to_at", sa.Double(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "scope", "from_at"),
    )


def downgrade() -> None:
    """Fail, because dropping tables would lose the ledger, which cannot be restored.

    Raises:
        RuntimeError: Always.
    """
    raise RuntimeError("The state cannot be downgraded; use a different database with an older version")
