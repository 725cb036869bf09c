"""The Dagster assets: one file per object, three layers each. ``akeneo_assets.sync`` does the work."""
