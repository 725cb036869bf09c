"""The sensor that retries failed records and failed partitions when they are due."""

import time
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from itertools import islice
from typing import Final

import dagster as dg

from akeneo_assets.assets.names import Names
from akeneo_assets.assets.partitions import InstancePartitions
from akeneo_assets.automation.dead_runs import reason_to_wait
from akeneo_assets.automation.jobs import Job
from akeneo_assets.automation.own_runs import OwnRuns
from akeneo_assets.automation.run_requests import batches_of, default_status, new_partitions, run_request
from akeneo_assets.automation.runs import failed_partitions, is_over
from akeneo_assets.errors import AkeneoAssetsError
from akeneo_assets.resources import EngineResource, engine_of
from akeneo_assets.sync.batches import Batch, JobName, batch_of
from akeneo_assets.sync.partition_keys import changes_key
from akeneo_assets.sync.programme import in_order, to_retry

_SECONDS: Final = 60
_AT_ONCE: Final = 10
_TIMES: Final = 8
"""How many times a failed partition is retried, over more than two hours. After that, a user has to retry it."""

_JOBS: Final[tuple[JobName, ...]] = ("changes", "deliver_due", "categories")


def retries_sensor(names: Names, jobs: Mapping[str, Job]) -> dg.SensorDefinition:
    """Return the sensor of a subscription.

    Args:
        names: The names of the subscription.
        jobs: Its jobs.
    """

    @dg.sensor(
        name=names.scoped("retries"),
        jobs=[jobs["deliver_due"], jobs["changes"], jobs["full_load"], jobs["categories"]],
        minimum_interval_seconds=_SECONDS,
        required_resource_keys={names.engine},
        default_status=default_status(names),
        description=(
            "Retries failed records 10·n·(n+1) minutes after their nth failure, up to ten times. Retries failed "
            "partitions after 1 minute, doubled each time, up to eight times."
        ),
    )
    def retries(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        return _tick(context, engine_of(context, names.engine), names)

    return retries


def _tick(context: dg.SensorEvaluationContext, engine: EngineResource, names: Names) -> dg.SensorResult | dg.SkipReason:
    """Request the runs that are due."""
    now = time.time()
    runs = OwnRuns.of_sensor(context, names)
    if (
        reason := reason_to_wait(runs, context, engine, _JOBS, "A run is in progress. Retries wait until it ends.")
    ) is not None:
        return reason
    partitions = InstancePartitions(context.instance, names)
    hour = changes_key(datetime.fromtimestamp(now, timezone.utc))
    try:
        connected = engine.connected()
        due = [*_retry_batches(runs, partitions, now), *to_retry(connected.store, hour)]
    except AkeneoAssetsError as error:
        return dg.SkipReason(str(error))
    requested = batches_of(in_order(due, partitions))
    if not requested:
        return dg.SkipReason("No failed record is due for retry.")
    return dg.SensorResult(
        run_requests=[run_request(batch, names, connected.rules_fingerprint) for batch in requested],
        dynamic_partitions_requests=new_partitions(requested, names),
    )


def _retry_batches(runs: OwnRuns, partitions: InstancePartitions, now: float) -> Iterator[Batch]:
    """Yield the batches that retry failed partitions. Deleted partitions are not retried."""
    known = {*partitions.trees(), *partitions.families(), *partitions.changes()}
    due = (
        partition
        for partition in failed_partitions(runs)
        if partition.failures <= _TIMES and is_over(partition.not_before, now)
    )
    for partition in islice((partition for partition in due if partition.key in known), _AT_ONCE):
        yield batch_of(partition.key, reads=not partition.delivery_only)
