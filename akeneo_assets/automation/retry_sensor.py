"""The sensor that retries failed records and failed partitions when they are due."""

import time
from collections.abc import Iterator
from datetime import datetime, timezone
from itertools import islice
from typing import Final

import dagster as dg

from akeneo_assets.assets.partitions import InstancePartitions, catalog_batches, category_trees
from akeneo_assets.automation.dead_runs import reason_to_wait
from akeneo_assets.automation.jobs import categories_job, changes_job, deliver_due_job, full_load_job
from akeneo_assets.automation.own_runs import OwnRuns
from akeneo_assets.automation.run_requests import batches_of, new_partitions, run_request
from akeneo_assets.automation.runs import failed_partitions, is_over
from akeneo_assets.automation.start_up import DEFAULT_SENSOR_STATUS
from akeneo_assets.errors import AkeneoAssetsError
from akeneo_assets.resources import EngineResource
from akeneo_assets.sync.batches import Batch, batch_of
from akeneo_assets.sync.partition_keys import changes_key
from akeneo_assets.sync.programme import in_order, to_retry

_SECONDS: Final = 60
_AT_ONCE: Final = 10
_TIMES: Final = 8
"""How many times a failed partition is retried, over more than two hours. After that, a user has to retry it."""

_JOBS: Final = (changes_job.name, deliver_due_job.name, categories_job.name)


@dg.sensor(
    name="retries",
    jobs=[deliver_due_job, changes_job, full_load_job, categories_job],
    minimum_interval_seconds=_SECONDS,
    default_status=DEFAULT_SENSOR_STATUS,
    description=(
        "Retries failed records 10·n·(n+1) minutes after their nth failure, up to ten times. Retries failed "
        "partitions after 1 minute, doubled each time, up to eight times."
    ),
)
def retries(context: dg.SensorEvaluationContext, engine: EngineResource) -> dg.SensorResult | dg.SkipReason:
    """Request the runs that are due."""
    now = time.time()
    if (
        reason := reason_to_wait(context, engine, _JOBS, "A run is in progress. Retries wait until it ends.")
    ) is not None:
        return reason
    partitions = InstancePartitions(context.instance)
    hour = changes_key(datetime.fromtimestamp(now, timezone.utc))
    try:
        due = [*_retry_batches(context, now), *to_retry(engine.connected().store, hour)]
    except AkeneoAssetsError as error:
        return dg.SkipReason(str(error))
    requested = batches_of(in_order(due, partitions))
    if not requested:
        return dg.SkipReason("No failed record is due for retry.")
    return dg.SensorResult(
        run_requests=[run_request(batch) for batch in requested], dynamic_partitions_requests=new_partitions(requested)
    )


def _retry_batches(context: dg.SensorEvaluationContext, now: float) -> Iterator[Batch]:
    """Yield the batches that retry failed partitions. Deleted partitions are not retried."""
    instance, runs = context.instance, OwnRuns.of_sensor(context)
    known = {
        key for each in (category_trees, catalog_batches) for key in instance.get_dynamic_partitions(str(each.name))
    }
    due = (
        partition
        for partition in failed_partitions(runs)
        if partition.failures <= _TIMES and is_over(partition.not_before, now)
    )
    for partition in islice((partition for partition in due if partition.key in known), _AT_ONCE):
        yield batch_of(partition.key, reads=not partition.delivery_only)
