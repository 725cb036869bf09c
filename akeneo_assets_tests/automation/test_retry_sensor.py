"""The sensor ``retries``: failed records and partitions are retried with growing pauses, a limited number of times."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timezone
from itertools import pairwise

import dagster as dg
import pytest

from akeneo_assets.automation.own_runs import OwnRuns
from akeneo_assets.automation.runs import failed_partitions
from akeneo_assets.sandbox.catalogue.records import value
from akeneo_assets.settings import DATABASE_SETTING
from akeneo_assets.store.records import Attempt, Failed, SourceRecord
from akeneo_assets.store.store import Store
from akeneo_assets.sync.partition_keys import changes_key
from akeneo_assets_tests.automation.ticks import NAMES, REPOSITORY, Ticking, put_run
from akeneo_assets_tests.runs import execute
from akeneo_assets_tests.scenarios.polling import Clock
from akeneo_assets_tests.scenarios.world import World
from akeneo_assets_tests.shell import Shell
from akeneo_assets_tests.state import put_empty_state

FAILED, SUCCESS = dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.SUCCESS
NOTHING = "No failed record is due for retry."
OLD_KEY = "changes:2026-01-02T03"


@pytest.fixture
def store(shell: Shell) -> Iterator[Store]:
    """A state with one category tree, in which nothing is due."""
    put_empty_state(shell.folder / "state.db")
    url = f"sqlite:///{shell.folder / 'state.db'}"
    shell.set({DATABASE_SETTING: url})
    opened = Store.open(url)
    records = [
        SourceRecord("category", "master", {}, "h"),
        SourceRecord("category", "mugs", {}, "h", parent="master"),
        SourceRecord("product", "straw-hat", {}, "h"),
    ]
    opened.mirror.merge(records, partition_key="x", read_at=1.0)
    yield opened
    opened.close()


@pytest.fixture
def retrying(store: Store, instance: dg.DagsterInstance) -> Ticking:
    """The sensor ``retries``, with a catalogue that receives no requests."""
    del store
    instance.add_dynamic_partitions("category_trees", ["master"])
    instance.add_dynamic_partitions("catalog_batches", ["family:sets", "family:sofas"])
    return Ticking(REPOSITORY.get_sensor_def("retries"), instance)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The current time, which the test moves forward."""
    clock = Clock()
    monkeypatch.setattr(time, "time", clock)
    return clock


def fail(store: Store, kind: str, key: str) -> None:
    row = Failed(kind, key, "500", "later", Attempt("x", "run", time.time()), retry=True)
    store.ledger.fail([row])


def test_failed_records_are_retried_when_they_are_due(store: Store, retrying: Ticking, clock: Clock) -> None:
    fail(store, "product", "straw-hat")
    fail(store, "category", "mugs")
    assert retrying.skipped() == NOTHING
    clock.pass_time(20 * 60 + 1)
    key = changes_key(datetime.fromtimestamp(clock(), timezone.utc))

    assert retrying.requested() == [("categories", "master"), ("deliver_due", key)]
    assert key in retrying.instance.get_dynamic_partitions("catalog_batches")


def test_a_failed_category_of_a_deleted_tree_does_not_block_other_retries(
    store: Store, retrying: Ticking, clock: Clock
) -> None:
    retrying.instance.delete_dynamic_partition("category_trees", "master")
    fail(store, "category", "mugs")
    clock.pass_time(20 * 60 + 1)

    assert retrying.skipped() == NOTHING


def test_a_record_is_no_longer_retried_after_ten_attempts(store: Store, retrying: Ticking, clock: Clock) -> None:
    key = "straw-hat"
    pauses = []
    for _ in range(10):
        failed_at = clock()
        fail(store, "product", key)
        entry = store.ledger.entries("product", [key])[key]
        if entry.next_retry_at is None:
            break
        pauses.append(round((entry.next_retry_at - failed_at) / 60))
        clock.pass_time(entry.next_retry_at - clock() + 1)
        assert store.work.is_any_due_for_retry(["product"])

    assert pauses == [20, 60, 120, 200, 300, 420, 560, 720, 900]
    clock.pass_time(30 * 86_400)
    assert retrying.skipped() == NOTHING
    assert store.work.retry_now([key]) == 1, "a user can still request it"


