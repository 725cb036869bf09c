"""The command line ``akeneo-assets``. It uses the same engine as the Dagster UI, which also shows its runs."""

from akeneo_assets.cli.main import main

__all__ = ["main"]
