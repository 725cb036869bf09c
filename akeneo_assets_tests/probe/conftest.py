from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets_tests.scenarios.conftest import small_content, small_world
from akeneo_assets_tests.scenarios.world import World

__all__ = ["small_content", "small_world"]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """An empty iPaaS.com, and no state."""
    with Sandbox(catalogue="empty") as sandbox:
        world = World(sandbox, tmp_path)
        yield world
        world.close()
