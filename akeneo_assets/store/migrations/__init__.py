"""How the tables came to be; Alembic reads it, see :mod:`akeneo_assets.store.upgrade`."""
