"""Ends runs whose process is gone. Dagster would keep them as started, and other runs would wait for them forever."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import dagster as dg

from akeneo_assets.automation.own_runs import OwnRuns
from akeneo_assets.automation.runs import is_in_progress
from akeneo_assets.errors import AkeneoAssetsError
from akeneo_assets.resources import EngineResource
from akeneo_assets.store.run_leases import RunLeases

# Without queued and starting runs: they have no process yet, and Dagster's run monitoring has a timeout for them.
_STARTED: Final = [dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]

_REASON: Final = (
    "The process of this run is gone: it was killed, ran out of memory, or its machine stopped. Nothing is lost: a "
    "later run sends what is left."
)


def end_dead_runs(runs: OwnRuns, leases: RunLeases) -> list[str]:
    """Mark runs whose process is gone as failed, or as canceled if cancellation was requested.

    Args:
        runs: The runs of the subscription.
        leases: The leases that show which runs are alive.

    Returns:
        Ids of the runs that were ended.
    """
    instance = runs.instance
    started = [record.dagster_run for record in runs.with_status(_STARTED)]
    leased = [run.run_id for run in started if runs.uses_engine(run)]
    ended = []
    for run_id in sorted(leases.dead(leased)):
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
    runs: OwnRuns, context: dg.SensorEvaluationContext, engine: EngineResource, jobs: Iterable[str], skip_message: str
) -> dg.SkipReason | None:
    """End dead runs, and return why a sensor requests nothing now; None if it may continue.

    Args:
        runs: The runs of the subscription.
        context: Context of the tick.
        engine: Engine resource of the tick.
        jobs: Names of the jobs that the sensor waits for.
        skip_message: The skip message if a run of these jobs is queued or executing.
    """
    try:
        ended = end_dead_runs(runs, engine.connected().store.run_leases)
    except AkeneoAssetsError as error:
        return dg.SkipReason(str(error))
    for run_id in ended:
        context.log.warning(f"The process of run {run_id} is gone; the run was ended.")
    return dg.SkipReason(skip_message) if is_in_progress(runs, jobs) else None
