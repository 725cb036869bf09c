"""The command line ``akeneo-assets``: the same engine as in Dagster's UI, and its runs stand in the same history."""

from akeneo_assets.cli.main import main

__all__ = ["main"]
