"""The tables. A change here needs a migration in ``migrations/versions`` and a new ``HEAD``."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    false,
    text,
)

from akeneo_assets.documents import JsonObject, pack, unpack

HEAD = "0018"
"""The newest migration; a database with this version is opened without loading Alembic."""

OLDEST_COMPATIBLE = "0014"
"""The oldest migration whose code works with the tables of ``HEAD``, so that a pod of the previous release survives a
rolling deployment. Raise it only when a migration removes or changes what that code uses."""

VERSION_TABLE = "akeneo_assets_version"
"""Not Alembic's default, which Dagster's storage uses if it shares the database."""

# Sorted by code point, as in SQLite and Python, so that pages and lists do not depend on the server's locale.
Key = Text().with_variant(Text(collation="C"), "postgresql")


class Packed(TypeDecorator[JsonObject]):
    """A compressed JSON document."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: JsonObject | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Compress the document."""
        return None if value is None else pack(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> JsonObject | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Decompress the document."""
        return None if value is None else unpack(value)


metadata = MetaData()


def _source() -> list[Column[Any]]:
    """Return the columns of a :class:`~akeneo_assets.store.fingerprints.SourceFingerprint`; all NULL if it is None."""
    return [
        Column("source_content", Text),
        Column("source_rules", Key),
        Column("source_structure", Text),
        Column("source_pending_reason", Text),
    ]


# read_at, changed_at, looked_at, noticed_at and columns named moment contain numbers of this counter, not times; a
# greater number is later. See Database.moment.
counter = Table("counter", metadata, Column("name", Key, primary_key=True), Column("value", BigInteger, nullable=False))

identity = Table("identity", metadata, Column("name", Key, primary_key=True), Column("value", Text, nullable=False))

id_migration = Table(
    "id_migration",
    metadata,
    Column("old_key", Key, primary_key=True),
    Column("new_key", Key, nullable=False),
    Column("looked_up", Integer, nullable=False, server_default="0"),
    Index("id_migration_new", "new_key"),
)

mirror = Table(
    "mirror",
    metadata,
    Column("kind", Key, primary_key=True),
    Column("key", Key, primary_key=True),
    Column("parent", Key),
    Column("family", Key),
    Column("identifier", Key),
    Column("hash", Text, nullable=False),
    Column("document", Packed, nullable=False),
    Column("partition_key", Key, nullable=False),
    Column("read_at", Double, nullable=False),
    Column("changed_at", Double, nullable=False),
    Column("gone", Double),
    Column("edited_at", Double),
    Index("mirror_family", "kind", "family", "key"),
    Index("mirror_parent", "kind", "parent"),
    Index("mirror_partition", "kind", "partition_key", "key"),
    Index("mirror_identifier", "kind", "identifier"),
)

ledger = Table(
    "ledger",
    metadata,
    Column("kind", Key, primary_key=True),
    Column("key", Key, primary_key=True),
    Column("ipaas_id", Text),
    Column("parent_ipaas_id", Text),
    Column("sku", Text),
    Column("object", Key),
    Column("children", JSON, nullable=False),
    Column("payload_hash", Text),
    Column("related_hash", Text),
    Column("related_count", Integer, nullable=False, server_default="0"),
    *_source(),
    Column("document", Packed),
    Column("state", Key, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("error_code", Text),
    Column("error_message", Text),
    Column("failed_at", Double),
    Column("failed_since", Double),
    Column("next_retry_at", Double),
    Column("sent_at", Double),
    Column("sent_moment", Double, nullable=False, server_default="0"),
    Column("changed_at", Double, nullable=False, server_default="0"),
    Column("looked_at", Double, nullable=False, server_default="0"),
    Column("run_id", Text),
    Column("partition_key", Key),
    Index("ledger_state", "kind", "state"),
    Index("ledger_partition", "partition_key", "kind", "state"),
    Index("ledger_failed", "failed_at"),
    Index(
        "ledger_open",
        "kind",
        "failed_since",
        sqlite_where=text("failed_since IS NOT NULL"),
        postgresql_where=text("failed_since IS NOT NULL"),
    ),
    Index(
        "ledger_retry",
        "kind",
        "key",
        sqlite_where=text("next_retry_at IS NOT NULL"),
        postgresql_where=text("next_retry_at IS NOT NULL"),
    ),
    Index("ledger_parent", "kind", "parent_ipaas_id"),
    Index("ledger_ipaas_id", "ipaas_id"),
    Index(
        "ledger_rules",
        "kind",
        "source_rules",
        sqlite_where=text("source_rules IS NOT NULL"),
        postgresql_where=text("source_rules IS NOT NULL"),
    ),
    Index(
        "ledger_changed",
        "kind",
        "key",
        sqlite_where=text("changed_at > looked_at"),
        postgresql_where=text("changed_at > looked_at"),
    ),
)

changelog = Table(
    "changelog",
    metadata,
    Column("kind", Key, primary_key=True),
    Column("key", Key, primary_key=True),
    Column("moment", Double, primary_key=True),
    Column("at", Double, nullable=False),
    Column("run_id", Key, nullable=False),
    Column("partition_key", Key, nullable=False),
    Column("sku", Text),
    Column("ipaas_id", Text),
    Column("status", Key, nullable=False),
    Column("action", Text),
    Column("reason", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("error_code", Text),
    Column("error_message", Text),
    Column("changes", Text),
    Column("exchange", Packed),
    Column("edited_at", Double),
    Index("changelog_at", "at"),
    Index("changelog_run", "run_id", "at"),
)

plan = Table(
    "plan",
    metadata,
    Column("object", Key, primary_key=True),
    Column("kind", Key, primary_key=True),
    Column("key", Key, primary_key=True),
    Column("partition_key", Key, nullable=False),
    Column("action", Key, nullable=False),
    Column("reason", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("payload_hash", Text, nullable=False),
    *_source(),
    Column("difference", Packed),
    Column("document", Packed, nullable=False),
    Column("planned_at", Double, nullable=False),
    Column("planned_moment", Double, nullable=False, server_default="0"),
    Column("looked_at", Double, nullable=False, server_default="0"),
    Column("claimed_by", Key),
    Column("claimed_until", Double),
    Column("claimed_hash", Text),
    Index("plan_order", "object", "sequence", "kind", "key"),
    Index("plan_partition", "object", "partition_key", "sequence", "kind", "key"),
    Index("plan_claimant", "claimed_by"),
)

links = Table(
    "links",
    metadata,
    Column("kind", Key, primary_key=True),
    Column("key", Key, primary_key=True),
    Column("relation", Key, primary_key=True),
    Column("target_kind", Key, primary_key=True),
    Column("target_key", Key, primary_key=True),
    Column("sent_as", Text),
    Column("due", Boolean, nullable=False, server_default=false()),
    Column("parked_at", Double, nullable=False),
    Column("partition_key", Key, nullable=False),
    Index("links_target", "target_key", "target_kind"),
    Index("links_due", "kind", "key", sqlite_where=text("due"), postgresql_where=text("due")),
    Index(
        "links_waiting",
        "kind",
        "key",
        sqlite_where=text("sent_as IS NULL"),
        postgresql_where=text("sent_as IS NULL"),
    ),
    Index(
        "links_unsent_targets",
        "relation",
        "target_key",
        sqlite_where=text("sent_as IS NULL"),
        postgresql_where=text("sent_as IS NULL"),
    ),
)

former_places = Table(
    "former_places",
    metadata,
    Column("kind", Key, primary_key=True),
    Column("ipaas_id", Key, primary_key=True),
    Column("parent_ipaas_id", Text),
    Column("key", Key),
    Column("payload", Packed),
    Column("tried_at", Double),
    Index("former_places_parent", "parent_ipaas_id"),
    Index(
        "former_places_pending", "kind", sqlite_where=text("payload IS NULL"), postgresql_where=text("payload IS NULL")
    ),
)

structure_change = Table(
    "structure_change",
    metadata,
    Column("kind", Key, primary_key=True),
    Column("key", Key, primary_key=True),
    Column("noticed_at", Double, nullable=False),
    Column("followed_at", Double),
    Index("structure_change_noticed", "noticed_at"),
)

unreadable = Table(
    "unreadable",
    metadata,
    Column("kind", Key, primary_key=True),
    Column("key", Key, primary_key=True),
    Column("partition_key", Key, nullable=False),
    Column("failed_at", Double, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_retry_at", Double, nullable=False),
)

windows = Table(
    "windows",
    metadata,
    Column("kind", Key, primary_key=True),
    Column("scope", Key, primary_key=True),
    Column("from_at", Double, primary_key=True),
    Column("to_at", Double, nullable=False),
    Column("run_id", Text, nullable=False),
    Column("recorded_at", Double, nullable=False),
    Column("options", Text, nullable=False, server_default=""),
)

budget = Table(
    "budget",
    metadata,
    Column("api", Key, primary_key=True),
    Column("requests", Integer, nullable=False),
    Column("seconds", Double, nullable=False),
    Column("connections", Integer, nullable=False),
    Column("paused_until", Double, nullable=False),
    Column("pause_seconds", Double, nullable=False, server_default="0"),
    Column("grows_at", Double, nullable=False, server_default="0"),
)

budget_slot = Table(
    "budget_slot",
    metadata,
    Column("api", Key, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("free_at", Double, nullable=False),
    Column("leased_until", Double, nullable=False),
    Index("budget_slot_free", "api", "free_at"),
    Index("budget_slot_leased", "api", "leased_until"),
)

tokens = Table(
    "tokens",
    metadata,
    Column("name", Key, primary_key=True),
    Column("access_token", Text, nullable=False),
    Column("refresh_token", Text),
    Column("expires_at", Double, nullable=False),
)

renewals = Table(
    "renewals",
    metadata,
    Column("name", Key, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("held_until", Double, nullable=False),
)

run_leases = Table(
    "run_leases",
    metadata,
    Column("run_id", Key, primary_key=True),
    Column("held_until", Double, nullable=False),
    Column("suspected", Boolean, nullable=False),
)

announcements = Table(
    "announcements",
    metadata,
    Column("channel", Key, primary_key=True),
    Column("subject", Key, primary_key=True),
    Column("title", Text, nullable=False),
)

contacts = Table(
    "contacts",
    metadata,
    Column("name", Key, primary_key=True),
    Column("at", Double, nullable=False),
    Column("succeeded_at", Double),
    Column("problem", Text),
)

capabilities = Table(
    "capabilities",
    metadata,
    Column("side", Key, primary_key=True),
    Column("document", JSON, nullable=False),
    Column("versions", JSON, nullable=False),
    Column("found_at", Double, nullable=False),
)

probe_records = Table(
    "probe_records",
    metadata,
    Column("sku", Key, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("made_at", Double, nullable=False),
)

probe_runs = Table(
    "probe_runs",
    metadata,
    Column("token", Key, primary_key=True),
    Column("side", Text, nullable=False),
    Column("basis", Text, nullable=False),
    Column("started_at", Double, nullable=False),
    Column("held_until", Double, nullable=False),
    Column("results", JSON, nullable=False),
)
