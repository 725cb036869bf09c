"""Alembic's entry: it migrates on the connection, and in the transaction, of who called it."""

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