def test_a_failed_partition_is_retried_until_it_succeeds(
    world: World, shell: Shell, instance: dg.DagsterInstance, clock: Clock
) -> None:
    retrying = Ticking(REPOSITORY.get_sensor_def("retries"), instance)
    retrying.instance.add_dynamic_partitions("catalog_batches", [OLD_KEY])
    name = f"Strohhut {time.time_ns()}"
    world.edit.save_product("straw-hat", {"values": {"name": [value(name, locale="de_DE")]}})
    shell.set({"AKENEO_PASSWORD": "wrong"})
    assert not execute("changes", retrying.instance, partition_key=OLD_KEY).success
    shell.set(world.environment())
    assert retrying.skipped() == NOTHING, "it has just failed"
    clock.pass_time(61)

    assert retrying.requested() == [("changes", OLD_KEY)]

    assert execute("changes", retrying.instance, partition_key=OLD_KEY).success
    assert world.product("straw-hat")["name"] == name
    assert failed_partitions(OwnRuns(retrying.instance, NAMES)) == []


@pytest.mark.parametrize(
    ("failed", "key", "expected"),
    [
        ("full_load", "family:sofas", ("full_load", "family:sofas")),
        ("deliver_due", "family:sofas", ("deliver_due", "family:sofas")),
        ("__ASSET_JOB", "family:sofas", ("full_load", "family:sofas")),
        ("__ASSET_JOB", OLD_KEY, ("changes", OLD_KEY)),
        ("deliver_due", OLD_KEY, ("deliver_due", OLD_KEY)),
        ("categories", "master", ("categories", "master")),
        ("__ASSET_JOB", "master", ("categories", "master")),
    ],
)
def test_each_failed_partition_is_retried_by_the_right_job(
    retrying: Ticking, clock: Clock, failed: str, key: str, expected: tuple[str, str]
) -> None:
    retrying.instance.add_dynamic_partitions("catalog_batches", [OLD_KEY])
    put_run(retrying.instance, failed, FAILED, key)
    clock.pass_time(3600)

    assert retrying.requested() == [expected]


@pytest.mark.parametrize("key", [OLD_KEY, "family:no_more", "no_such_tree"])
def test_a_deleted_partition_is_not_retried(retrying: Ticking, clock: Clock, key: str) -> None:
    put_run(retrying.instance, "full_load", FAILED, key)
    clock.pass_time(3600)

    assert retrying.skipped() == NOTHING


def test_many_deleted_partitions_do_not_block_the_retry_of_others(retrying: Ticking, clock: Clock) -> None:
    put_run(retrying.instance, "full_load", FAILED, "family:sofas")
    for number in range(10):
        put_run(retrying.instance, "full_load", FAILED, f"family:no_more_{number}")
    clock.pass_time(3600)

    assert retrying.requested() == [("full_load", "family:sofas")]


def test_a_partition_that_was_read_again_no_longer_counts_as_failed(retrying: Ticking, clock: Clock) -> None:
    put_run(retrying.instance, "full_load", FAILED, "family:sofas")
    put_run(retrying.instance, "full_load", SUCCESS, "family:sofas")
    put_run(retrying.instance, "full_load", FAILED, "family:sets")
    put_run(retrying.instance, "deliver_due", SUCCESS, "family:sets")
    clock.pass_time(3600)

    assert retrying.requested() == [("full_load", "family:sets")], "nothing was read in between"


def test_the_pause_grows_and_ends_after_eight_failures(retrying: Ticking, clock: Clock) -> None:
    pauses = []
    for _ in range(8):
        put_run(retrying.instance, "full_load", FAILED, "family:sofas")
        (partition,) = failed_partitions(OwnRuns(retrying.instance, NAMES))
        pauses.append(partition.not_before)
        clock.pass_time(1801)
        assert retrying.requested() == [("full_load", "family:sofas")]
    grown = [round(later - earlier, -1) for earlier, later in pairwise(pauses)]
    assert grown == [60, 120, 240, 480, 840, 0, 0]

    put_run(retrying.instance, "full_load", FAILED, "family:sofas")
    clock.pass_time(86_400)
    assert retrying.skipped() == NOTHING


def test_a_failed_backfill_is_retried_a_few_partitions_at_a_time(retrying: Ticking, clock: Clock) -> None:
    families = [f"family:f{number:02}" for number in range(15)]
    retrying.instance.add_dynamic_partitions("catalog_batches", families)
    for family in families:
        put_run(retrying.instance, "full_load", FAILED, family)
    clock.pass_time(3600)

    assert len(retrying.requested()) == 10


def test_nothing_is_requested_while_a_run_is_in_progress(retrying: Ticking, clock: Clock) -> None:
    put_run(retrying.instance, "full_load", FAILED, "family:sofas")
    put_run(retrying.instance, "changes", dg.DagsterRunStatus.STARTED, OLD_KEY)
    clock.pass_time(3600)

    assert "A run is in progress" in retrying.skipped()
