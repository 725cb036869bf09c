"""A probe goes on where an interrupted one stopped, and probes that run at the same time do not disturb each other."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest

from akeneo_assets.errors import TransientError
from akeneo_assets.probe.akeneo.probe import AkeneoProbe
from akeneo_assets.probe.facts import Result, Verdict
from akeneo_assets.probe.ipaas.own_records import PREFIX
from akeneo_assets.probe.ipaas.probe import WRITING, IpaasProbe
from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets.store.probe_runs import KEPT_SECONDS
from akeneo_assets_tests.probe.test_akeneo_facts import MOST_REQUESTS
from akeneo_assets_tests.probe.test_ipaas_facts import fill
from akeneo_assets_tests.probe.test_ipaas_kills import assert_nothing_is_left
from akeneo_assets_tests.scenarios.world import World

_EVERY: Final = 40
_MADE_AGAIN: Final = 41
"""The requests for the records that the rest of the facts need: to make them again, and to clean them up again."""
_ASKED_AGAIN: Final = 22
"""The requests for what several facts of Akeneo share."""


def outcomes(results: list[Result]) -> dict[str, tuple[Verdict, Mapping[str, Any], Mapping[str, Any]]]:
    return {each.fact.key: (each.found.verdict, each.found.capabilities, each.found.profile) for each in results}


def written(world: World, *, write: bool = True, again: bool = False) -> list[Result]:
    with closing(world.engine()) as engine:
        return list(IpaasProbe(engine).run(write=write, again=again))


def read(world: World, *, again: bool = False) -> list[Result]:
    with closing(world.engine(fail_fast=True)) as engine:
        return list(AkeneoProbe(engine).run(again=again))


def at_some(number: int) -> list[object]:
    """Return all numbers below one; only some of them belong to the suite."""
    return [
        each if each % _EVERY == 0 else pytest.param(each, marks=pytest.mark.exhaustive) for each in range(1, number)
    ]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, list[Result]]:
    """The requests and the results of a probe that is not interrupted."""
    with Sandbox(catalogue="empty") as sandbox, closing(World(sandbox, tmp_path_factory.mktemp("whole"))) as world:
        fill(world)
        results = written(world)
        return world.sandbox.ipaas_counters.total, results


@pytest.mark.parametrize("at", at_some(139))
def test_a_probe_with_writes_goes_on_after_an_outage(world: World, whole: tuple[int, list[Result]], at: int) -> None:
    fill(world)
    world.sandbox.ipaas_faults.add("reset_connection", after=at, times=None)
    with pytest.raises(TransientError):
        written(world)
    world.sandbox.ipaas_faults.clear()
    world.sandbox.ipaas_counters.reset()

    check_resumed(world, whole, at, written(world))


@pytest.mark.parametrize("facts", at_some(63))
def test_a_probe_with_writes_goes_on_after_it_was_stopped(
    world: World, whole: tuple[int, list[Result]], facts: int
) -> None:
    fill(world)
    with closing(world.engine()) as engine:
        running = IpaasProbe(engine).run(write=True)
        for _ in range(facts):
            next(running)
        running.close()
    assert_nothing_is_left(world)
    before = world.sandbox.ipaas_counters.total
    world.sandbox.ipaas_counters.reset()

    check_resumed(world, whole, before, written(world))


def check_resumed(world: World, whole: tuple[int, list[Result]], before: int, resumed: list[Result]) -> None:
    requests, results = whole
    assert outcomes(resumed) == outcomes(results)
    assert before + world.sandbox.ipaas_counters.total <= requests + _MADE_AGAIN
    assert_nothing_is_left(world)


def test_what_an_interrupted_probe_found_is_told_and_used_once(world: World) -> None:
    fill(world)
    world.sandbox.ipaas_faults.add("reset_connection", after=80, times=None)
    with pytest.raises(TransientError):
        written(world)
    world.sandbox.ipaas_faults.clear()
    reading, resumed, next_one = written(world, write=False), written(world), written(world)

    assert {each.is_earlier for each in reading} == {True}
    later = [each.is_earlier for each in resumed]
    assert later == sorted(later, reverse=True)
    assert set(later) == {True, False}
    assert {each.is_earlier for each in next_one} == {False}


@pytest.mark.parametrize("change", ["again", "settings", "a day"])
def test_a_probe_starts_from_the_beginning(world: World, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    world.sandbox.ipaas_faults.add("reset_connection", after=20, times=None)
    with pytest.raises(TransientError):
        written(world, write=False)
    world.sandbox.ipaas_faults.clear()
    if change == "settings":
        world.variables["IPAAS_CLIENT_ID"] = "other"
    if change == "a day":
        later = time.time() + KEPT_SECONDS
        monkeypatch.setattr(time, "time", lambda: later)

    assert not any(each.is_earlier for each in written(world, write=False, again=change == "again"))


def test_what_has_to_be_corrected_is_tested_again(world: World) -> None:
    world.sandbox.ipaas_faults.add("forbid", action="location.list", times=None)
    world.sandbox.ipaas_faults.add("reset_connection", after=20, times=None)
    with pytest.raises(TransientError):
        written(world, write=False)
    world.sandbox.ipaas_faults.clear()

    assert {each.found.verdict for each in written(world, write=False)} == {"as assumed", "not testable"}


def test_wrong_credentials_are_not_kept(world: World) -> None:
    world.variables["IPAAS_PASSWORD"] = "wrong"
    assert "not handled" in {each.found.verdict for each in written(world, write=False)}
    world.variables.pop("IPAAS_PASSWORD")

    assert {each.found.verdict for each in written(world, write=False)} == {"as assumed", "not testable"}


def test_a_probe_of_akeneo_goes_on(tmp_path: Path) -> None:
    with Sandbox() as sandbox, closing(World(sandbox, tmp_path)) as world:
        whole = outcomes(read(world))
        requests = sandbox.akeneo_counters.total
        for at in range(20, 70, 24):
            sandbox.akeneo_faults.add("reset_connection", after=at, times=None)
            with pytest.raises(TransientError):
                read(world)
            sandbox.akeneo_faults.clear()
            sandbox.akeneo_counters.reset()
            resumed = read(world)

            assert outcomes(resumed) == whole
            assert any(each.is_earlier for each in resumed)
            assert at + sandbox.akeneo_counters.total <= requests + _ASKED_AGAIN


def test_a_probe_that_is_interrupted_on_both_sides_needs_less_than_200_requests(tmp_path: Path) -> None:
    with Sandbox() as sandbox, closing(World(sandbox, tmp_path)) as world:
        # Here, most has to be asked again.
        sandbox.akeneo_faults.add("reset_connection", after=69, times=None)
        sandbox.ipaas_faults.add("reset_connection", after=22, times=None)
        with pytest.raises(TransientError):
            read(world)
        with pytest.raises(TransientError):
            written(world, write=False)
        sandbox.akeneo_faults.clear()
        sandbox.ipaas_faults.clear()
        assert any(each.is_earlier for each in read(world))
        assert any(each.is_earlier for each in written(world, write=False))

        assert sandbox.akeneo_counters.total + sandbox.ipaas_counters.total < MOST_REQUESTS


def test_a_new_version_of_akeneo_is_probed_from_the_beginning(tmp_path: Path) -> None:
    with Sandbox() as sandbox, closing(World(sandbox, tmp_path)) as world:
        sandbox.akeneo_faults.add("reset_connection", after=20, times=None)
        with pytest.raises(TransientError):
            read(world)
        sandbox.akeneo_faults.clear()
        sandbox.akeneo.switches.version = "20261201000000"

        assert not any(each.is_earlier for each in read(world))


@pytest.mark.parametrize("shared", [True, False], ids=["one state", "two states"])
def test_two_probes_at_once_do_not_disturb_each_other(
    world: World, whole: tuple[int, list[Result]], tmp_path: Path, shared: bool
) -> None:
    fill(world)
    (tmp_path / "other").mkdir()
    worlds = [world, world if shared else World(world.sandbox, tmp_path / "other")]
    # Both are in the middle of writing when the other one begins to clean up.
    together = threading.Barrier(2)

    def run(one: World) -> list[Result]:
        with closing(one.engine()) as engine:
            results = []
            for result in IpaasProbe(engine).run(write=True):
                results.append(result)
                if result.fact in (WRITING[0], WRITING[12]):
                    together.wait(timeout=60)
            return results

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(run, worlds))

    for results in found:
        assert outcomes(results) == outcomes(whole[1])
    for one in worlds:
        assert_nothing_is_left(one)
    if not shared:
        worlds[1].close()


def test_the_records_of_a_probe_that_runs_are_left_alone(world: World) -> None:
    fill(world)
    with closing(world.engine()) as engine:
        running = IpaasProbe(engine).run(write=True)
        while next(running).fact.key != "ipaas.write.model":
            pass
        made = names_of_active(world)
        written(world)

        assert names_of_active(world) == made
        assert IpaasProbe(engine).left_over == 0
        assert all(each.found.verdict != "not handled" for each in running)
    assert_nothing_is_left(world)


def names_of_active(world: World) -> set[str]:
    own = (each for each in world.ipaas.products() if each["sku"].startswith(PREFIX))
    return {each["sku"] for each in own if each["status"] != "Disabled"}
