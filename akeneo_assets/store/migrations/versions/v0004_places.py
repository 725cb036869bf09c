"""Store sent links with the identity of their targets, and the places that records have left."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

import orjson
import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_PAGE = 500


def upgrade() -> None:
    """Add the columns and the table, and store the links of all delivered records."""
    op.add_column("links", sa.Column("sent_as", sa.Text(), nullable=True))
    op.add_column("links", sa.Column("due", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("links_target", "links", ["target_key", "target_kind"])
    due = sa.text("due")
    op.create_index("links_due", "links", ["kind", "key"], sqlite_where=due, postgresql_where=due)
    op.create_index("ledger_ipaas_id", "ledger", ["ipaas_id"])
    op.create_table(
        "former_places",
        sa.Column("kind", KEY, nullable=False),
        sa.Column("ipaas_id", KEY, nullable=False),
        sa.Column("parent_ipaas_id", sa.Text(), nullable=True),
        sa.Column("key", KEY, nullable=True),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.Column("tried_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("kind", "ipaas_id"),
    )
    op.create_index("former_places_parent", "former_places", ["parent_ipaas_id"])
    pending = sa.text("payload IS NULL")
    op.create_index("former_places_pending", "former_places", ["kind"], sqlite_where=pending, postgresql_where=pending)
    _write_links()


def _write_links() -> None:
    """Add the sent links. A kit with an outdated SKU of a component gets a link that is due."""
    connection = op.get_bind()
    insert = sa.text(
        "INSERT INTO links (kind, key, relation, target_kind, target_key, sent_as, due, parked_at, partition_key) "
        "VALUES (:kind, :key, :relation, :target_kind, :target_key, :sent_as, :due, 0, :partition_key) "
        "ON CONFLICT (kind, key, relation, target_kind, target_key) DO NOTHING"
    )
    # Existing links were not sent; those whose target exists by now are due.
    connection.execute(sa.text(f"UPDATE links SET due = EXISTS ({_TARGET} AND ledger.key = links.target_key)"))
    last = ("", "")
    page = sa.text(
        "SELECT kind, key, partition_key, children, document FROM ledger WHERE ipaas_id IS NOT NULL "
        f"AND document IS NOT NULL AND (kind > :kind OR (kind = :kind AND key > :key)) ORDER BY kind, key LIMIT {_PAGE}"
    )
    while rows := connection.execute(page, {"kind": last[0], "key": last[1]}).all():
        last = (rows[-1].kind, rows[-1].key)
        links = [link for row in rows for link in _links(connection, row)]
        if links:
            connection.execute(insert, links)


_TARGET = (
    "SELECT 1 FROM ledger WHERE ledger.ipaas_id IS NOT NULL AND (ledger.kind = links.target_kind "
    "OR (links.target_kind = 'product' AND ledger.kind = 'variant'))"
)


def _links(connection: sa.Connection, row: Any) -> Iterator[dict[str, Any]]:
    document = orjson.loads(zlib.decompress(row.document))
    children = row.children if isinstance(row.children, dict) else orjson.loads(row.children or "{}")
    named = children.get("kit", {}).get("components", {})
    references = [("category", each) for each in document["categories"]]
    references += [("component", each["target"]) for each in document["components"]]
    references += [("related", each["target"]) for each in document["related"]]
    references += [("parent", document["parent"])] if document["parent"] else []
    for relation, reference in references:
        target = _target(connection, reference)
        if target is None:
            continue  # It is already stored as an unsent link.
        is_current = relation != "component" or (target.sku or "") in named
        yield {
            "kind": row.kind,
            "key": row.key,
            "relation": relation,
            "target_kind": reference["kind"],
            "target_key": target.key,
            "sent_as": f"{target.kind} {target.ipaas_id} {target.sku or ''}" if is_current else None,
            "due": not is_current,
            "partition_key": row.partition_key or "",
        }


def _target(connection: sa.Connection, reference: dict[str, str]) -> Any:
    key = reference["key"]
    if reference["by"] == "identifier":
        known = sa.text("SELECT key FROM mirror WHERE kind = 'product' AND identifier = :key AND gone IS NULL")
        key = connection.execute(known, {"key": key}).scalars().first() or ""
    found = sa.text(
        "SELECT kind, key, ipaas_id, sku FROM ledger WHERE key = :key AND ipaas_id IS NOT NULL "
        "AND kind IN (:kind, :other) ORDER BY sent_at DESC"
    )
    other = "variant" if reference["kind"] == "product" else reference["kind"]
    return connection.execute(found, {"key": key, "kind": reference["kind"], "other": other}).first()


def downgrade() -> None:
    """Fail, because dropping tables would lose the ledger, which cannot be restored.

    Raises:
        RuntimeError: Always.
    """
    raise RuntimeError("The state cannot be downgraded; use a different database with an older version")
