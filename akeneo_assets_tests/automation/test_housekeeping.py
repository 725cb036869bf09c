"""Housekeeping deletes old history, and partitions are updated from Akeneo."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from akeneo_assets.assets.partitions import InstancePartitions
from akeneo_assets.store.records import Attempt, Failed
from akeneo_assets.store.store import Store
from akeneo_assets.sync.partition_keys import family_keys
from akeneo_assets_tests.automation.ticks import NAMES, launched_from, put_run
from akeneo_assets_tests.runs import execute

SUCCESS, FAILURE, STARTED = dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.STARTED
SUCCEEDED, FAILED, RETRIED, EMPTY, RUNNING = (f"changes:2026-01-02T{hour:02}" for hour in range(5))
FUTURE = "changes:2999-01-01T00"
EVERYTHING = {"delete_old_history": {"config": {"days": 0}}}


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path / 'state.db'}"
    monkeypatch.setenv("AKENEO_ASSETS_DATABASE_URL", url)
    monkeypatch.setenv("CHANGELOG_DAYS", "2")
    store = Store.open(url)
    yield store
    store.close()


def test_old_entries_of_the_changelog_are_deleted(
    instance: dg.DagsterInstance, state: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    for key, days in (("old", 3.0), ("young", 1.0)):
        with monkeypatch.context() as patched:
            patched.setattr(time, "time", lambda at=now - days * 86_400: at)
            state.ledger.fail([Failed("product", key, "500", "later", Attempt("x", "run", 1.0), retry=True)])

    assert execute("housekeeping", instance).success

    kept = {key: len(state.changelog.of_record(["product"], key, 10)) for key in ("old", "young")}
    assert kept == {"old": 0, "young": 1}


@pytest.fixture
def history(instance: dg.DagsterInstance) -> dict[str, str]:
    """Runs of all kinds, by name."""
    instance.add_dynamic_partitions(
        "catalog_batches", ["family:shoes", "family:~none", SUCCEEDED, FAILED, RETRIED, EMPTY, RUNNING, FUTURE]
    )
    return {
        "succeeded": put_run(instance, "changes", SUCCESS, SUCCEEDED),
        "failed before": put_run(instance, "changes", SUCCESS, FAILED),
        "failed": put_run(instance, "changes", FAILURE, FAILED),
        "retried before": put_run(instance, "changes", FAILURE, RETRIED),
        "retried": put_run(instance, "changes", SUCCESS, RETRIED),
        "running": put_run(instance, "changes", STARTED, RUNNING),
        "structure": put_run(instance, "structure", SUCCESS),
        "family": put_run(instance, "full_load", SUCCESS, "family:shoes"),
        "failed family": put_run(instance, "full_load", FAILURE, "family:~none"),
        "tree": put_run(instance, "categories", SUCCESS, "master"),
    }


def test_old_successful_partitions_and_runs_are_deleted_and_failed_ones_kept(
    instance: dg.DagsterInstance, history: dict[str, str]
) -> None:
    assert execute("housekeeping", instance, config=EVERYTHING).success

    kept = {name for name, run_id in history.items() if instance.has_run(run_id)}
    assert kept == {"failed before", "failed", "running", "family", "failed family", "tree"}
    assert set(instance.get_dynamic_partitions("catalog_batches")) == {
        "family:shoes",
        "family:~none",
        FAILED,
        RUNNING,
        FUTURE,
    }


def test_recent_history_is_kept(instance: dg.DagsterInstance, history: dict[str, str]) -> None:
    young = "changes:2998-12-31T23"
    instance.add_dynamic_partitions("catalog_batches", [young])

    assert execute("housekeeping", instance).success  # 30 days: the runs are new, most keys are old

    assert all(instance.has_run(run_id) for run_id in history.values())
    assert {young, FUTURE} <= set(instance.get_dynamic_partitions("catalog_batches"))


def test_runs_of_other_projects_on_the_instance_are_kept(instance: dg.DagsterInstance) -> None:
    foreign = [
        put_run(instance, "structure", SUCCESS, tags={}, remote_job_origin=launched_from("theirs", "structure")),
        put_run(instance, "orders", SUCCESS, tags={}, remote_job_origin=launched_from("akeneo_assets", "orders")),
        put_run(instance, "structure", SUCCESS, tags={}),
        put_run(instance, "changes", SUCCESS, tags={"akeneo_assets/subscription": "eu"}),
    ]
    earlier = launched_from("akeneo_assets", "structure")
    ours = put_run(instance, "structure", SUCCESS, tags={}, remote_job_origin=earlier)

    assert execute("housekeeping", instance, config=EVERYTHING).success

    assert all(instance.has_run(run_id) for run_id in foreign)
    assert not instance.has_run(ours), "a run that an earlier version started"


def test_many_runs_are_deleted(instance: dg.DagsterInstance) -> None:
    run_ids = [put_run(instance, "structure", SUCCESS) for _ in range(5)]

    assert execute("housekeeping", instance, config=EVERYTHING).success

    assert not any(instance.has_run(run_id) for run_id in run_ids)


def test_partitions_follow_akeneo_and_keep_the_keys_of_changes(instance: dg.DagsterInstance) -> None:
    instance.add_dynamic_partitions("catalog_batches", [*family_keys(["shoes", "lamps"]), SUCCEEDED, FUTURE])

    added = InstancePartitions(instance, NAMES).update_families(family_keys(["shoes", "sofas"]))

    assert added == 1
    assert set(instance.get_dynamic_partitions("catalog_batches")) == {
        "family:shoes",
        "family:sofas",
        "family:~none",
        SUCCEEDED,
        FUTURE,
    }
