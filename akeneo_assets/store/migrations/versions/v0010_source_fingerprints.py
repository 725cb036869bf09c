"""Split source fingerprints into columns, so that an index finds records that were mapped with outdated rules."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Split the fingerprints, ``content.rules:structure`` or ``content~reason.rules:structure``, into columns."""
    for table in ("ledger", "plan"):
        op.add_column(table, sa.Column("source_content", sa.Text(), nullable=True))
        op.add_column(table, sa.Column("source_rules", KEY, nullable=True))
        op.add_column(table, sa.Column("source_structure", sa.Text(), nullable=True))
        op.add_column(table, sa.Column("source_pending_reason", sa.Text(), nullable=True))
        _split(table)
        op.drop_column(table, "source_hash")
    known = sa.text("source_rules IS NOT NULL")
    op.create_index("ledger_rules", "ledger", ["kind", "source_rules"], sqlite_where=known, postgresql_where=known)


def _split(table: str) -> None:
    position = "instr" if op.get_bind().dialect.name == "sqlite" else "strpos"

    def before(text: str, mark: str) -> str:
        return f"substr({text}, 1, {position}({text}, '{mark}') - 1)"

    def after(text: str, mark: str) -> str:
        return f"substr({text}, {position}({text}, '{mark}') + 1)"

    head, tail = before("source_hash", "."), after("source_hash", ".")
    has_reason = f"{position}({head}, '~') > 0"
    op.execute(
        f"UPDATE {table} SET "
        f"source_content = CASE WHEN {has_reason} THEN {before(head, '~')} ELSE {head} END, "
        f"source_pending_reason = CASE WHEN {has_reason} THEN {after(head, '~')} END, "
        f"source_rules = {before(tail, ':')}, source_structure = {after(tail, ':')} "
        f"WHERE {position}(source_hash, '.') > 0 AND {position}(source_hash, ':') > {position}(source_hash, '.')"
    )
    # Anything else was written with unknown rules, and is mapped again.
    op.execute(
        f"UPDATE {table} SET source_content = '', source_rules = '', source_structure = '' "
        "WHERE source_rules IS NULL AND source_hash <> ''"
    )


def downgrade() -> None:
    """Fail, because dropping tables would lose the ledger, which cannot be restored.

    Raises:
        RuntimeError: Always.
    """
    raise RuntimeError("The state cannot be downgraded; use a different database with an older version")
