from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets_tests.scenarios.polling import Clock
from akeneo_assets_tests.scenarios.small_world import SmallWorld, loaded_state
from akeneo_assets_tests.scenarios.world import World, full_load


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The sample catalogue, an empty iPaaS.com, and no state."""
    yield from _world(tmp_path_factory)


@pytest.fixture(scope="package")
def loaded_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The sample catalogue after one full load; read-only."""
    for world in _world(tmp_path_factory):
        full_load(world.engine())
        yield world


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The time, which the test moves forward; it starts an hour after the full load."""
    clock = Clock()
    clock.pass_time(3600.0)
    monkeypatch.setattr(time, "time", clock)
    return clock


@pytest.fixture
def synced(tmp_path: Path, clock: Clock) -> Iterator[World]:
    """A small part of the sample catalogue after a full load; iPaaS.com is up to date."""
    folder = tmp_path / "state"
    shutil.copytree(loaded_state(), folder)
    with SmallWorld(folder, clock) as world:
        yield world


@pytest.fixture
def fresh(tmp_path: Path, clock: Clock) -> Iterator[World]:
    """A small part of the sample catalogue, an empty iPaaS.com, and no state; the test moves the time."""
    with SmallWorld(tmp_path / "fresh", clock) as world:
        yield world


@pytest.fixture
def small_world(tmp_path: Path) -> Iterator[World]:
    """A small part of the sample catalogue, an empty iPaaS.com, and no state."""
    with SmallWorld(tmp_path / "state", Clock()) as world:
        yield world


@pytest.fixture(scope="package")
def small_content(tmp_path_factory: pytest.TempPathFactory) -> JsonObject:
    """What iPaaS.com contains after an undisturbed load of that part."""
    folder = tmp_path_factory.mktemp("undisturbed") / "state"
    shutil.copytree(loaded_state(), folder)
    with SmallWorld(folder, Clock()) as world:
        return world.content()


def _world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with Sandbox() as sandbox:
        world = World(sandbox, tmp_path_factory.mktemp("state"))
        try:
            yield world
        finally:
            world.close()
