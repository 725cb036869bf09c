"""The sensor that detects changes in Akeneo, and work that a killed run left pending.

It only requests runs. The database determines what they read (its windows) and what they send (its ledger), so a lost
tick, a failed run or a second daemon does no harm: the next tick finds the same work.
"""

import time
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Final

import dagster as dg

from akeneo_assets import metrics
from akeneo_assets.assets.names import Names
from akeneo_assets.assets.partitions import InstancePartitions
from akeneo_assets.automation.dead_runs import reason_to_wait
from akeneo_assets.automation.heartbeat import Pulse, heartbeat
from akeneo_assets.automation.jobs import Job
from akeneo_assets.automation.own_runs import OwnRuns
from akeneo_assets.automation.run_requests import batches_of, default_status, new_partitions, run_request
from akeneo_assets.automation.runs import (
    HIGH_PRIORITY,
    BackOffCursor,
    failed_partitions,
    is_in_progress,
    latest_failure,
)
from akeneo_assets.automation.settled_hours import remove_settled_hours
from akeneo_assets.errors import AkeneoAssetsError, ConfigurationError
from akeneo_assets.resources import EngineResource, engine_of
from akeneo_assets.sync import programme
from akeneo_assets.sync.agenda import Work
from akeneo_assets.sync.batches import Batch, JobName
from akeneo_assets.sync.partition_keys import changes_key

_SECONDS: Final = 15
_NAMED: Final = 20
_HOURS: Final = 50

# Without `deliver_due`, because re-mapping a large catalogue takes long and new edits must not wait for it.
_JOBS: Final[tuple[JobName, ...]] = ("changes", "categories", "structure")


class ChangesCursor(BackOffCursor):
    """The back-off, and the unknown trees and families for which the structure was already read.

    A tree that Akeneo deleted stays unknown, however often the structure is read.
    """

    unknown: tuple[str, ...] = ()
    beat_at: float = 0.0
    """When the asset ``in_sync`` was last materialized or observed, in epoch seconds."""


def akeneo_changes_sensor(names: Names, jobs: Mapping[str, Job]) -> dg.SensorDefinition:
    """Return the sensor of a subscription.

    Args:
        names: The names of the subscription.
        jobs: Its jobs.
    """

    @dg.sensor(
        name=names.scoped("akeneo_changes"),
        jobs=[jobs["changes"], jobs["deliver_due"], jobs["categories"], jobs["structure"]],
        minimum_interval_seconds=_SECONDS,
        required_resource_keys={names.engine},
        default_status=default_status(names),
        description=(
            "Asks Akeneo for changes every few seconds (one request per kind of record) and starts one run for all of "
            "them. Also starts a run for records that depend on a changed structure or that a killed run left pending."
        ),
    )
    def akeneo_changes(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        engine, pulse = engine_of(context, names.engine), Pulse()
        result = _tick(context, engine, names, pulse)
        outcome = "problem" if pulse.problems else "skipped" if isinstance(result, dg.SkipReason) else "requested"
        metrics.record(metrics.TICKS, 1, {"outcome": outcome, "subscription": names.subscription.name})
        return _with_heartbeat(context, engine, names, pulse, result)

    return akeneo_changes


def _with_heartbeat(
    context: dg.SensorEvaluationContext,
    engine: EngineResource,
    names: Names,
    pulse: Pulse,
    result: dg.SensorResult | dg.SkipReason,
) -> dg.SensorResult | dg.SkipReason:
    """Add the heartbeat to the result of a tick, if it is due."""
    now, cursor = time.time(), ChangesCursor.parse(context.cursor)
    if not pulse.is_due(cursor.beat_at, now):
        return result
    try:
        beat = heartbeat(engine.connected(), names, pulse)
    except AkeneoAssetsError as error:
        context.log.warning(f"There is no heartbeat: {error}")
        return result
    context.update_cursor(cursor.model_copy(update={"beat_at": now}).model_dump_json())
    if isinstance(result, dg.SkipReason):
        return dg.SensorResult(skip_reason=result, asset_events=[beat])
    return result._replace(asset_events=[*result.asset_events, beat])


def _tick(
    context: dg.SensorEvaluationContext, engine: EngineResource, names: Names, pulse: Pulse
) -> dg.SensorResult | dg.SkipReason:
    """Request the runs that are due."""
    now = time.time()
    runs = OwnRuns.of_sensor(context, names)
    remove_settled_hours(runs, limit=_HOURS)
    if (
        reason := reason_to_wait(
            runs, context, engine, _JOBS, "A run is in progress. New changes are found when it ends."
        )
    ) is not None:
        return reason
    cursor = ChangesCursor.parse(context.cursor).after(latest_failure(runs, _JOBS), now)
    context.update_cursor(cursor.model_dump_json())
    if (skip_reason := cursor.skip_reason(now)) is not None:
        pulse.problems.append(str(skip_reason.skip_message))
        return skip_reason
    work = _work(engine, pulse)
    if isinstance(work, dg.SkipReason):
        return work
    rules = engine.connected().rules_fingerprint
    partitions = InstancePartitions(context.instance, names)
    unknown = programme.unknown(work, partitions)
    context.update_cursor(cursor.model_copy(update={"unknown": unknown}).model_dump_json())
    hour = changes_key(datetime.fromtimestamp(now, timezone.utc))
    requested: list[Batch] = []
    message = "Nothing changed."
    for batch in batches_of(programme.in_order(programme.changed(work, hour, partitions), partitions)):
        if batch.job == "structure" and unknown == cursor.unknown:
            continue
        if (reason_to_skip := _reason_to_skip(runs, batch)) is None:
            requested.append(batch)
        else:
            message = reason_to_skip
    if not requested:
        return dg.SkipReason(message)
    return dg.SensorResult(
        run_requests=[run_request(batch, names, rules, tags=HIGH_PRIORITY) for batch in requested],
        dynamic_partitions_requests=new_partitions(requested, names),
        asset_events=_observations(work, names),
    )


def _work(engine: EngineResource, pulse: Pulse) -> Work | dg.SkipReason:
    """Return the work to do, or why it cannot be determined."""
    try:
        connected = engine.connected()
        if connected.is_throttled():
            return dg.SkipReason("Akeneo's throttle is exhausted. Changes are looked for when requests are free again.")
        return connected.find_work()
    except AkeneoAssetsError as error:
        is_setup = isinstance(error, ConfigurationError)
        pulse.problems.append(str(error) if is_setup else f"Akeneo could not be reached: {error}")
        return dg.SkipReason(pulse.problems[-1])


def _reason_to_skip(runs: OwnRuns, batch: Batch) -> str | None:
    """Return why a batch is not requested now; None if it is."""
    if batch.job != "deliver_due":
        return None
    if is_in_progress(runs, ["deliver_due"]):
        return "The pending records are being delivered."
    if any(partition.key == batch.partition_key for partition in failed_partitions(runs)):
        # If it were requested here, it would fail every few seconds while iPaaS.com is down.
        return f"The delivery of {batch.partition_key} failed; the sensor `retries` will retry it."
    return None


def _observations(work: Work, names: Names) -> list[dg.AssetObservation]:
    return [
        dg.AssetObservation(
            names.key("akeneo", kind), metadata={"changed": dg.MetadataValue.text(", ".join(keys[:_NAMED]))}
        )
        for kind, keys in work.changed_records.items()
        if keys
    ]
