"""Loads every ``defs.yaml`` of this project. Each is a subscription."""

from pathlib import Path

import dagster as dg


@dg.definitions
def defs() -> dg.Definitions:
    """Return the definitions of both subscriptions."""
    return dg.load_from_defs_folder(path_within_project=Path(__file__).parent)
