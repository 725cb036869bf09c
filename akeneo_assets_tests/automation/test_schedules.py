"""The schedules: what they ask for, in which time zone, and who switches them on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import pytest

from akeneo_assets.automation.schedules import nightly_categories, variant_sweep
from akeneo_assets.definitions import defs
from akeneo_assets.sandbox.catalogue.records import value
from akeneo_assets.settings import AUTOMATION_SETTING
from akeneo_assets_tests import runs
from akeneo_assets_tests.automation.ticks import Ticking
from akeneo_assets_tests.runs import execute
from akeneo_assets_tests.scenarios.world import World

_STATUSES = """
import json
from akeneo_assets.definitions import defs
repository = defs.get_repository_def()
states = [*repository.sensor_defs, *repository.schedule_defs]
print(json.dumps({each.name: each.default_status.value for each in states}))
"""

NAMES = {
    "akeneo_changes",
    "mapping_changes",
    "retries",
    "nightly_categories",
    "variant_sweep",
    "structure_every_ten_minutes",
    "weekly_reread",
    "weekly_id_sweep",
    "nightly_housekeeping",
}


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """An instance on files: what evaluates a schedule opens it by its reference."""
    folder = tmp_path / "instance"
    folder.mkdir()
    with runs.instance(str(folder)) as opened:
        yield opened


def requests_of(schedule: dg.ScheduleDefinition, context: dg.ScheduleEvaluationContext) -> list[dg.RunRequest]:
    return list(schedule.evaluate_tick(context).run_requests or ())


def test_the_variant_sweep_looks_back_several_days(
    world: World, changes: Ticking, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(world.sandbox.akeneo, "clock", lambda: time.time() - 3 * 86_400)
        world.edit.save_product("straw-hat", {"values": {"name": [value("Spät gelistet", locale="de_DE")]}})
    assert changes.skipped() == "Nothing changed."
    moment = datetime(2026, 3, 29, 4, 15, tzinfo=ZoneInfo("Europe/Berlin"))  # 02:15 UTC, in the night of the change
    with dg.build_schedule_context(
        instance=changes.instance, scheduled_execution_time=moment, repository_def=defs.get_repository_def()
    ) as context:
        (request,) = requests_of(variant_sweep, context)

    assert request.partition_key == "changes:2026-03-29T02"
    assert request.run_key == "sweep/changes:2026-03-29T02"
    assert "changes:2026-03-29T02" in changes.instance.get_dynamic_partitions("catalog_batches")
    assert execute(
        "changes", changes.instance, partition_key=request.partition_key, config=request.run_config["ops"]
    ).success
    assert world.product("straw-hat")["name"] == "Spät gelistet"


def test_the_nightly_categories_ask_for_every_tree_once_a_night(
    world: World, loaded_instance: dg.DagsterInstance
) -> None:
    moment = datetime(2026, 11, 24, 1, 15, tzinfo=ZoneInfo("UTC"))
    with dg.build_schedule_context(
        instance=loaded_instance, scheduled_execution_time=moment, repository_def=defs.get_repository_def()
    ) as context:
        requests = requests_of(nightly_categories, context)

    assert {request.partition_key for request in requests} == set(world.engine().category_roots())
    assert {request.run_key for request in requests} == {
        f"2026-11-24/{root}" for root in world.engine().category_roots()
    }


def test_every_schedule_has_a_time_zone_and_everything_is_off_by_default() -> None:
    repository = defs.get_repository_def()

    names = [*(sensor.name for sensor in repository.sensor_defs), *(each.name for each in repository.schedule_defs)]
    assert set(names) == NAMES
    assert all(schedule.execution_timezone for schedule in repository.schedule_defs)
    assert all(schedule.default_status == dg.DefaultScheduleStatus.STOPPED for schedule in repository.schedule_defs)
    assert all(sensor.default_status == dg.DefaultSensorStatus.STOPPED for sensor in repository.sensor_defs)


def test_the_setting_switches_everything_on() -> None:
    result = subprocess.run(
        [sys.executable, "-c", _STATUSES],
        env={**os.environ, AUTOMATION_SETTING: "on"},
        check=True,
        capture_output=True,
        text=True,
    )

    assert json.loads(result.stdout) == dict.fromkeys(NAMES, "RUNNING")
