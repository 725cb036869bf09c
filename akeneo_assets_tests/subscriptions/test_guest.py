"""A subscription in another team's project: neither runs the other's assets, and nothing clashes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from akeneo_assets.cli.subscriptions import Project, project_of
from akeneo_assets.errors import ConfigurationError
from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets_tests.subscriptions.projects import EXAMPLES, execute, opened_project, variables

OURS = {
    f"shop_{job}"
    for job in (
        "structure",
        "categories",
        "full_load",
        "changes",
        "deliver_due",
        "sync_records",
        "explain_record",
        "probe",
        "id_sweep",
        "housekeeping",
        "refresh_checks",
        "verify",
    )
}


@pytest.fixture(scope="module")
def guest() -> Iterator[Project]:
    with opened_project("guest"):
        yield project_of("shop")


def test_the_merged_project_is_loadable(guest: Project) -> None:
    jobs = {job.name for job in guest.repository.get_all_jobs() if not job.name.startswith("__")}
    assert jobs == {*OURS, "structure"}
    assert {sensor.name for sensor in guest.repository.sensor_defs} == {
        "shop_akeneo_changes",
        "shop_retries",
        "shop_mapping_changes",
        "shop_alerts",
    }


def test_our_jobs_select_none_of_their_assets_and_have_their_own_executor(guest: Project) -> None:
    for name in OURS:
        job = guest.repository.get_job(name)
        keys = {key.to_user_string() for key in job.asset_layer.selected_asset_keys}
        assert all(key.startswith("shop/") for key in keys)
        assert job.executor_def == dg.in_process_executor
    assert guest.repository.get_job("structure").executor_def == dg.multiprocess_executor


def test_their_job_and_ours_both_run(
    guest: Project, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Sandbox() as sandbox, dg.DagsterInstance.ephemeral() as instance:
        monkeypatch.setenv("DAGSTER_HOME", str(tmp_path_factory.mktemp("home")))
        for variable, setting in variables(sandbox, "SHOP").items():
            monkeypatch.setenv(variable, setting)

        execute(guest.repository, "structure", instance)
        execute(guest.repository, "shop_structure", instance)

        materialized = {key.to_user_string() for key in instance.all_asset_keys()}
        assert materialized >= {"dbt_orders", "shop/akeneo/structure"}
        assert "family:shoes" in instance.get_dynamic_partitions("shop_catalog_batches")


def test_the_command_line_lists_the_existing_subscriptions(guest: Project) -> None:
    del guest
    with opened_project("guest"), pytest.raises(ConfigurationError, match=r"no subscription eu\. Choose one of shop"):
        project_of("eu")


def test_a_folder_without_a_project_is_an_error_with_the_next_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(EXAMPLES)
    project_of.cache_clear()
    with pytest.raises(ConfigurationError, match=r"in the folder of the pyproject\.toml"):
        project_of("eu")


def test_a_project_that_cannot_be_loaded_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "pyproject.toml").write_text('[tool.dagster]\nmodule_name = "broken_project"\n', encoding="utf-8")
    (tmp_path / "broken_project.py").write_text("import no_such_module\n", encoding="utf-8")
    project_of.cache_clear()
    with pytest.raises(ConfigurationError, match=r"definitions in broken_project cannot be loaded.*dg check defs"):
        project_of("eu")
