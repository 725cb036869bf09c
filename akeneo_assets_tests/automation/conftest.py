from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from akeneo_assets.automation.change_sensor import akeneo_changes
from akeneo_assets.automation.mapping_sensor import mapping_changes
from akeneo_assets.automation.retry_sensor import retries
from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets.sync.partition_keys import family_keys
from akeneo_assets_tests.automation.ticks import Ticking
from akeneo_assets_tests.scenarios.polling import Clock, poll
from akeneo_assets_tests.scenarios.small_world import SmallWorld, loaded_state
from akeneo_assets_tests.scenarios.world import World, full_load
from akeneo_assets_tests.shell import Shell


@pytest.fixture(scope="package")
def _world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with Sandbox() as sandbox:
        world = World(sandbox, tmp_path_factory.mktemp("state"))
        try:
            full_load(world.engine())
            yield world
        finally:
            world.close()


@pytest.fixture
def world(_world: World, shell: Shell) -> Iterator[World]:
    """The sample catalogue with everything delivered, and the settings that point to it."""
    engine = _world.engine()
    poll(engine)
    engine.close()
    shell.set(_world.environment())
    yield _world
    _world.sandbox.akeneo_faults.clear()


@pytest.fixture
def own_world(tmp_path: Path, shell: Shell) -> Iterator[World]:
    """A part of the sample catalogue, loaded, that a test may damage."""
    folder = tmp_path / "world"
    shutil.copytree(loaded_state(), folder)
    with SmallWorld(folder, Clock()) as world:
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
    engine = world.engine()
    instance.add_dynamic_partitions("category_trees", engine.category_roots())
    instance.add_dynamic_partitions("catalog_batches", family_keys(engine.families()))
    return instance


@pytest.fixture
def changes(loaded_instance: dg.DagsterInstance) -> Ticking:
    """The sensor of changes."""
    return Ticking(akeneo_changes, loaded_instance)


@pytest.fixture
def mapping(loaded_instance: dg.DagsterInstance) -> Ticking:
    """The sensor of mapping changes."""
    return Ticking(mapping_changes, loaded_instance)


@pytest.fixture
def retrying(loaded_instance: dg.DagsterInstance) -> Ticking:
    """The sensor of retries."""
    return Ticking(retries, loaded_instance)
