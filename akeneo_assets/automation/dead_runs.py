"""Ends runs whose process is gone. Dagster would keep them as started, and other runs would wait for them forever."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import dagster as dg

from akeneo_assets.automation.jobs import (
    categories_job,
    changes_job,
    deliver_due_job,
    full_load_job,
    id_sweep_job,
    structure_job,
    sync_records_job,
)
from akeneo_assets.automation.runs import is_under_way
from akeneo_assets.errors import AkeneoAssetsError
from akeneo_assets.resources import EngineResource
from akeneo_assets.store.run_leases import RunLeases

_JOBS: Final = frozenset(
    job.name
    for job in (
        structure_job,
        categories_job,
        full_load_job,
        changes_job,
        deliver_due_job,
        sync_records_job,
        id_sweep_job,
    )
)
"""The jobs that use the engine, so their runs hold a lease."""

_LAYERS: Final = frozenset({"akeneo", "catalog", "ipaas"})

# Without queued and starting runs: they have no process yet, and Dagster's run monitoring has a timeout for them.
_STARTED: Final = [dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]

_REASON: Final = (
    "The process of this run is gone: it was killed, ran out of memory, or its machine stopped. Nothing is lost: a "
    "later run sends what is left."
)


def end_dead_runs(instance: dg.DagsterInstance, leases: RunLeases, *, location: str = "akeneo_assets") -> list[str]:
    """Mark runs whose process is gone as failed, or as canceled if cancellation was requested.

    Args:
        instance: The instance that stores the runs.
        leases: The leases that show which runs are alive.
        location: Name of the code location. Runs of other locations are left alone.

    Returns:
        Ids of the runs that were ended.
    """
    records = instance.get_run_records(dg.RunsFilter(statuses=_STARTED))
    runs = [record.dagster_run for record in records if _is_ours(record.dagster_run, location)]
    ended = []
    for run_id in sorted(leases.dead(run.run_id for run in runs)):
        run = instance.get_run_by_id(run_id)
        if run is None or run.status not in _STARTED:
            continue  # it ended in the meantime
        if run.status == dg.DagsterRunStatus.CANCELING:
            instance.report_run_canceled(run, _REASON)
        else:
            instance.report_run_failed(run, _REASON)
        ended.append(run_id)
    return ended


def reason_to_wait(
    context: dg.SensorEvaluationContext, engine: EngineResource, jobs: Iterable[str], under_way: str
) -> dg.SkipReason | None:
    """End dead runs, and return why a sensor requests nothing now; None if it may continue.

    Args:
        context: Context of the tick.
        engine: Engine resource of the tick.
        jobs: Names of the jobs that the sensor waits for.
        under_way: The skip message if a run of these jobs is queued or executing.
    """
    origin = context.code_location_origin
    known = {} if origin is None else {"location": origin.location_name}
    try:
        ended = end_dead_runs(context.instance, engine.connected().store.run_leases, **known)
    except AkeneoAssetsError as error:
        return dg.SkipReason(str(error))
    for run_id in ended:
        context.log.warning(f"The process of run {run_id} is gone; the run was ended.")
    return dg.SkipReason(under_way) if is_under_way(context.instance, jobs) else None


def _is_ours(run: dg.DagsterRun, location: str) -> bool:
    origin = run.remote_job_origin
    if origin is not None and origin.repository_origin.code_location_origin.location_name != location:
        return False
    if run.job_name in _JOBS:
        return True
    # Assets that were materialized in the UI, or by a backfill: a job without a name of its own.
    return bool(run.asset_selection) and all(key.path[0] in _LAYERS for key in run.asset_selection or ())
