"""Deletes old runs and partitions from Dagster's history, because Dagster itself keeps them forever."""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Final

import dagster as dg

from akeneo_assets.assets.partitions import catalog_batches
from akeneo_assets.automation.runs import PARTITION_TAG
from akeneo_assets.sync.partition_keys import changes_key, is_changes

_BATCH: Final = 200
_SETTLED: Final = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.CANCELED]
_FINISHED: Final = [*_SETTLED, dg.DagsterRunStatus.FAILURE]


class HousekeepingConfig(dg.Config):
    """How long to keep the history."""

    days: int = 30
    """Delete runs and successful `changes:` partitions older than this many days."""


@dg.op(description="Deletes old runs and old successful `changes:` partitions.")
def forget_the_old(context: dg.OpExecutionContext, config: HousekeepingConfig) -> None:
    """Delete old runs and old `changes:` partitions. Failed partitions and their runs are kept until they succeed."""
    limit = datetime.now(timezone.utc) - timedelta(days=config.days)
    instance = context.instance
    oldest = changes_key(limit)
    name = str(catalog_batches.name)
    keys = [key for key in instance.get_dynamic_partitions(name) if is_changes(key) and key < oldest]
    kept = {key for key in keys if _is_outstanding(instance, key)}
    forgotten = [
        run_id
        for run_id, partition_key in _finished_before(instance, limit)
        if _is_passing(partition_key) and partition_key not in kept
    ]
    for run_id in forgotten:
        instance.delete_run(run_id)
    for key in keys:
        if key not in kept:
            instance.delete_dynamic_partition(name, key)
    context.log.info(
        f"{len(forgotten)} runs and {len(keys) - len(kept)} `changes:` partitions deleted, "
        f"{len(kept)} failed partitions kept"
    )


@dg.job(
    name="housekeeping", description="Deletes old runs and old successful `changes:` partitions from Dagster's history."
)
def housekeeping_job() -> None:
    """One op."""
    forget_the_old()


def _finished_before(instance: dg.DagsterInstance, limit: datetime) -> Iterator[tuple[str, str | None]]:
    """Yield the ids of finished runs with their partition keys."""
    finished = dg.RunsFilter(created_before=limit, statuses=_FINISHED)
    cursor = None
    while records := instance.get_run_records(finished, limit=_BATCH, cursor=cursor):
        cursor = records[-1].dagster_run.run_id
        for record in records:
            yield record.dagster_run.run_id, record.dagster_run.tags.get(PARTITION_TAG)


def _is_passing(partition_key: str | None) -> bool:
    """Whether a run may be deleted. Runs of families and trees are kept, because their partitions show their status."""
    return partition_key is None or is_changes(partition_key)


def _is_outstanding(instance: dg.DagsterInstance, partition_key: str) -> bool:
    """Whether the last run of a partition failed or is in progress."""
    runs = instance.get_run_records(dg.RunsFilter(tags={PARTITION_TAG: partition_key}), limit=1)
    return bool(runs) and runs[0].dagster_run.status not in _SETTLED
