"""The asset ``in_sync``: fresh while changes can reach iPaaS.com, and overdue when the loop stops or a side is down."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.freshness import FreshnessState
from dagster._core.definitions.freshness_evaluator import TimeWindowFreshnessPolicyEvaluator
from dagster._core.loader import LoadingContextForTest

from akeneo_assets.assets.in_sync import METADATA
from akeneo_assets_tests.automation.ticks import IN_SYNC_KEY, REPOSITORY, Ticking, put_run
from akeneo_assets_tests.scenarios.polling import Clock
from akeneo_assets_tests.scenarios.world import World

MINUTE = 60.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The time, which the test moves on."""
    clock = Clock()
    monkeypatch.setattr(time, "time", clock)
    return clock


def beat(changes: Ticking) -> tuple[str, Mapping[str, Any]]:
    """Evaluate a tick with a heartbeat, report it as the daemon does, and return what it is and its metadata."""
    changes()
    (event,) = changes.beats
    changes.instance.report_runless_asset_event(event)
    assert event.metadata.keys() <= METADATA.keys()
    return type(event).__name__, {name: value.value for name, value in event.metadata.items()}


def freshness(instance: dg.DagsterInstance) -> FreshnessState:
    """Return what Dagster's daemon finds."""
    node = REPOSITORY.asset_graph.get(IN_SYNC_KEY)
    evaluator = TimeWindowFreshnessPolicyEvaluator()
    return asyncio.run(evaluator.evaluate_freshness(LoadingContextForTest(instance), node))


def test_a_quiet_night_stays_fresh_and_a_loop_that_stands_still_is_overdue(
    world: World, changes: Ticking, clock: Clock
) -> None:
    for _ in range(6):
        assert beat(changes)[0] == "AssetMaterialization"
        clock.pass_time(MINUTE)
        changes.skipped()
        assert changes.beats == [], "at most every five minutes"
        clock.pass_time(4 * MINUTE)
        assert freshness(changes.instance) == FreshnessState.PASS
    clock.pass_time(6 * MINUTE)
    assert freshness(changes.instance) == FreshnessState.WARN
    clock.pass_time(5 * MINUTE)
    assert freshness(changes.instance) == FreshnessState.FAIL

    _, metadata = beat(changes)

    assert freshness(changes.instance) == FreshnessState.PASS
    assert {"records due": 0, "records failed": 0, "records blocked": 0}.items() <= metadata.items()
    assert 0 < metadata["akeneo requests left"] <= 1000
    assert world.sandbox.ipaas_counters.total == 0, "it opens a connection, and sends no request"


def test_it_is_overdue_while_ipaas_is_down_and_says_so(world: World, changes: Ticking, clock: Clock) -> None:
    beat(changes)
    world.sandbox._servers[1].stop()
    for _ in range(3):
        clock.pass_time(5 * MINUTE)
        kind, metadata = beat(changes)
        assert kind == "AssetObservation"
        assert metadata["problem"].startswith("iPaaS.com: 127.0.0.1 accepts no connection")

    assert freshness(changes.instance) == FreshnessState.FAIL


def test_it_beats_during_a_run_and_not_while_runs_fail(world: World, changes: Ticking) -> None:
    del world
    run_id = put_run(changes.instance, "changes", dg.DagsterRunStatus.STARTED, "changes:2026-01-02T03")
    assert beat(changes)[0] == "AssetMaterialization"
    changes.instance.delete_run(run_id)
    changes.cursor = None
    put_run(changes.instance, "changes", dg.DagsterRunStatus.FAILURE, "changes:2026-01-02T03")

    kind, metadata = beat(changes)

    assert kind == "AssetObservation"
    assert metadata["problem"].startswith("The last run failed")


def test_it_says_what_waits(world: World, changes: Ticking, clock: Clock) -> None:
    world.edit.save_product("straw-hat", {"enabled": False})
    world.engine().sync_records("product", ["straw-hat"], dry_run=True)
    clock.pass_time(MINUTE)

    kind, metadata = beat(changes)

    assert (kind, metadata["records due"]) == ("AssetMaterialization", 1)
    assert 60 <= metadata["oldest waiting edit (seconds)"] < 90
