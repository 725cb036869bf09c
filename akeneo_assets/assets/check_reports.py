"""Keeps the checks that Dagster shows as the ledger is, also for partitions that a run does not touch."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property

import dagster as dg
from dagster._core.definitions.asset_checks.asset_check_evaluation import AssetCheckEvaluationTargetMaterializationData
from dagster._core.event_api import PartitionKeyFilter
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus as Status
from dagster._core.storage.asset_check_execution_record import AssetCheckPartitionInfo

from akeneo_assets.assets.ledger_checks import LedgerCheck, Verdict, checks_of, is_error, total_of
from akeneo_assets.assets.names import LAYERS, Names
from akeneo_assets.objects import OBJECTS, ObjectName
from akeneo_assets.sync.engine import Engine
from akeneo_assets.sync.inspect.open_now import Open


def reports_of(
    instance: dg.DagsterInstance, names: Names, engine: Engine, layer: str, object_name: ObjectName
) -> list[CheckReport]:
    """Return what the ledger says now of each check of an asset."""
    return [CheckReport(instance, names, engine, check, object_name) for check in checks_of(layer, object_name)]


def check_results(
    context: dg.AssetExecutionContext, reports: Sequence[CheckReport], own: str
) -> list[dg.AssetCheckResult]:
    """Return the checks of the partition ``own`` of a step, and log those of other partitions that are out of date.

    Dagster shows the latest evaluation of a check for the asset as a whole, so while any partition is failing, one of
    them is logged last.
    """
    for report in reports:
        for evaluation in report.after_partitions({own}, context.run.run_id):
            context.log_event(evaluation)
    return [report.result(own) for report in reports]


def range_check_results(context: dg.AssetExecutionContext, reports: Sequence[CheckReport]) -> list[dg.AssetCheckResult]:
    """Log the checks of each partition of a range, and return those of the asset as a whole.

    Dagster requires a result for each check, but knows no result for one of several partitions.
    """
    for report in reports:
        for evaluation in report.after_partitions(set(context.partition_keys), context.run.run_id):
            context.log_event(evaluation)
        for evaluation in report.evaluations(context.partition_keys):
            context.log_event(evaluation)
    return [report.whole() for report in reports]


def outdated(instance: dg.DagsterInstance, names: Names, engine: Engine) -> Iterator[dg.AssetCheckEvaluation]:
    """Yield evaluations of all checks that Dagster does not show as the ledger is, failing ones last."""
    for layer in LAYERS:
        for object_name in OBJECTS:
            for report in reports_of(instance, names, engine, layer, object_name):
                yield from report.outdated()


class CheckReport:
    """One check of one asset: what the ledger says, and what Dagster shows.

    Args:
        instance: The Dagster instance.
        names: The names of the subscription.
        engine: Its engine.
        check: The check.
        object_name: The object of the asset.
    """

    def __init__(
        self, instance: dg.DagsterInstance, names: Names, engine: Engine, check: LedgerCheck, object_name: ObjectName
    ) -> None:
        self._instance = instance
        self._engine = engine
        self._check = check
        self._object_name = object_name
        self._partitions = str((names.category_trees if OBJECTS[object_name].by_tree else names.catalog_batches).name)
        self._key = dg.AssetCheckKey(names.key(check.layer, object_name), check.name)
        self._found: Mapping[str, Open] = check.find(engine.store, object_name)

    @cached_property
    def _shown(self) -> dict[str, AssetCheckPartitionInfo]:
        """What Dagster shows of each partition. There is no public way to ask for it."""
        infos = self._instance.event_log_storage.get_asset_check_partition_info([self._key])
        return {info.partition_key: info for info in infos if info.partition_key is not None}

    def verdict(self, partition_key: str) -> Verdict:
        """Judge a partition."""
        return Verdict(self._check, self._found.get(partition_key), self._total, self._is_error(partition_key))

    def result(self, partition_key: str) -> dg.AssetCheckResult:
        """Return the result of a run of one partition."""
        now = self.verdict(partition_key)
        return self._result(now, now.metadata(self._engine, self._object_name, partition_key))

    def whole(self) -> dg.AssetCheckResult:
        """Return the result for all partitions together."""
        now = Verdict(self._check, self._total, self._total, any(map(self._is_error, self._found)))
        return self._result(now, now.counts)

    def evaluations(self, keys: Sequence[str]) -> list[dg.AssetCheckEvaluation]:
        """Return evaluations of partitions, to be logged."""
        latest = self._latest_materializations(keys)
        return [self._evaluation(key, latest.get(key)) for key in keys]

    def _result(self, now: Verdict, metadata: Mapping[str, dg.MetadataValue | int]) -> dg.AssetCheckResult:
        return dg.AssetCheckResult(
            check_name=self._check.name,
            passed=now.passed,
            severity=now.severity,
            description=now.description,
            metadata=metadata,
        )

    def _is_error(self, partition_key: str) -> bool:
        return is_error(self._check, self._found.get(partition_key), self._engine.settings)

    @cached_property
    def _total(self) -> Open | None:
        return total_of(self._found)

    def after_partitions(self, own: Collection[str], run_id: str) -> list[dg.AssetCheckEvaluation]:
        """Return what to log in a run of some partitions, which evaluates those itself."""
        if not self._found and self._passed_before(run_id):
            return []
        # Another run that is in progress evaluates its partition itself.
        failing = [key for key in self._worst_last() if key not in own and not self._is_planned(key)]
        solved = [key for key in self._solved() if key not in own]
        if failing:
            new = [key for key in failing[:-1] if not self._is_shown_as_failing(key)]
            return self.evaluations([*solved, *new, failing[-1]])
        # The evaluation of the run itself counts as older than those logged here, so a solved one would hide it.
        return [] if self._found.keys() & own else self.evaluations(solved)

    def outdated(self) -> list[dg.AssetCheckEvaluation]:
        """Return what is out of date in any partition."""
        failing = self._worst_last()
        due = [*self._solved(), *(key for key in failing if self._has_changed(key))]
        if failing and (due or not self._ends_with_failure()):
            due = [*(key for key in due if key != failing[-1]), failing[-1]]
        return self.evaluations(due)

    def _worst_last(self) -> list[str]:
        """Return the failing partitions that exist: errors after warnings, and older ones after newer ones."""

        def badness(key: str) -> tuple[bool, float]:
            return self._is_error(key), -self._found[key].since

        if not self._found:
            return []
        known = self._found.keys() & set(self._instance.get_dynamic_partitions(self._partitions))
        return sorted(known, key=badness)

    def _solved(self) -> list[str]:
        """Return the partitions that are shown as failing and are not. The check of a failed run stays as it is."""
        failed = (key for key, info in self._shown.items() if info.latest_execution_status == Status.FAILED)
        return sorted(key for key in failed if key not in self._found)

    def _is_shown_as_failing(self, key: str) -> bool:
        info = self._shown.get(key)
        return info is not None and info.latest_execution_status == Status.FAILED and info.is_current

    def _is_planned(self, key: str) -> bool:
        """Whether a run that has started is to evaluate a partition."""
        info = self._shown.get(key)
        return info is not None and info.latest_execution_status == Status.PLANNED

    def _has_died(self, info: AssetCheckPartitionInfo) -> bool:
        """Whether the run that was to evaluate a partition ended without doing so."""
        if info.latest_execution_status != Status.PLANNED:
            return False
        run = self._instance.get_run_by_id(info.latest_planned_run_id)
        return run is None or run.is_finished

    def _has_changed(self, key: str) -> bool:
        """Whether a failing partition is shown as passed, or with other numbers."""
        info = self._shown.get(key)
        if info is not None and self._is_planned(key):
            return self._has_died(info)
        records = self._instance.event_log_storage.get_asset_check_execution_history(
            self._key, limit=1, partition_filter=PartitionKeyFilter(key=key)
        )
        shown = records[0].evaluation if records else None
        if shown is None or shown.passed or info is None or not info.is_current:
            return True
        now = self.verdict(key)
        counts = {name: value.value for name, value in shown.metadata.items() if name in now.counts}
        return (shown.severity, counts) != (now.severity, now.counts)

    def _passed_before(self, run_id: str) -> bool:
        """Whether the latest evaluation of another run passed: then no partition fails, because one would be last.

        This costs much less than looking at all partitions.
        """
        latest = self._instance.event_log_storage.get_asset_check_execution_history(self._key, limit=2)
        others = [record for record in latest if record.run_id != run_id]
        return all(record.status == Status.SUCCEEDED for record in others[:1])

    def _ends_with_failure(self) -> bool:
        """Whether the evaluation that Dagster shows for the asset is a failing one."""
        latest = self._instance.event_log_storage.get_latest_asset_check_execution_by_key([self._key]).get(self._key)
        return latest is not None and latest.partition in self._found and latest.status == Status.FAILED

    def _evaluation(
        self, key: str, materialization: AssetCheckEvaluationTargetMaterializationData | None
    ) -> dg.AssetCheckEvaluation:
        now = self.verdict(key)
        return dg.AssetCheckEvaluation(
            asset_key=self._key.asset_key,
            check_name=self._key.name,
            passed=now.passed,
            severity=now.severity,
            description=now.description,
            metadata=now.metadata(self._engine, self._object_name, key),
            partition=key,
            target_materialization_data=materialization,
        )

    def _latest_materializations(
        self, keys: Collection[str]
    ) -> dict[str, AssetCheckEvaluationTargetMaterializationData]:
        """Return what evaluations of partitions are about; Dagster would show them as out of date without it."""
        if not keys:
            return {}
        asset = self._key.asset_key
        ids = self._instance.event_log_storage.get_latest_storage_id_by_partition(
            asset, dg.DagsterEventType.ASSET_MATERIALIZATION, partitions=set(keys)
        )
        records = self._instance.fetch_materializations(
            dg.AssetRecordsFilter(asset_key=asset, storage_ids=list(ids.values())), limit=len(ids)
        ).records
        return {
            record.partition_key: AssetCheckEvaluationTargetMaterializationData(
                storage_id=record.storage_id, run_id=record.event_log_entry.run_id, timestamp=record.timestamp
            )
            for record in records
            if record.partition_key is not None
        }
