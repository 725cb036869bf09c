"""Fixtures of everything that a user starts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from akeneo_assets_tests.shell import Shell


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A shell in an empty folder, with no variable of the settings set."""
    return Shell(tmp_path, monkeypatch)


def pytest_xdist_auto_num_workers() -> int:
    """Use twice as many processes as cores: a good part of the time of these tests is waiting for servers."""
    return 2 * (os.cpu_count() or 1)
