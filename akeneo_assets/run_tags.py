"""Tags of Dagster runs that say why they were started."""

from __future__ import annotations

from typing import Final

MAPPING_TAG: Final = "akeneo_assets/mapping"
"""Fingerprint of the mapping that the sensor or command used when it started the run."""

CHANGED_SINCE_TAG: Final = "akeneo_assets/changed_since"
"""Start of the window of changes that the run reads, in UTC."""

PARTITIONS_TAG: Final = "akeneo_assets/partitions"
"""The partitions of a run that has several, which Dagster only shows among its own tags."""

LAUNCHED_BY_TAG: Final = "akeneo_assets/launched_by"
DRY_RUN_TAG: Final = "akeneo_assets/dry_run"
