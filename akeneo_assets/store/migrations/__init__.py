"""The Alembic migrations of the tables; see :mod:`akeneo_assets.store.upgrade`."""
