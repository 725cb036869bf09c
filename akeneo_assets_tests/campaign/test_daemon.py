"""A real ``dagster dev`` whose processes are killed repeatedly: the sensors alone deliver every edit.

``make campaign`` runs it; ``make test-exhaustive`` has a single kill of each sort in ``automation``.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Final

import pytest

from akeneo_assets.sandbox.catalogue.records import value
from akeneo_assets_tests.campaign.test_campaign import FAULTS
from akeneo_assets_tests.dagster_dev import DagsterDev, running_dagster_dev
from akeneo_assets_tests.scenarios.polling import Clock
from akeneo_assets_tests.scenarios.small_world import SIMPLE, SmallWorld, loaded_state
from akeneo_assets_tests.scenarios.world import World, content_of_a_full_load
from akeneo_assets_tests.shell import Shell, command_line, environment_without, processes_below

_ROUNDS: Final = int(os.environ.get("CAMPAIGN_KILLS", "12"))
_SEED: Final = int(os.environ.get("CAMPAIGN_SEED", "1"))
_ARRIVAL_SECONDS: Final = 420.0
_PATIENCE_SECONDS: Final = 20.0
_ENDED: Final = {"SUCCESS", "FAILURE", "CANCELED"}
_VICTIMS: Final = {
    "run": "spawn_main",
    "code server": "api grpc",
    "daemon": "dagster-daemon",
    "webserver": "dagster_webserver",
}

pytestmark = pytest.mark.end_to_end


def _kill(victim: str, figures: Counter[str]) -> None:
    """Kill all processes of a sort, as the kernel does when it runs out of memory."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    before = figures[f"killed: {victim}"]
    # The process of a run exists for only a few seconds.
    while figures[f"killed: {victim}"] == before and time.monotonic() < deadline:
        _kill_those_there(victim, figures)
        time.sleep(0.05)


def _kill_those_there(victim: str, figures: Counter[str]) -> None:
    for process_id in processes_below(os.getpid()):
        with suppress(OSError):
            words = command_line(process_id)
            if _VICTIMS[victim] in words or (victim == "daemon" and "dagster._daemon" in words):
                os.kill(process_id, signal.SIGKILL)
                figures[f"killed: {victim}"] += 1


def _edit(world: World, chance: random.Random, number: int) -> None:
    text = {"values": {"name": [value(f"Name {number}", locale="de_DE")]}}
    if chance.random() < 0.5:
        world.edit.save_product(chance.choice(SIMPLE), text)
    else:
        world.edit.save_model("linen-shirt", text)


def _at_rest(dagster: DagsterDev, world: World, expected: object) -> bool | None:
    is_over = all(run.status in _ENDED for run in dagster.runs())
    return (is_over and world.content() == expected) or None


@pytest.mark.timeout(0)
def test_every_edit_arrives_whichever_process_is_killed(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    chance = random.Random(_SEED)
    figures: Counter[str] = Counter()
    folder = Path(shell.folder) / "world"
    shutil.copytree(loaded_state(), folder)
    with SmallWorld(folder, Clock()) as world:
        shell.set({**world.environment(), "AKENEO_ASSETS_AUTOMATION": "1"})
        for start in range(1 + _ROUNDS // 4):
            # All processes end with the block, and start again in the next one.
            with running_dagster_dev(shell.folder, environment_without("AKENEO_ASSETS_NOTHING")) as dagster:
                for number in range(4):
                    _edit(world, chance, 4 * start + number)
                    name = chance.choice(sorted(FAULTS))
                    faults = chance.choice((world.sandbox.akeneo_faults, world.sandbox.ipaas_faults))
                    faults.add(**{**FAULTS[name], "after": chance.randrange(20)})
                    time.sleep(chance.uniform(1.0, 12.0))
                    _kill(chance.choice(["run", "run", *_VICTIMS]), figures)
                    figures["rounds"] += 1
        world.sandbox.akeneo_faults.clear()
        world.sandbox.ipaas_faults.clear()
        expected = content_of_a_full_load(world)
        with running_dagster_dev(shell.folder, environment_without("AKENEO_ASSETS_NOTHING")) as dagster:
            dagster.wait("rest", lambda: _at_rest(dagster, world, expected), _ARRIVAL_SECONDS)
            figures.update(f"run {run.status}" for run in dagster.runs())
    with capsys.disabled():
        print(f"\nCAMPAIGN_SEED={_SEED}: {dict(sorted(figures.items()))}")  # noqa: T201 - the figures are the result
