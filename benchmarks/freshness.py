"""How long an edit in Akeneo takes to reach iPaaS.com through a real ``dagster dev``, and where the time goes."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from akeneo_assets.definitions import defs
from akeneo_assets.sandbox.catalogue.records import value
from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets.settings import AUTOMATION_SETTING, DATABASE_SETTING
from akeneo_assets_tests.dagster_dev import DagsterDev, running_dagster_dev
from benchmarks.loading import full_load
from benchmarks.processes import UNTHROTTLED, in_fresh_process, scratch_folder
from benchmarks.reporting import Figure, Section

LIMIT_SECONDS: Final = 60.0

_SENSOR: Final = defs.get_repository_def().get_sensor_def("akeneo_changes")
_SKU: Final = "straw-hat"
_POLL_SECONDS: Final = 0.05
_PATIENCE_SECONDS: Final = 300.0
_STARTING_SECONDS: Final = 120.0
"""Seconds until the throttle's window of the full load has passed and the first tick found nothing."""


@dataclass(frozen=True)
class Journey:
    """The seconds that one edit spent in each stage, in order."""

    total: float
    waiting_for_the_tick: float
    noticing: float
    in_the_queue: float
    starting_the_run: float
    reading: float
    planning: float
    delivering: float


_PARTS: Final = (
    "waiting_for_the_tick",
    "noticing",
    "in_the_queue",
    "starting_the_run",
    "reading",
    "planning",
    "delivering",
)


def measure(edits: int) -> list[Section]:
    """Make edits one after the other, while Dagster runs with the default settings."""
    with Sandbox() as sandbox, scratch_folder() as folder:
        own = {**sandbox.environment(), DATABASE_SETTING: f"sqlite:///{folder}/state.db"}
        in_fresh_process({**own, **UNTHROTTLED}, folder, full_load)
        others = {name: text for name, text in os.environ.items() if not name.startswith(("AKENEO_", "IPAAS_"))}
        others.pop("DAGSTER_HOME", None)
        with running_dagster_dev(Path(folder), {**others, **own, AUTOMATION_SETTING: "1"}) as dagster:
            dagster.wait("a tick that finds nothing", lambda: _has_rested(dagster) or None, _STARTING_SECONDS)
            journeys = [_journey(sandbox, dagster, number / edits) for number in range(edits)]
    return [_section(journeys)]


def _has_rested(dagster: DagsterDev) -> bool:
    return any(tick["skipReason"] == "Nothing changed." for tick in dagster.ticks(_SENSOR.name))


def _journey(sandbox: Sandbox, dagster: DagsterDev, phase: float) -> Journey:
    """Make an edit and follow it.

    Args:
        sandbox: The local Akeneo and iPaaS.com.
        dagster: The running ``dagster dev``.
        phase: When to make the edit, as a share of the time between two ticks.
    """
    seen = len(dagster.ticks(_SENSOR.name))
    dagster.wait("a tick", lambda: len(dagster.ticks(_SENSOR.name)) > seen or None, _PATIENCE_SECONDS)
    time.sleep(phase * float(_SENSOR.minimum_interval_seconds or 0))
    before = {run.run_id for run in dagster.runs()}
    name = f"Hut {time.time_ns()}"
    edited = time.time()
    sandbox.akeneo.edit.save_product(_SKU, {"values": {"name": [value(name, locale="de_DE")]}})
    while not any(product["name"] == name for product in sandbox.ipaas.products()):
        if time.time() - edited > _PATIENCE_SECONDS:
            raise TimeoutError(f"The edit did not arrive in {_PATIENCE_SECONDS:g} s")
        time.sleep(_POLL_SECONDS)
    visible = time.time()
    run = dagster.wait(
        "the end of the run",
        lambda: next((run for run in dagster.runs() if run.run_id not in before and run.ended), None),
        _PATIENCE_SECONDS,
    )
    ticked = next(tick["timestamp"] for tick in dagster.ticks(_SENSOR.name) if run.run_id in tick["runIds"])
    stages = dagster.stages(run.run_id)
    read = max(end for step, (_, end) in stages.steps.items() if step.startswith("akeneo__"))
    planned = max(end for step, (_, end) in stages.steps.items() if step.startswith("catalog__"))
    return Journey(
        total=visible - edited,
        waiting_for_the_tick=ticked - edited,
        noticing=stages.enqueued - ticked,
        in_the_queue=stages.launched - stages.enqueued,
        starting_the_run=stages.started - stages.launched,
        reading=read - stages.started,
        planning=planned - read,
        delivering=visible - planned,
    )


def _section(journeys: Sequence[Journey]) -> Section:
    totals = sorted(journey.total for journey in journeys)
    ninth = totals[min(len(totals) - 1, int(0.9 * len(totals)))]
    distribution = {
        "shortest": totals[0],
        "median": statistics.median(totals),
        "90th percentile": ninth,
        "longest": totals[-1],
    }
    parts = {part: statistics.median(float(getattr(journey, part)) for journey in journeys) for part in _PARTS}
    return Section(
        f"Freshness: {len(journeys)} edits in Akeneo, through dagster dev with its default settings",
        [
            *(
                Figure(
                    f"from the edit until iPaaS.com shows it: {name}",
                    took,
                    "s",
                    at_most=LIMIT_SECONDS if name == "longest" else None,
                )
                for name, took in distribution.items()
            ),
            *(Figure(f"of it {part.replace('_', ' ')} (median)", took, "s") for part, took in parts.items()),
        ],
    )
