"""The sensor that notices what changed in Akeneo, and what a killed run left undone.

It only ever asks for runs. What they read follows from the windows in the database, and what they send follows from the
ledger, so a lost tick, a failed run or a second daemon loses nothing: the next tick sees the same work.
"""

import time
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any, Final

import dagster as dg

from akeneo_assets.automation.dead_runs import reason_to_wait
from akeneo_assets.automation.jobs import categories_job, changes_job, deliver_due_job, structure_job
from akeneo_assets.automation.partitions import catalog_batches, category_trees
from akeneo_assets.automation.runs import BEFORE_ALL_ELSE, Patience, is_under_way, latest_failure, red_partitions
from akeneo_assets.automation.start_up import DEFAULT_SENSOR_STATUS
from akeneo_assets.errors import AkeneoAssetsError, ConfigurationError
from akeneo_assets.resources import EngineResource
from akeneo_assets.sync.noticing import Work
from akeneo_assets.sync.partition_keys import changes_key

_SECONDS: Final = 15
_NAMED: Final = 20

# Not the job that delivers without reading: re-mapping a large catalogue takes long, and no edit waits for it.
_JOBS: Final = (changes_job.name, categories_job.name, structure_job.name)

_READERS: Final = {"product_model": "akeneo__product_models", "product": "akeneo__products"}
"""Source kind → the step that reads it."""


class ChangesCursor(Patience):
    """How patient to be, and for which unknown trees and families the structure was read already.

    A tree that Akeneo deleted stays unknown, however often the structure is read.
    """

    unknown: tuple[str, ...] = ()


@dg.sensor(
    name="akeneo_changes",
    jobs=[changes_job, deliver_due_job, categories_job, structure_job],
    minimum_interval_seconds=_SECONDS,
    default_status=DEFAULT_SENSOR_STATUS,
    description=(
        "Asks Akeneo for changes every few seconds (one request per kind of record) and starts one run for all of "
        "them. Also starts a run for records that depend on a changed structure or that a killed run left pending."
    ),
)
def akeneo_changes(context: dg.SensorEvaluationContext, engine: EngineResource) -> dg.SensorResult | dg.SkipReason:
    """Ask for the runs that are due."""
    now = time.time()
    if (
        reason := reason_to_wait(context, engine, _JOBS, "A run is in progress; new changes are found after it.")
    ) is not None:
        return reason
    cursor = ChangesCursor.parse(context.cursor).after(latest_failure(context.instance, _JOBS), now)
    context.update_cursor(cursor.model_dump_json())
    if (refusal := cursor.refusal(now)) is not None:
        return refusal
    work = _work(engine)
    if isinstance(work, dg.SkipReason):
        return work
    unknown = _unknown(context.instance, work)
    context.update_cursor(cursor.model_copy(update={"unknown": unknown}).model_dump_json())
    requests = _tree_runs(context.instance, work)
    if unknown and unknown != cursor.unknown:
        requests.append(dg.RunRequest(job_name=structure_job.name, tags=BEFORE_ALL_ELSE))
    key = changes_key(datetime.fromtimestamp(now, timezone.utc))
    of_products = _product_run(context.instance, work, key)
    if isinstance(of_products, dg.RunRequest):
        requests.append(of_products)
    elif not requests:
        return of_products
    return dg.SensorResult(
        run_requests=requests,
        dynamic_partitions_requests=(
            [catalog_batches.build_add_request([key])] if isinstance(of_products, dg.RunRequest) else []
        ),
        asset_events=_observations(work),
    )


def _work(engine: EngineResource) -> Work | dg.SkipReason:
    """Return what there is to do, or why that cannot be told."""
    try:
        connected = engine.connected()
        if connected.is_throttled():
            return dg.SkipReason("Akeneo's throttle is exhausted; the rest is reserved for the runs in progress.")
        return connected.look_for_work()
    except ConfigurationError as error:
        return dg.SkipReason(str(error))
    except AkeneoAssetsError as error:
        return dg.SkipReason(f"Akeneo could not be reached: {error}")


def _tree_runs(instance: dg.DagsterInstance, work: Work) -> list[dg.RunRequest]:
    trees = instance.get_dynamic_partitions(str(category_trees.name))
    return [
        dg.RunRequest(job_name=categories_job.name, partition_key=root, tags=BEFORE_ALL_ELSE)
        for root in work.category_roots
        if root in trees
    ]


def _product_run(instance: dg.DagsterInstance, work: Work, key: str) -> dg.RunRequest | dg.SkipReason:
    """Return the run for all that is product-like, or why there is none."""
    if work.to_read:
        config = _windows(work.read_until)
        return dg.RunRequest(job_name=changes_job.name, partition_key=key, run_config=config, tags=BEFORE_ALL_ELSE)
    if not work.to_send:
        return dg.SkipReason("Nothing changed.")
    if is_under_way(instance, [deliver_due_job.name]):
        return dg.SkipReason("The pending records are being delivered.")
    if any(red.key == key for red in red_partitions(instance)):
        # Asked for here it would fail every few seconds for as long as iPaaS.com is down.
        return dg.SkipReason(f"The delivery of {key} failed; the sensor `retries` will retry it.")
    return dg.RunRequest(job_name=deliver_due_job.name, partition_key=key, tags=BEFORE_ALL_ELSE)


def _unknown(instance: dg.DagsterInstance, work: Work) -> tuple[str, ...]:
    """Return trees without a partition (a hash for all that hang on none) and families that the structure lacks."""
    trees = set(instance.get_dynamic_partitions(str(category_trees.name)))
    unknown_trees = [*(["#"] if work.unknown_trees else []), *sorted(set(work.category_roots) - trees)]
    return (*unknown_trees, *(f"family:{family}" for family in work.unknown_families))


def _windows(read_until: Mapping[str, float]) -> dict[str, Any]:
    """Return the config that says from when a run reads: one that is executed again reads the same window again."""
    since = {
        step: f"{datetime.fromtimestamp(read_until[kind], timezone.utc):%Y-%m-%dT%H:%M:%SZ}"
        for kind, step in _READERS.items()
    }
    return {"ops": {step: {"config": {"changed_since": moment}} for step, moment in since.items()}}


def _observations(work: Work) -> list[dg.AssetObservation]:
    return [
        dg.AssetObservation(["akeneo", kind], metadata={"changed": dg.MetadataValue.text(", ".join(keys[:_NAMED]))})
        for kind, keys in work.noticed.items()
        if keys
    ]
