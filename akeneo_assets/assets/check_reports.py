"""Keeps the checks that Dagster shows as the ledger is, also for partitions that a run does not touch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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


def check_results(
    context: dg.AssetExecutionContext, names: Names, engine: Engine, layer: str, object_name: ObjectName
) -> list[dg.AssetCheckResult]:
    """Return the checks of the partition of a step, and log those of other partitions that are out of date.

    Dagster shows the latest evaluation of a check for the asset as a whole, so while any partition is failing, one of
    them is logged last.
    """
    results = []
    for check in checks_of(layer, object_name):
        report = _Report(context.instance, names, engine, check, object_name)
        for evaluation in report.after_partition(context.partition_key, context.run.run_id):
            context.log_event(evaluation)
        here = report.verdict(context.partition_key)
        results.append(
            dg.AssetCheckResult(
                check_name=check.name,
                passed=here.passed,
                severity=here.severity,
                description=here.description,
                metadata=here.metadata(engine, object_name, context.partition_key),
            )
        )
    return results


def outdated(instance: dg.DagsterInstance, names: Names, engine: Engine) -> Iterator[dg.AssetCheckEvaluation]:
    """Yield evaluations of all checks that Dagster does not show as the ledger is, failing ones last."""
    for layer in LAYERS:
        for object_name in OBJECTS:
            for check in checks_of(layer, object_name):
                yield from _Report(instance, names, engine, check, object_name).outdated()


class _Report:
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

    def _is_error(self, partition_key: str) -> bool:
        return is_error(self._check, self._found.get(partition_key), self._engine.settings)

    @cached_property
    def _total(self) -> Open | None:
        return total_of(self._found)

    def after_partition(self, own: str, run_id: str) -> list[dg.AssetCheckEvaluation]:
        """Return what to log in a run of a partition, which evaluates that one itself."""
        if not self._found and self._passed_before(run_id):
            return []
        # Another run that is in progress evaluates its partition itself.
        failing = [key for key in self._worst_last() if key != own and not self._is_planned(key)]
        solved = [key for key in self._solved() if key != own]
        if failing:
            new = [key for key in failing[:-1] if not self._is_shown_as_failing(key)]
            return self._evaluations([*solved, *new, failing[-1]])
        # The evaluation of the run itself counts as older than those logged here, so a solved one would hide it.
        return [] if own in self._found else self._evaluations(solved)

    def outdated(self) -> list[dg.AssetCheckEvaluation]:
        """Return what is out of date in any partition."""
        failing = self._worst_last()
        due = [*self._solved(), *(key for key in failing if self._has_changed(key))]
        if failing and (due or not self._ends_with_failure()):
            due = [*(key for key in due if key != failing[-1]), failing[-1]]
        return self._evaluations(due)

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

    def _evaluations(self, keys: Sequence[str]) -> list[dg.AssetCheckEvaluation]:
        return [self._evaluation(key) for key in keys]

    def _evaluation(self, key: str) -> dg.AssetCheckEvaluation:
        now = self.verdict(key)
        return dg.AssetCheckEvaluation(
            asset_key=self._key.asset_key,
            check_name=self._key.name,
            passed=now.passed,
            severity=now.severity,
            description=now.description,
            metadata=now.metadata(self._engine, self._object_name, key),
            partition=key,
            target_materialization_data=self._latest_materialization(key),
        )

    def _latest_materialization(self, key: str) -> AssetCheckEvaluationTargetMaterializationData | None:
        """Return what the evaluation of a partition is about; Dagster would show it as out of date without it."""
        wanted = dg.AssetRecordsFilter(asset_key=self._key.asset_key, asset_partitions=[key])
        records = self._instance.fetch_materializations(wanted, limit=1).records
        if not records:
            return None
        latest = records[0]
        return AssetCheckEvaluationTargetMaterializationData(
            storage_id=latest.storage_id, run_id=latest.event_log_entry.run_id, timestamp=latest.timestamp
        )
