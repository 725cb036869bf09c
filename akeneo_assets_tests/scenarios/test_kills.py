"""Reading, planning and delivering may be killed at any moment; the next run finishes the load."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time

import pytest

from akeneo_assets.documents import JsonObject
from akeneo_assets.http import governor
from akeneo_assets.store import locks
from akeneo_assets.sync.deliver import deliverer as delivering
from akeneo_assets.sync.progress import watch_progress
from akeneo_assets_tests.scenarios.world import World, full_load

_LEASE_SECONDS = 1.0


class _Killed(BaseException):
    """An exception that no step may catch."""


class _Killer:
    """Raises inside the engine the nth time that it reports progress."""

    def __init__(self, at: int) -> None:
        self._left = at

    def __call__(self, step: str, subject: str, records: int) -> None:
        self._left -= 1
        if self._left == 0:
            raise _Killed(f"{step} {subject} {records}")


@pytest.fixture(autouse=True)
def _short_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reservations of a killed process (records, connections, the login) expire after a second instead of a minute."""
    for module in (delivering, governor, locks):
        monkeypatch.setattr(module, "LEASE_SECONDS", _LEASE_SECONDS)


def _assert_complete(world: World, whole_content: JsonObject) -> None:
    assert full_load(world.engine()).delivered_count("failed", "blocked") == 0
    assert world.content() == whole_content
    assert world.waiting_links() == []
    assert world.sandbox.ipaas_counters.events("children_recreated") == 0
    world.written()
    full_load(world.engine())
    assert world.written() == []


def test_a_load_that_stops_at_any_page_or_batch_is_finished_by_the_next(
    small_world: World, small_content: JsonObject
) -> None:
    chance = random.Random(7)
    for moment in (3, *sorted(chance.sample(range(4, 13), 2))):
        with pytest.raises(_Killed), watch_progress(_Killer(moment)):
            full_load(small_world.engine())
    _assert_complete(small_world, small_content)


# Each step runs for a moment, so that it is killed somewhere in the middle.
_KILLED_STEPS = {
    "read": ("read_products family:clothing",),
    "plan": ("plan variants family:clothing",),
    "deliver": ("deliver categories master", "deliver product_models family:clothing", "deliver bundles family:sets"),
}


@pytest.mark.end_to_end
@pytest.mark.parametrize("steps", _KILLED_STEPS.values(), ids=_KILLED_STEPS)
def test_a_killed_process_leaves_nothing_that_the_next_run_cannot_finish(
    small_world: World, small_content: JsonObject, steps: tuple[str, ...]
) -> None:
    chance = random.Random(11)
    for number, step in enumerate(steps):
        _kill(small_world, step, chance.uniform(0.0, 0.04), run_id=f"killed-{number}")
    _assert_complete(small_world, small_content)


def _kill(world: World, step: str, seconds: float, run_id: str) -> None:
    """Start a load, and kill it this long after it began a step."""
    process = subprocess.Popen(
        [sys.executable, "-m", "akeneo_assets_tests.scenarios.load_process", str(_LEASE_SECONDS), run_id],
        env={**os.environ, **world.environment()},
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stdout is not None
            assert any(line.strip() == step for line in process.stdout)
            time.sleep(seconds)
        finally:
            process.kill()
    assert process.returncode == -signal.SIGKILL
