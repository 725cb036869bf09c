"""Fixtures of everything that a user starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from akeneo_assets_tests.shell import Shell


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A shell in an empty folder, with no variable of the settings set."""
    return Shell(tmp_path, monkeypatch)
