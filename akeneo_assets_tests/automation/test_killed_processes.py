"""A real ``dagster dev``, in which each process is killed: its run is ended as failed, and the sensors continue."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from typing import Final

import pytest

from akeneo_assets.cli.instance import open_instance
from akeneo_assets_tests.dagster_dev import DagsterDev, running_dagster_dev
from akeneo_assets_tests.scenarios.polling import Clock
from akeneo_assets_tests.scenarios.small_world import SmallWorld, loaded_state
from akeneo_assets_tests.scenarios.world import World
from akeneo_assets_tests.shell import Shell, command_line, environment_without, processes_below

pytestmark = [pytest.mark.end_to_end, pytest.mark.exhaustive]

_SECONDS: Final = 120


def kill(process_ids: Iterable[int]) -> None:
    for each in process_ids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + _SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def run_ids() -> set[str]:
    with open_instance() as instance:
        return {run.run_id for run in instance.get_runs()}


def pass_time(world: World) -> None:
    """Let all leases expire, as if two minutes had passed. Runs that are alive renew theirs."""
    with closing(sqlite3.connect(world.database_url.removeprefix("sqlite:///"), timeout=60)) as state, state:
        state.execute("UPDATE run_leases SET held_until = 0, suspected = 1")


def launch_and_hang(dagster: DagsterDev, world: World) -> str:
    """Start a run that waits for Akeneo, and return its id."""
    world.sandbox.akeneo_faults.clear()
    slow = world.sandbox.akeneo_faults.add("slow", action="attributes.list", seconds=300, times=None)
    run_id = dagster.launch("structure")
    dagster.wait("the run", lambda: slow.fired or None, _SECONDS)
    return run_id


def wait_for_failure(dagster: DagsterDev, run_ids: Iterable[str]) -> None:
    """Wait until these runs have failed and the sensor no longer waits for them.

    Dagster itself retries runs that crashed; the sensor may wait for those.
    """
    wanted = set(run_ids)

    def failed() -> bool | None:
        return wanted <= {run.run_id for run in dagster.runs() if run.status == "FAILURE"} or None

    dagster.wait("the end of dead runs", failed, _SECONDS)
    ended = max(run.ended or 0.0 for run in dagster.runs() if run.run_id in wanted)

    def continued() -> str | None:
        ticks = [tick for tick in dagster.ticks("akeneo_changes") if tick["endTimestamp"] and not tick["error"]]
        reasons = [tick["skipReason"] or "" for tick in ticks if tick["endTimestamp"] > ended]
        return next((reason for reason in reasons if "in progress" not in reason), None)

    dagster.wait("a tick that no longer waits", continued, _SECONDS)


@pytest.mark.timeout(600)
def test_after_any_process_is_killed_its_run_is_ended_and_the_sensors_continue(shell: Shell) -> None:
    folder = shell.folder / "world"
    shutil.copytree(loaded_state(), folder)
    with SmallWorld(folder, Clock()) as world:
        shell.set({**world.environment(), "CONCURRENT_BATCH_EXECUTIONS": "1"})
        (shell.folder / ".env").write_text("AKENEO_ASSETS_AUTOMATION=1\n", encoding="utf-8")
        environment = environment_without("AKENEO_ASSETS_AUTOMATION")
        with running_dagster_dev(shell.folder, environment) as dagster:
            before = set(processes_below(dagster.process_id))
            killed = launch_and_hang(dagster, world)
            new = set(processes_below(dagster.process_id)) - before
            of_run = [each for each in new if "spawn_main" in command_line(each)]
            assert len(of_run) == 1
            kill(of_run)
            world.sandbox.akeneo_faults.clear()
            pass_time(world)
            wait_for_failure(dagster, [killed])

            # All of dagster dev.
            of_daemon = launch_and_hang(dagster, world)
            kill([dagster.process_id, *processes_below(dagster.process_id)])

        # A command.
        world.sandbox.akeneo_faults.clear()
        slow = world.sandbox.akeneo_faults.add("slow", action="attributes.list", seconds=300, times=None)
        known = run_ids()
        command = shell.start("akeneo-assets", "sync", "categories")
        until(lambda: slow.fired)
        kill([command.pid, *processes_below(command.pid)])
        command.communicate()
        (of_command,) = run_ids() - known

        world.sandbox.akeneo_faults.clear()
        pass_time(world)
        with running_dagster_dev(shell.folder, environment) as dagster:
            wait_for_failure(dagster, [of_daemon, of_command])
        with open_instance() as instance:
            for run_id in (of_daemon, of_command):
                messages = [entry.message for entry in instance.all_logs(run_id)]
                assert any("The process of this run is gone" in message for message in messages)
