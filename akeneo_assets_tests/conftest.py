"""Fixtures of everything that a user can start."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest

from akeneo_assets.cli.workers import IMPORTED_ONCE
from akeneo_assets_tests import speed
from akeneo_assets_tests.shell import Shell


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A shell in an empty folder, without any environment variable of the settings."""
    return Shell(tmp_path, monkeypatch)


def pytest_configure() -> None:
    """Speed up the workers of the command line like this process."""
    IMPORTED_ONCE.append(speed.__name__)


def pytest_xdist_auto_num_workers() -> int:
    """Return the number of processes for ``-n auto``: one more than there are cores, because tests wait for servers."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Test the folder with the shortest files last, so that no worker ends long after the others."""
    items.sort(key=lambda item: "mapping" in item.path.relative_to(Path(__file__).parent).parts)


def pytest_collection_finish() -> None:
    """Exclude all imports from garbage collection: Dagster alone has a million objects."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)
