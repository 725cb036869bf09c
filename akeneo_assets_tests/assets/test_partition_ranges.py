"""Runs of a backfill that sync several families: each family is shown, checked and retried by itself."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.data_version import CachingStaleStatusResolver, StaleStatus
from dagster._core.events import AssetMaterializationPlannedData, DagsterEvent
from dagster._core.loader import LoadingContextForTest
from dagster._core.storage.tags import ASSET_PARTITION_RANGE_END_TAG, ASSET_PARTITION_RANGE_START_TAG

from akeneo_assets.automation.own_runs import OwnRuns
from akeneo_assets.automation.runs import failed_partitions
from akeneo_assets.automation.settled_hours import remove_settled_hours
from akeneo_assets.definitions import defs
from akeneo_assets.sandbox.catalogue.records import value
from akeneo_assets_tests.automation.ticks import NAMES, REPOSITORY, Ticking, put_run
from akeneo_assets_tests.runs import execute, failures
from akeneo_assets_tests.runs import instance as local_instance
from akeneo_assets_tests.scenarios.polling import Clock
from akeneo_assets_tests.scenarios.small_world import SmallWorld, loaded_state
from akeneo_assets_tests.scenarios.world import World
from akeneo_assets_tests.shell import Shell

HOUR = "changes:2026-01-02T03"
FAMILIES = ("family:sets", "family:tableware")
PRODUCTS = dg.AssetKey(["ipaas", "products"])
DELIVERED = dg.AssetCheckKey(PRODUCTS, "all_delivered")
RANGE = {
    **NAMES.run_tags,
    ASSET_PARTITION_RANGE_START_TAG: FAMILIES[0],
    ASSET_PARTITION_RANGE_END_TAG: FAMILIES[1],
}


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A small catalogue with everything delivered, and the settings that point to it."""
    folder = tmp_path / "world"
    shutil.copytree(loaded_state(shows_all=False), folder)
    with SmallWorld(folder, Clock(), shows_all=False) as world:
        Shell(folder, monkeypatch).set(world.environment())
        yield world


@pytest.fixture
def instance(world: World, tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    del world
    with local_instance(str(tmp_path)) as opened:
        opened.add_dynamic_partitions("catalog_batches", list(FAMILIES))
        assert not failures(execute("structure", opened))
        yield opened


def partitions_shown(instance: dg.DagsterInstance, asset: str) -> list[str | None]:
    """Return the partitions of an asset that were materialized, each as often as it was."""
    wanted = dg.AssetRecordsFilter(asset_key=dg.AssetKey(asset.split("/")))
    found = [record.partition_key for record in instance.fetch_materializations(wanted, limit=100).records]
    return sorted(found, key=str)


def stale(instance: dg.DagsterInstance) -> set[str]:
    graph = defs.resolve_asset_graph()
    resolver = CachingStaleStatusResolver(instance, graph, LoadingContextForTest(instance))
    return {
        f"{key.to_user_string()} {family}"
        for key in graph.materializable_asset_keys
        if getattr(graph.get(key).partitions_def, "name", None) == "catalog_batches"
        for family in FAMILIES
        if resolver.get_status(key, family) != StaleStatus.FRESH
    }


def test_each_family_of_a_run_is_shown_by_itself_and_nothing_is_stale(instance: dg.DagsterInstance) -> None:
    run = execute("full_load", instance, tags=RANGE)

    assert run.success
    assert partitions_shown(instance, "akeneo/products") == list(FAMILIES)
    logged = [entry.message for entry in instance.all_logs(run.run_id)]
    assert any(line.startswith("ipaas/products family:sets to family:tableware (2 partitions): ") for line in logged)
    assert partitions_shown(instance, "ipaas/products") == list(FAMILIES)
    assert stale(instance) == set()
    assert OwnRuns(instance, NAMES).partitions_of(run.dagster_run) == list(FAMILIES)
    found = {
        family: instance.fetch_materializations(
            dg.AssetRecordsFilter(asset_key=dg.AssetKey(["akeneo", "products"]), asset_partitions=[family]), limit=1
        )
        .records[0]
        .asset_materialization
        for family in FAMILIES
    }
    tags = [made.tags["dagster/data_version"] for made in found.values() if made is not None and made.tags]
    assert len(set(tags)) == len(FAMILIES), "each family has a data version of its own"

    # A run of one family goes on from there.
    assert execute("full_load", instance, partition_key=FAMILIES[0]).success
    assert stale(instance) == set()


def test_the_checks_of_a_run_say_which_family_has_a_problem(world: World, instance: dg.DagsterInstance) -> None:
    world.sandbox.ipaas_faults.add("server_error", method="PUT", status=422, times=None)
    world.edit.save_product("mug-white", {"values": {"name": [value("Andere Tasse", locale="de_DE")]}})

    assert execute("full_load", instance, tags=RANGE).success

    shown = instance.event_log_storage.get_asset_check_partition_info([DELIVERED])
    assert {info.partition_key: info.latest_execution_status.value for info in shown if info.partition_key} == {
        "family:sets": "SUCCEEDED",
        "family:tableware": "FAILED",
    }
    assert all(info.is_current for info in shown)
    latest = instance.event_log_storage.get_latest_asset_check_execution_by_key([DELIVERED])[DELIVERED]
    assert latest.status.value == "FAILED", "Dagster shows the latest one for the asset as a whole"


def test_if_a_family_fails_the_ones_before_it_are_shown_and_each_is_retried_alone(
    world: World, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr(time, "time", clock)
    world.sandbox.akeneo_faults.add("server_error", path="tableware", times=None)

    run = execute("full_load", instance, tags=RANGE)

    assert not run.success
    assert partitions_shown(instance, "akeneo/products") == ["family:sets"]
    assert [each.key for each in failed_partitions(OwnRuns(instance, NAMES))] == list(FAMILIES)
    clock.pass_time(61)
    retrying = Ticking(REPOSITORY.get_sensor_def("retries"), instance)
    assert retrying.requested() == [("full_load", family) for family in FAMILIES]

    assert execute("full_load", instance, partition_key=FAMILIES[0]).success
    assert [each.key for each in failed_partitions(OwnRuns(instance, NAMES))] == ["family:tableware"]


def test_an_hour_is_settled_if_a_later_run_of_several_partitions_succeeded(instance: dg.DagsterInstance) -> None:
    instance.add_dynamic_partitions("catalog_batches", [HOUR])
    put_run(instance, "changes", dg.DagsterRunStatus.FAILURE, HOUR)
    runs = OwnRuns(instance, NAMES)
    assert remove_settled_hours(runs) == 0
    tags = {**NAMES.run_tags, ASSET_PARTITION_RANGE_START_TAG: FAMILIES[0], ASSET_PARTITION_RANGE_END_TAG: HOUR}
    put_run(instance, "__ASSET_JOB", dg.DagsterRunStatus.SUCCESS, tags=tags)
    (latest,) = instance.get_run_records(limit=1)
    planned = AssetMaterializationPlannedData(PRODUCTS, partition=HOUR)
    event = DagsterEvent.build_asset_materialization_planned_event("__ASSET_JOB", "ipaas__products", planned)
    instance.report_dagster_event(event, latest.dagster_run.run_id)

    assert remove_settled_hours(runs) == 1


def test_runs_of_families_are_kept_by_housekeeping(instance: dg.DagsterInstance) -> None:
    run_id = execute("full_load", instance, tags=RANGE).run_id

    config = {"delete_old_history": {"config": {"days": -1}}}
    assert execute("housekeeping", instance, config=config).success

    assert instance.get_run_by_id(run_id) is not None
