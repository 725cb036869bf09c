from __future__ import annotations

from collections.abc import Iterator

import pytest

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets_tests.scenarios.world import World, full_load


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The sample catalogue, an empty iPaaS.com, and no state."""
    yield from _world(tmp_path_factory)


@pytest.fixture(scope="package")
def loaded_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The sample catalogue after one full load; to look at, not to change."""
    for world in _world(tmp_path_factory):
        full_load(world.engine())
        yield world


@pytest.fixture(scope="package")
def whole_content(loaded_world: World) -> JsonObject:
    """What iPaaS.com holds after an undisturbed load."""
    return loaded_world.content()


def _world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with Sandbox() as sandbox:
        world = World(sandbox, tmp_path_factory.mktemp("state"))
        try:
            yield world
        finally:
            world.close()
