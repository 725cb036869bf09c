"""Long events of docs/operations.md: the sensors find everything afterwards, and send it once."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import dagster as dg
import pytest

from akeneo_assets.cli.exit_codes import ExitCode
from akeneo_assets.sandbox.catalogue.records import value
from akeneo_assets_tests.automation.ticks import Ticking, carry_out, put_run
from akeneo_assets_tests.runs import execute
from akeneo_assets_tests.scenarios.polling import Clock
from akeneo_assets_tests.scenarios.small_world import SmallWorld, loaded_state
from akeneo_assets_tests.scenarios.world import World
from akeneo_assets_tests.shell import Shell

HOUR = 3600.0
HAT, TOWEL = "straw-hat", "tea-towel-white"
NOTHING = "No failed record is due for retry."


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The time of this machine and of the sandbox; it starts an hour after the full load."""
    clock = Clock()
    clock.pass_time(HOUR)
    monkeypatch.setattr(time, "time", clock)
    return clock


@pytest.fixture
def world(tmp_path: Path, shell: Shell, clock: Clock) -> Iterator[World]:
    """A part of the sample catalogue with everything delivered, whose time the test moves."""
    folder = tmp_path / "world"
    shutil.copytree(loaded_state(shows_all=False), folder)
    with SmallWorld(folder, clock, shows_all=False) as world:
        shell.set(world.environment())
        world.written()
        yield world


def rename(world: World, sku: str, name: str) -> None:
    world.edit.save_product(sku, {"values": {"name": [value(name, locale="de_DE")]}})


def names(world: World) -> dict[str, str]:
    return {sku: world.product(sku)["name"] for sku in (HAT, TOWEL)}


def sent(world: World) -> list[tuple[str, str | None]]:
    return sorted((entry.action, entry.external_id) for entry in world.written())


def replaced(world: World, *skus: str) -> list[tuple[str, str]]:
    return sorted(("product.replace", world.uuid(sku)) for sku in skus)


def test_edits_before_a_weekend_of_maintenance_arrive_after_it(
    world: World, changes: Ticking, shell: Shell, clock: Clock
) -> None:
    changes()
    rename(world, HAT, "before the maintenance")
    world.sandbox.akeneo_faults.add("server_error", status=503, times=None)
    for _ in range(4):
        assert changes.skipped().startswith("Akeneo could not be reached: ")
        clock.pass_time(16 * HOUR)
    assert shell.call("health").code == ExitCode.UNREACHABLE
    world.sandbox.akeneo_faults.clear()

    carry_out(world.engine(), changes.requested())

    assert names(world)[HAT] == "before the maintenance"
    assert changes.skipped() == "Nothing changed."
    assert sent(world) == replaced(world, HAT)
    assert shell.call("health").code == ExitCode.DONE


def test_edits_of_a_day_without_ipaas_arrive_after_it(
    world: World, changes: Ticking, retrying: Ticking, shell: Shell, clock: Clock
) -> None:
    world.sandbox.ipaas_faults.add("server_error", status=503, times=None)
    rename(world, HAT, "during the outage")
    ((job, key),) = changes.requested()
    assert job is not None
    assert not execute(job, changes.instance, partition_key=key).success
    assert shell.call("health").code == ExitCode.UNREACHABLE
    for _ in range(8):
        clock.pass_time(HOUR)
        assert retrying.requested() == [(job, key)]
        put_run(changes.instance, job, dg.DagsterRunStatus.FAILURE, key)
        assert "The next retry is at" in changes.skipped()
    clock.pass_time(16 * HOUR)
    assert retrying.skipped() == NOTHING, "it was retried eight times"
    assert sent(world) == []
    world.sandbox.ipaas_faults.clear()

    # No further edit is needed: no run has read the change yet.
    with closing(world.engine()) as engine:
        carry_out(engine, changes.requested())

    assert names(world)[HAT] == "during the outage"
    assert changes.skipped() == "Nothing changed."
    assert sent(world) == replaced(world, HAT)
    assert shell.call("health").code == ExitCode.DONE


def test_edits_while_the_sensors_are_off_arrive_when_they_are_on(world: World, changes: Ticking, clock: Clock) -> None:
    changes()
    for sku in (HAT, TOWEL):
        clock.pass_time(36 * HOUR)
        rename(world, sku, "while paused")
    clock.pass_time(36 * HOUR)

    carry_out(world.engine(), changes.requested())

    assert names(world) == {HAT: "while paused", TOWEL: "while paused"}
    assert changes.skipped() == "Nothing changed."
    assert sent(world) == replaced(world, HAT, TOWEL)
