"""Runs whose process is gone are ended with a reason, and the sensors continue."""

from __future__ import annotations

import dagster as dg
from sqlalchemy import update

from akeneo_assets.automation.own_runs import OwnRuns
from akeneo_assets.automation.runs import failed_partitions, is_in_progress, latest_failure
from akeneo_assets.sandbox.catalogue.records import value
from akeneo_assets.store.schema import run_leases
from akeneo_assets.store.store import Store
from akeneo_assets_tests.automation.ticks import NAMES, Ticking, launched_from, put_run
from akeneo_assets_tests.scenarios.world import World

STARTED = dg.DagsterRunStatus.STARTED


def status(instance: dg.DagsterInstance, run_id: str) -> dg.DagsterRunStatus | None:
    run = instance.get_run_by_id(run_id)
    return None if run is None else run.status


def end_leases(store: Store) -> None:
    """Let a lease expire."""
    with store._database.write() as connection:
        connection.execute(update(run_leases).values(held_until=0.0))


def rename(world: World) -> None:
    world.edit.save_product("straw-hat", {"values": {"name": [value("Anderer Hut", locale="de_DE")]}})


def test_a_dead_run_is_ended_as_failed_and_the_sensors_continue(
    world: World, changes: Ticking, retrying: Ticking, mapping: Ticking
) -> None:
    instance, store = changes.instance, world.engine().store
    rename(world)
    dead = [
        put_run(instance, "changes", STARTED, "changes:2026-01-02T03"),
        put_run(instance, "categories", dg.DagsterRunStatus.NOT_STARTED, "master"),
        put_run(instance, "structure", dg.DagsterRunStatus.CANCELING),
        put_run(
            instance,
            "__ASSET_JOB",
            STARTED,
            tags={"dagster/partition": "family:sofas"},
            asset_selection={dg.AssetKey(["akeneo", "products"])},
            remote_job_origin=launched_from("akeneo_assets", "__ASSET_JOB"),
        ),
    ]
    for ticking in (changes, retrying, mapping):
        assert "in progress" in ticking.skipped()
    end_leases(store)
    living = put_run(instance, "full_load", STARTED, "family:shoes")
    with store.run_leases.held(living):
        assert "in a row). The next retry is at" in changes.skipped(), "a run that failed, not one under way"
        states = [status(instance, run_id) for run_id in dead]
        assert states == [dg.DagsterRunStatus.FAILURE] * 2 + [dg.DagsterRunStatus.CANCELED, dg.DagsterRunStatus.FAILURE]
        assert status(instance, living) == STARTED
    messages = [entry.message for entry in instance.all_logs(dead[0])]
    assert any("The process of this run is gone" in message for message in messages)
    assert {partition.key for partition in failed_partitions(OwnRuns(instance, NAMES))} == {
        "changes:2026-01-02T03",
        "master",
        "family:sofas",
    }


def test_our_runs_are_found_among_many_others(instance: dg.DagsterInstance) -> None:
    failed = put_run(instance, "changes", dg.DagsterRunStatus.FAILURE, "changes:2026-01-02T03")
    for _ in range(7):
        theirs = launched_from("theirs", "changes")
        put_run(instance, "changes", dg.DagsterRunStatus.SUCCESS, tags={}, remote_job_origin=theirs)
    runs = OwnRuns(instance, NAMES)

    latest = latest_failure(runs, ["changes"])
    assert latest is not None
    assert latest.dagster_run.run_id == failed
    assert not is_in_progress(runs, ["changes"])
    assert [partition.key for partition in failed_partitions(runs)] == ["changes:2026-01-02T03"]


def test_runs_of_other_projects_on_the_instance_are_left_alone(world: World, changes: Ticking) -> None:
    instance = changes.instance
    theirs = [
        put_run(instance, "structure", STARTED, tags={}, remote_job_origin=launched_from("theirs", "structure")),
        put_run(instance, "their_job", STARTED, tags={}),
    ]
    for _ in range(2):
        changes()
        end_leases(world.engine().store)
    changes()
    assert {status(instance, run_id) for run_id in theirs} == {STARTED}
