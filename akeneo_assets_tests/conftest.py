"""Fixtures of everything that a user starts."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest

from akeneo_assets_tests.shell import Shell


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A shell in an empty folder, with no variable of the settings set."""
    return Shell(tmp_path, monkeypatch)


def pytest_xdist_auto_num_workers() -> int:
    """Use one process more than there are cores: a part of the time of these tests is waiting for servers."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_finish() -> None:
    """Leave what was imported out of every later collection of garbage: Dagster alone is a million objects."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)
