"""Fixtures of everything that a user can start."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from akeneo_assets.http.backoff import Backoff
from akeneo_assets_tests.shell import Shell


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A shell in an empty folder, without any environment variable of the settings."""
    return Shell(tmp_path, monkeypatch)


def pytest_configure() -> None:
    """Speed up the whole suite without changing what it tests."""
    _share_compiled_statements()
    pytest.MonkeyPatch().setattr(
        "akeneo_assets.http.client.DEFAULT_BACKOFF", Backoff(initial_seconds=0.01, maximum_seconds=0.1)
    )


def pytest_xdist_auto_num_workers() -> int:
    """Return the number of processes for ``-n auto``: one more than there are cores, because tests wait for servers."""
    return (os.cpu_count() or 1) + 1


def _share_compiled_statements() -> None:
    """Compile each statement once per process; otherwise each of thousands of engines would compile its own."""
    first: Any = create_engine("sqlite://")
    # SQLAlchemy detects the features of SQLite at the first connection.
    first.connect().close()

    def share(_: type[SQLiteDialect_pysqlite], engine: Engine) -> None:
        engine.dialect = engine.pool._dialect = first.dialect
        engine._compiled_cache = first._compiled_cache

    SQLiteDialect_pysqlite.engine_created = classmethod(share)  # type: ignore[assignment, method-assign]


def pytest_collection_finish() -> None:
    """Exclude all imports from garbage collection: Dagster alone has a million objects."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)
