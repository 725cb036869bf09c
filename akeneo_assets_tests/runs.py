"""Dagster runs in this process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import dagster as dg
from dagster._core.instance.ref import InstanceRef

from akeneo_assets.dagster_history.event_log import with_fast_event_log
from akeneo_assets.definitions import defs

NO_CAPTURE = {
    "telemetry": {"enabled": False},
    "compute_logs": {
        "module": "dagster._core.storage.noop_compute_log_manager",
        "class": "NoOpComputeLogManager",
    },
}
"""Dagster would redirect the standard output of this process."""


@contextmanager
def instance(folder: str) -> Iterator[dg.DagsterInstance]:
    """An instance on SQLite files, as the command line opens it."""
    reference = InstanceRef.from_dir(folder, overrides=NO_CAPTURE)
    with dg.DagsterInstance.from_ref(with_fast_event_log(reference)) as opened:
        yield opened


def execute(
    job: str,
    instance: dg.DagsterInstance,
    *,
    partition_key: str | None = None,
    assets: Sequence[str] = (),
    config: Mapping[str, Any] | None = None,
    tags: Mapping[str, str] | None = None,
) -> dg.ExecuteInProcessResult:
    """Execute a job, or some of its assets given as ``layer/object``; a failure is in the result.

    To re-execute a run as the UI does, pass its tags, which contain its partition, and its config.
    """
    return defs.resolve_job_def(job).execute_in_process(
        instance=instance,
        partition_key=partition_key,
        asset_selection=[dg.AssetKey(name.split("/")) for name in assets] or None,
        run_config={"ops": dict(config or {}), "loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        tags=dict(tags or {}),
        raise_on_error=False,
    )


def failures(result: dg.ExecuteInProcessResult) -> list[str]:
    """Return the errors of a run as the page of the run shows them."""
    errors = (getattr(event.event_specific_data, "error", None) for event in result.all_events)
    return [" ".join(error.to_string().split()) for error in errors if error is not None]


def materializations(result: dg.ExecuteInProcessResult) -> dict[str, Mapping[str, Any]]:
    """Return the metadata of the materializations of a run, by ``layer/object``."""
    return {
        event.materialization.asset_key.to_user_string(): event.materialization.metadata
        for event in (each.step_materialization_data for each in result.get_asset_materialization_events())
    }
