"""The runs of a subscription among all runs of a Dagster instance, which others may share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from typing import Final, get_args

import dagster as dg
from dagster._core.storage.tags import ASSET_PARTITION_RANGE_START_TAG
from typing_extensions import Self

from akeneo_assets.assets.names import SUBSCRIPTION_TAG, Names
from akeneo_assets.sync.batches import JobName
from akeneo_assets.sync.partition_keys import is_tree

PARTITION_TAG: Final = "dagster/partition"

ENGINE_JOBS: Final = frozenset({*get_args(JobName), "sync_records", "explain_record", "id_sweep", "verify"})
"""Jobs whose runs use the engine, and so hold a lease while they work. The names are not scoped."""

_LOCATION: Final = "akeneo_assets"
AD_HOC: Final = "__ASSET_JOB"
"""The job of assets that are materialized in the UI or by a backfill."""
_FIRST_PAGE: Final = 5
_PAGE: Final = 200


@dataclass(frozen=True)
class OwnRuns:
    """Finds the runs of a subscription.

    Attributes:
        instance: The Dagster instance.
        names: The names of the subscription.
        location: Name of our code location. Runs that were launched from another one are not ours.
    """

    instance: dg.DagsterInstance
    names: Names
    location: str = _LOCATION

    @classmethod
    def of_sensor(cls, context: dg.SensorEvaluationContext, names: Names) -> Self:
        """Find the runs of the code location of a sensor."""
        origin = context.code_location_origin
        return cls(context.instance, names, _LOCATION if origin is None else origin.location_name)

    @classmethod
    def of_run(cls, context: dg.OpExecutionContext, names: Names) -> Self:
        """Find the runs of the code location that launched the run of an op."""
        return cls(context.instance, names, _location_of(context.run) or _LOCATION)

    def of_job(self, job: str, statuses: Sequence[dg.DagsterRunStatus] = ()) -> Iterator[dg.RunRecord]:
        """Yield the runs of a job, latest first.

        Args:
            job: Its name, which is not scoped.
            statuses: Only runs with one of these; empty for any.
        """
        name = job if job == AD_HOC else self.names.scoped(job)
        return self._found(dg.RunsFilter(job_name=name, statuses=list(statuses)))

    def of_partitions(self) -> Iterator[dg.RunRecord]:
        """Yield the runs that synced partitions, latest first, whether of a job or of assets in the UI."""
        runs = (self.of_job(job) for job in (*get_args(JobName), AD_HOC))
        return merge(*runs, key=lambda record: record.storage_id, reverse=True)

    def of_partition(self, partition_key: str) -> Iterator[dg.RunRecord]:
        """Yield the runs of a partition, latest first."""
        names = self.names
        definition = names.category_trees if is_tree(partition_key) else names.catalog_batches
        starts = self.instance.get_dynamic_partitions(str(definition.name))
        # A run has a tag for its first partition. This is asked at every tick, so the database has to select the runs.
        found = self._found(dg.RunsFilter(tags={ASSET_PARTITION_RANGE_START_TAG: list(starts)}))
        ranges = (record for record in found if partition_key in self._range_of(record.dagster_run))
        alone = self._found(dg.RunsFilter(tags={PARTITION_TAG: partition_key}))
        return merge(alone, ranges, key=lambda record: record.storage_id, reverse=True)

    def partitions_of(self, run: dg.DagsterRun) -> list[str]:
        """Return the partitions of a run: none, one, or the several of a backfill."""
        only = run.tags.get(PARTITION_TAG)
        return self._range_of(run) if only is None else [only]

    def _range_of(self, run: dg.DagsterRun) -> list[str]:
        """Return the partitions of a run that has several, as they were when it was started."""
        if ASSET_PARTITION_RANGE_START_TAG not in run.tags:
            return []
        wanted = dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED
        planned = self.instance.get_records_for_run(run.run_id, of_type=wanted)
        found: set[str] = set()
        for record in planned.records:
            event = record.event_log_entry.dagster_event
            data = None if event is None else event.asset_materialization_planned_data
            if data is not None and data.partition is not None:
                found.add(data.partition)
            elif data is not None and data.partitions_subset is not None:  # depends on the storage of the instance
                found.update(data.partitions_subset.get_partition_keys())
        return sorted(found)

    def with_status(self, statuses: Sequence[dg.DagsterRunStatus]) -> Iterator[dg.RunRecord]:
        """Yield the runs that have one of these statuses."""
        return self._found(dg.RunsFilter(statuses=list(statuses)))

    def created_before(self, moment: datetime, statuses: Sequence[dg.DagsterRunStatus]) -> Iterator[dg.RunRecord]:
        """Yield the runs that were created before ``moment`` and have one of these statuses."""
        return self._found(dg.RunsFilter(created_before=moment, statuses=list(statuses)))

    def _found(self, wanted: dg.RunsFilter) -> Iterator[dg.RunRecord]:
        """Yield our runs, latest first, a page at a time: sensors often need only the first one."""
        cursor, size = None, _FIRST_PAGE
        while records := self.instance.get_run_records(wanted, limit=size, cursor=cursor):
            cursor, size = records[-1].dagster_run.run_id, _PAGE
            yield from (record for record in records if self._is_ours(record.dagster_run))

    def _is_ours(self, run: dg.DagsterRun) -> bool:
        location = _location_of(run)
        if SUBSCRIPTION_TAG in run.tags:
            return location in {None, self.location} and self.names.run_tags.items() <= run.tags.items()
        # Runs that an earlier version started have no tag; those of assets in the UI get none.
        return location == self.location and (self._is_of_our_job(run) or self._selects_our_assets(run))

    def uses_engine(self, run: dg.DagsterRun) -> bool:
        """Whether one of our runs uses the engine, and therefore has a lease while it works."""
        return self._is_of_our_job(run) or bool(run.asset_selection)

    def _is_of_our_job(self, run: dg.DagsterRun) -> bool:
        return run.job_name in map(self.names.scoped, ENGINE_JOBS)

    def _selects_our_assets(self, run: dg.DagsterRun) -> bool:
        return bool(run.asset_selection) and all(map(self.names.has, run.asset_selection or ()))


def _location_of(run: dg.DagsterRun) -> str | None:
    """Return the code location that launched a run; None for the command line, which executes jobs in its process."""
    origin = run.remote_job_origin
    return None if origin is None else origin.repository_origin.code_location_origin.location_name
