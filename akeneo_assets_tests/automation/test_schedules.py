"""The schedules: what they request, in which time zone, and how they are enabled."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import pytest

from akeneo_assets.build import build_definitions
from akeneo_assets.definitions import defs
from akeneo_assets.settings import AUTOMATION_SETTING
from akeneo_assets.subscription import Subscription
from akeneo_assets_tests import runs

NAMES = {
    "akeneo_changes",
    "alerts",
    "mapping_changes",
    "retries",
    "nightly_categories",
    "variant_sweep",
    "structure_every_ten_minutes",
    "weekly_reread",
    "weekly_id_sweep",
    "nightly_housekeeping",
    "refresh_checks_every_ten_minutes",
    "daily_verify",
}


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """An instance on disk: the evaluation of a schedule opens it by its reference."""
    folder = tmp_path / "instance"
    folder.mkdir()
    with runs.instance(str(folder)) as opened:
        yield opened


def requests_of(schedule: dg.ScheduleDefinition, context: dg.ScheduleEvaluationContext) -> list[dg.RunRequest]:
    return list(schedule.evaluate_tick(context).run_requests or ())


def test_the_variant_sweep_looks_back_several_days(instance: dg.DagsterInstance) -> None:
    moment = datetime(2026, 3, 29, 4, 15, tzinfo=ZoneInfo("Europe/Berlin"))  # 02:15 UTC, in the night of the change
    with dg.build_schedule_context(
        instance=instance, scheduled_execution_time=moment, repository_def=defs.get_repository_def()
    ) as context:
        (request,) = requests_of(defs.get_repository_def().get_schedule_def("variant_sweep"), context)

    assert request.partition_key == "changes:2026-03-29T02"
    assert request.run_key == "sweep/changes:2026-03-29T02"
    assert "changes:2026-03-29T02" in instance.get_dynamic_partitions("catalog_batches")
    validated = dg.validate_run_config(defs.resolve_job_def("changes"), request.run_config)
    assert validated["ops"]["akeneo__products"]["config"] == {"changed_since": "", "look_back": True}


def test_the_nightly_categories_request_every_tree_once_a_night(instance: dg.DagsterInstance) -> None:
    instance.add_dynamic_partitions("category_trees", ["master", "season"])
    moment = datetime(2026, 11, 24, 1, 15, tzinfo=ZoneInfo("UTC"))
    with dg.build_schedule_context(
        instance=instance, scheduled_execution_time=moment, repository_def=defs.get_repository_def()
    ) as context:
        requests = requests_of(defs.get_repository_def().get_schedule_def("nightly_categories"), context)

    assert {request.partition_key: request.run_key for request in requests} == {
        root: f"2026-11-24/{root}" for root in ("master", "season")
    }


def test_every_schedule_has_a_time_zone_and_everything_is_off_by_default() -> None:
    repository = defs.get_repository_def()

    names = [*(sensor.name for sensor in repository.sensor_defs), *(each.name for each in repository.schedule_defs)]
    assert set(names) == NAMES
    assert all(schedule.execution_timezone for schedule in repository.schedule_defs)
    assert all(schedule.default_status == dg.DefaultScheduleStatus.STOPPED for schedule in repository.schedule_defs)
    assert all(sensor.default_status == dg.DefaultSensorStatus.STOPPED for sensor in repository.sensor_defs)


def test_the_setting_enables_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(AUTOMATION_SETTING, "on")

    repository = build_definitions(Subscription.from_environment()).get_repository_def()

    states = {each.name: each.default_status.value for each in repository.sensor_defs}
    states |= {each.name: each.default_status.value for each in repository.schedule_defs}
    assert states == dict.fromkeys(NAMES, "RUNNING")
