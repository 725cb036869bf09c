"""The sensor that retries what failed: records that are due for retry, and failed partitions."""

import time
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Final

import dagster as dg

from akeneo_assets.automation.dead_runs import reason_to_wait
from akeneo_assets.automation.jobs import categories_job, changes_job, deliver_due_job, full_load_job
from akeneo_assets.automation.partitions import catalog_batches, category_trees
from akeneo_assets.automation.runs import RedPartition, is_over, red_partitions
from akeneo_assets.automation.start_up import DEFAULT_SENSOR_STATUS
from akeneo_assets.errors import AkeneoAssetsError
from akeneo_assets.resources import EngineResource
from akeneo_assets.sync.noticing import PRODUCT_KINDS, trees_to_try_again
from akeneo_assets.sync.partition_keys import changes_key, is_changes

_SECONDS: Final = 60
_AT_ONCE: Final = 10
_TIMES: Final = 8
"""After so many failures in a row a partition is left to its owner: that is after more than two hours."""

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
    """Ask for the runs that are due."""
    now = time.time()
    if (
        reason := reason_to_wait(context, engine, _JOBS, "A run is in progress; retries wait until it ends.")
    ) is not None:
        return reason
    requests = {(request.job_name, request.partition_key): request for request in _red_runs(context.instance, now)}
    try:
        for request in _record_runs(engine, now):
            requests.setdefault((request.job_name, request.partition_key), request)
    except AkeneoAssetsError as error:
        return dg.SkipReason(str(error))
    if not requests:
        return dg.SkipReason("No failed record is due for retry.")
    keys = [str(request.partition_key) for request in requests.values() if is_changes(str(request.partition_key))]
    return dg.SensorResult(
        run_requests=list(requests.values()),
        dynamic_partitions_requests=[catalog_batches.build_add_request(keys)] if keys else [],
    )


def _red_runs(instance: dg.DagsterInstance, now: float) -> Iterator[dg.RunRequest]:
    trees = set(instance.get_dynamic_partitions(str(category_trees.name)))
    batches = set(instance.get_dynamic_partitions(str(catalog_batches.name)))
    due = [red for red in red_partitions(instance) if red.failures <= _TIMES and is_over(red.not_before, now)]
    for red in due[:_AT_ONCE]:
        job = _job_of(red, trees, batches)
        if job is not None:
            yield dg.RunRequest(job_name=job, partition_key=red.key)


def _job_of(red: RedPartition, trees: set[str], batches: set[str]) -> str | None:
    """Return the job that makes the partition green; None when Akeneo has no such tree or family any more."""
    if red.is_of_trees:
        return categories_job.name if red.key in trees else None
    if red.key not in batches:
        return None
    if red.needs_no_reading:
        return deliver_due_job.name
    return changes_job.name if is_changes(red.key) else full_load_job.name


def _record_runs(engine: EngineResource, now: float) -> Iterator[dg.RunRequest]:
    store = engine.connected().store
    if store.work.is_to_be_tried_again(PRODUCT_KINDS):
        key = changes_key(datetime.fromtimestamp(now, timezone.utc))
        yield dg.RunRequest(job_name=deliver_due_job.name, partition_key=key)
    for root in trees_to_try_again(store):
        yield dg.RunRequest(job_name=categories_job.name, partition_key=root)
