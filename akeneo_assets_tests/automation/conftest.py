from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from akeneo_assets_tests.automation.ticks import REPOSITORY, Ticking, add_partitions
from akeneo_assets_tests.scenarios.polling import Clock
from akeneo_assets_tests.scenarios.small_world import SmallWorld, loaded_state
from akeneo_assets_tests.scenarios.world import World
from akeneo_assets_tests.shell import Shell


@pytest.fixture
def world(tmp_path: Path, shell: Shell) -> Iterator[World]:
    """A part of the sample catalogue with everything delivered, and the settings that point to it."""
    folder = tmp_path / "world"
    shutil.copytree(loaded_state(shows_all=False), folder)
    with SmallWorld(folder, Clock(), shows_all=False) as world:
        shell.set(world.environment())
        yield world


@pytest.fixture(scope="package")
def _instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as opened:
        yield opened


@pytest.fixture
def instance(_instance: dg.DagsterInstance) -> dg.DagsterInstance:
    """An instance without any run."""
    _instance.wipe()
    return _instance


@pytest.fixture
def loaded_instance(world: World, instance: dg.DagsterInstance) -> dg.DagsterInstance:
    """An instance with the partitions of the sample catalogue."""
    add_partitions(world.engine(), instance)
    return instance


@pytest.fixture
def changes(loaded_instance: dg.DagsterInstance) -> Ticking:
    """The sensor of changes."""
    return Ticking(REPOSITORY.get_sensor_def("akeneo_changes"), loaded_instance)


@pytest.fixture
def mapping(loaded_instance: dg.DagsterInstance) -> Ticking:
    """The sensor of mapping changes."""
    return Ticking(REPOSITORY.get_sensor_def("mapping_changes"), loaded_instance)


@pytest.fixture
def retrying(loaded_instance: dg.DagsterInstance) -> Ticking:
    """The sensor of retries."""
    return Ticking(REPOSITORY.get_sensor_def("retries"), loaded_instance)
