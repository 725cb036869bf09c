"""Alembic's entry point: it migrates in the connection and transaction of the caller."""

from __future__ import annotations

from alembic import context

from akeneo_assets.store.schema import VERSION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
)
with context.begin_transaction():
    context.run_migrations()
