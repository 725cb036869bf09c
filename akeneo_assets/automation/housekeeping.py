"""Deletes old runs and partitions from Dagster's history, and old entries of the changelog; both would grow forever."""

from collections.abc import Collection
from contextlib import closing
from datetime import datetime, timedelta, timezone
from typing import Final

import dagster as dg

from akeneo_assets.assets.names import Names
from akeneo_assets.assets.partitions import InstancePartitions
from akeneo_assets.assets.reporting import as_dagster_failures
from akeneo_assets.automation.own_runs import OwnRuns
from akeneo_assets.automation.settled_hours import SETTLED, remove_settled_hours
from akeneo_assets.store.store import Store
from akeneo_assets.sync.partition_keys import is_changes

_SECONDS_A_DAY: Final = 86_400
_FINISHED: Final = [*SETTLED, dg.DagsterRunStatus.FAILURE]


class HousekeepingConfig(dg.Config):
    """How long to keep the history."""

    days: int = 30
    """Delete runs older than this many days."""


def housekeeping_job(names: Names) -> dg.JobDefinition:
    """Return the job of a subscription."""

    @dg.op(
        name=names.scoped("delete_old_history"),
        description="Deletes old runs, and the `changes:` partitions that were synced.",
    )
    def delete_old_history(context: dg.OpExecutionContext, config: HousekeepingConfig) -> None:
        _delete(context, config, names)

    @dg.op(
        name=names.scoped("delete_old_changelog"),
        description="Deletes entries of the changelog that are older than CHANGELOG_DAYS.",
    )
    def delete_old_changelog(context: dg.OpExecutionContext) -> None:
        _delete_changelog(context, names)

    @dg.job(
        name=names.scoped("housekeeping"),
        description=(
            "Deletes our old runs from Dagster's history, the `changes:` partitions that were synced, and old entries "
            "of the changelog."
        ),
        tags=names.run_tags,
        executor_def=dg.in_process_executor,
    )
    def housekeeping() -> None:
        delete_old_history()
        delete_old_changelog()

    return housekeeping


def _delete(context: dg.OpExecutionContext, config: HousekeepingConfig, names: Names) -> None:
    """Delete old runs and settled `changes:` partitions. Failed ones are kept with their runs until they succeed."""
    limit = datetime.now(timezone.utc) - timedelta(days=config.days)
    runs, instance = OwnRuns.of_run(context, names), context.instance
    hours = remove_settled_hours(runs)
    kept = set(InstancePartitions(instance, names).changes())
    deleted = [
        record.dagster_run.run_id
        for record in runs.created_before(limit, _FINISHED)
        if _is_deletable(runs.partitions_of(record.dagster_run), kept)
    ]
    for run_id in deleted:
        instance.delete_run(run_id)
    context.log.info(f"{len(deleted)} runs and {hours} `changes:` partitions deleted, {len(kept)} partitions kept")


def _delete_changelog(context: dg.OpExecutionContext, names: Names) -> None:
    """Delete old entries of the changelog. Needs only the state database, not the APIs."""
    with as_dagster_failures(context):
        settings = names.subscription.read_settings()
        with closing(Store.open(settings.database_url)) as store:
            deleted = store.changelog.delete_older_than(settings.changelog_days * _SECONDS_A_DAY)
    context.log.info(f"{deleted} entries of the changelog deleted, older than {settings.changelog_days} days")


def _is_deletable(partition_keys: Collection[str], kept: Collection[str]) -> bool:
    """Whether a run may be deleted. Runs of families and trees are kept, because their partitions show their status."""
    return all(is_changes(key) and key not in kept for key in partition_keys)
