"""The assets: one file an object, three layers each. Thin: everything happens in ``akeneo_assets.sync``."""
