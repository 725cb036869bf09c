"""Runs the step of an asset for each partition of a run, and reports the results and errors to Dagster."""

from collections.abc import Callable, Sequence

import dagster as dg

from akeneo_assets.assets.check_reports import CheckReport, check_results, range_check_results, reports_of
from akeneo_assets.assets.data_versions import ignored_inputs
from akeneo_assets.assets.ledger_checks import problems_now
from akeneo_assets.assets.names import Names
from akeneo_assets.assets.partition_ranges import ALREADY_LOGGED, inputs_of, is_range, log_materialization
from akeneo_assets.assets.partitions import InstancePartitions
from akeneo_assets.assets.reporting import MetadataValue, as_dagster_failures, count_records, metadata_of, shown
from akeneo_assets.objects import ObjectName
from akeneo_assets.resources import engine_of
from akeneo_assets.sync.batches import Layer
from akeneo_assets.sync.engine import Engine
from akeneo_assets.sync.partition_keys import is_changes, partitions_shown
from akeneo_assets.sync.progress import watch_estimates
from akeneo_assets.sync.results import RecordProgress, StepResult


def run_step(
    context: dg.AssetExecutionContext,
    names: Names,
    layer: Layer,
    work: Callable[[Engine, str], StepResult],
    *,
    object_name: ObjectName | None = None,
    sample: Callable[[Engine, str], list[dict[str, str]]] | None = None,
    columns: Callable[[Engine], dict[str, MetadataValue]] | None = None,
    version: Callable[[Engine, str], dg.DataVersion] | None = None,
    ordered_after: Sequence[dg.AssetKey] = (),
) -> dg.MaterializeResult:
    """Run a step for the partition of a run, or for each partition of a range, and report the results.

    The first partition that fails ends the run. The sensor ``retries`` then retries each partition in a run of its own.

    Args:
        context: Context of the asset.
        names: The names of the subscription.
        layer: The layer of the asset.
        work: Does the work for a partition key, which is empty if the asset has no partitions.
        object_name: The object of a plan or a delivery, whose problems and checks are reported.
        sample: Returns example rows for the metadata of a partition. Called after the work.
        columns: Returns the columns and their lineage for the metadata. Called after the work of the last partition.
        version: Returns the data version of a partition. Called after the work.
        ordered_after: Assets that are materialized before, but whose changes do not make this one stale.

    Raises:
        Failure: The step failed. The message says why and what to do.
    """
    engine = engine_of(context, names.engine).engine
    total = StepResult()

    def materialize(key: str, *, is_last: bool = True) -> tuple[dg.MaterializeResult[None], list[CheckReport]]:
        _keep_hour(context, names, key)
        with engine.measured() as usage:

            def observe(progress: RecordProgress) -> None:
                metadata = shown(progress.report(layer, usage()))
                context.log_event(dg.AssetObservation(context.asset_key, partition=key or None, metadata=metadata))

            with as_dagster_failures(context), watch_estimates(observe):
                result = work(engine, key)
                examples = sample(engine, key) if sample is not None else []
                described = columns(engine) if columns is not None and is_last else {}
                data_version = version(engine, key) if version is not None else None
            cost = usage()
        _keep_hour(context, names, key)
        total.add(result)
        count_records(names, layer, object_name or "structure", result)
        metadata = metadata_of(layer, result, cost, examples) | described
        reports: list[CheckReport] = []
        if object_name is not None:
            with as_dagster_failures(context):
                reports = reports_of(context.instance, names, engine, layer, object_name)
                is_open = not all(report.verdict(key).passed for report in reports)
                metadata |= problems_now(engine, layer, object_name, key, result, is_open=is_open)
        made: dg.MaterializeResult[None] = dg.MaterializeResult(
            metadata=metadata, data_version=data_version, tags=ignored_inputs(ordered_after)
        )
        return made, reports

    def log_end(keys: Sequence[str], requests: int) -> None:
        done = f"{context.asset_key.to_user_string()} {partitions_shown(keys)}".rstrip()
        context.log.info(f"{done}: {total.summary()}; {requests} requests")

    if not is_range(context):
        key = context.partition_key if context.has_partition_key else ""
        with engine.measured() as usage:
            made, reports = materialize(key)
        log_end([key], usage().requests.total())
        with as_dagster_failures(context):
            return made._replace(check_results=check_results(context, reports, key))
    keys = context.partition_keys
    inputs = inputs_of(context, keys)
    with engine.measured() as usage:
        for key in keys:
            # Dagster shows the columns of the latest materialization.
            made, reports = materialize(key, is_last=key == keys[-1])
            log_materialization(context, key, made, inputs[key])
    log_end(keys, usage().requests.total())
    with as_dagster_failures(context):
        return dg.MaterializeResult(metadata=ALREADY_LOGGED, check_results=range_check_results(context, reports))


def _keep_hour(context: dg.AssetExecutionContext, names: Names, partition_key: str) -> None:
    """Add the partition of an hour of changes, which was removed if an earlier run of it succeeded."""
    if is_changes(partition_key):
        InstancePartitions(context.instance, names).add(partition_key)
