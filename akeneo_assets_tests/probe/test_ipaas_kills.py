"""A probe that is killed at any request leaves nothing active behind after the next one."""

from __future__ import annotations

import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from typing import Final

import pytest

from akeneo_assets.errors import TransientError
from akeneo_assets.ipaas.client import IPAAS
from akeneo_assets.probe.ipaas.own_records import PREFIX
from akeneo_assets.probe.ipaas.probe import IpaasProbe
from akeneo_assets.sandbox.faults import FaultKind
from akeneo_assets.sandbox.ipaas.catalog_bodies import ProductBody
from akeneo_assets.sandbox.ipaas.identifiers import CATEGORY, PRODUCT, VARIANT
from akeneo_assets.sandbox.ipaas.state import SUBSCRIPTION_ID
from akeneo_assets_tests.scenarios.world import World
from akeneo_assets_tests.shell import Shell

REQUESTS: Final = 136
WRITES: Final = 65
EVERY: Final = 31
"""The suite kills the probe at some requests, and the exhaustive tests at each."""


def assert_nothing_is_left(world: World) -> None:
    products = [each for each in world.ipaas.products() if each["sku"].startswith(PREFIX)]
    records = [*products, *(variant for each in products for variant in each["variants"])]
    assert {each["status"] for each in records} <= {"Disabled"}
    assert [each["external_ids"] for each in records if each["external_ids"]] == []
    assert world.ipaas.categories() == []
    for table in (PRODUCT, VARIANT, CATEGORY):
        linked = [key for key in world.ipaas.links._shelf if f'"{table}","{SUBSCRIPTION_ID}"' in key]
        assert linked == []
    assert world.engine().store.probe_records.left() == []


def at_some(number: int) -> list[object]:
    """Return all numbers below one; only some of them belong to the suite."""
    return [
        each if each % EVERY == 0 else pytest.param(each, marks=pytest.mark.exhaustive) for each in range(1, number)
    ]


@pytest.mark.parametrize("at", at_some(REQUESTS))
def test_killed_before_a_request(world: World, at: int) -> None:
    check_kill(world, "reset_connection", at)


@pytest.mark.parametrize("at", at_some(WRITES))
def test_killed_after_a_write_whose_response_is_lost(world: World, at: int) -> None:
    check_kill(world, "lose_response", at)


def test_the_numbers_above_are_those_of_all_requests(world: World) -> None:
    lost = world.sandbox.ipaas_faults.add("lose_response", after=10_000)
    list(IpaasProbe(world.engine()).run(write=True))
    assert (world.sandbox.ipaas_counters.total, lost._seen) == (REQUESTS, WRITES)


@pytest.mark.parametrize("parameters", [{"action", "Sku"}, {"action", "Sku", "Name"}, None])
def test_records_that_cannot_be_found_again_are_kept_in_mind(world: World, parameters: set[str] | None) -> None:
    if parameters is None:
        world.sandbox.ipaas_faults.forbid("product.list")
    else:
        common = {"name": "Own", "type": "Physical", "tracking_method": "Product", "status": "Active"}
        body = {**common, "sku": "own", "default_price": 0}
        world.ipaas.product_records.save(ProductBody.model_validate(body))
        world.ipaas.switches.ignored_parameters = frozenset(parameters)
    probing = IpaasProbe(world.engine())
    list(probing.run(write=True))
    assert probing.uncleaned
    assert probing.left_over

    world.sandbox.ipaas_faults.clear()
    world.ipaas.switches.ignored_parameters = frozenset()
    again = IpaasProbe(world.engine())
    list(again.run(write=True))
    assert (again.uncleaned, again.left_over) == ([], 0)
    assert_nothing_is_left(world)
    assert [each["status"] for each in world.ipaas.products() if each["sku"] == "own"] == ["Active"] * bool(parameters)


@pytest.mark.end_to_end
@pytest.mark.parametrize(
    ("at", "is_carried_out"),
    [
        pytest.param(33, True, id="a category"),
        pytest.param(39, False, id="before a model"),
        pytest.param(39, True, id="a model"),
        pytest.param(74, True, id="a deactivation"),
        pytest.param(96, False, id="before the first record is cleaned up"),
        pytest.param(126, True, id="the last but one is cleaned up"),
    ],
)
def test_the_process_is_killed_while_a_write_is_on_its_way(
    world: World, shell: Shell, at: int, is_carried_out: bool
) -> None:
    shell.set(world.environment())
    waiting = world.sandbox.ipaas_faults.add("late_response" if is_carried_out else "slow", after=at, seconds=300)
    process = shell.start("akeneo-assets", "probe", "--side", "ipaas", "--write", "--yes")
    try:
        until(lambda: waiting.fired)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert world.ipaas.categories() != []
    let_leases_expire(world)

    probed = shell.call("probe", "--side", "ipaas", "--write", "--yes")

    assert (probed.code, "(earlier)" in probed.text) == (0, True)
    assert_nothing_is_left(world)


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def let_leases_expire(world: World) -> None:
    """Let all leases expire, as if the next probe began later."""
    with closing(sqlite3.connect(world.database_url.removeprefix("sqlite:///"), timeout=60)) as state, state:
        (held,) = state.execute("SELECT count(*) FROM probe_runs WHERE held_until > 0").fetchone()
        assert held == 1
        state.execute("UPDATE probe_runs SET held_until = 0")


def check_kill(world: World, kind: FaultKind, at: int) -> None:
    world.sandbox.ipaas_faults.add(kind, after=at, times=None)
    with pytest.raises(TransientError):
        list(IpaasProbe(world.engine()).run(write=True))
    assert world.engine().store.capabilities.of(IPAAS.name) is None
    world.sandbox.ipaas_faults.clear()

    found = list(IpaasProbe(world.engine()).run(write=True))

    assert [each.fact.key for each in found if each.found.verdict in {"handled", "not handled"}] == []
    assert_nothing_is_left(world)
