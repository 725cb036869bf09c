"""Removes the partitions of hours whose changes were synced, so that backfills target families only.

An asset has one set of partitions. The partition of an hour exists while its run is in progress or failed; its runs and
materializations stay in the history.
"""

from __future__ import annotations

from datetime import datetime, timezone
from itertools import islice
from typing import Final

import dagster as dg
from dagster._core.execution.backfill import BulkActionsFilter, BulkActionStatus

from akeneo_assets.assets.partitions import InstancePartitions
from akeneo_assets.automation.own_runs import OwnRuns
from akeneo_assets.sync.partition_keys import changes_key

SETTLED: Final = (dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.CANCELED)

_UNFINISHED: Final = BulkActionsFilter(
    statuses=[BulkActionStatus.REQUESTED, BulkActionStatus.CANCELING, BulkActionStatus.FAILING]
)


def remove_settled_hours(runs: OwnRuns, *, limit: int | None = None) -> int:
    """Remove the partitions of hours whose latest run succeeded or was canceled. Return how many.

    Args:
        runs: The runs of the subscription.
        limit: Remove at most this many, the oldest first; None for all.
    """
    partitions = InstancePartitions(runs.instance, runs.names)
    hours = partitions.changes()
    # A backfill fails if one of its partitions disappears.
    if not hours or runs.instance.get_backfills(filters=_UNFINISHED, limit=1):
        return 0
    current = changes_key(datetime.now(timezone.utc))
    settled = list(islice((hour for hour in hours if _is_settled(runs, hour, current)), limit))
    for hour in settled:
        partitions.remove(hour)
    return len(settled)


def _is_settled(runs: OwnRuns, hour: str, current: str) -> bool:
    latest = next(runs.of_partition(hour), None)
    # A partition without a run was just added for the next one, or its runs were deleted.
    return hour < current if latest is None else latest.dagster_run.status in SETTLED
