"""Fixtures of everything that a user starts."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from akeneo_assets_tests.shell import Shell


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A shell in an empty folder, with no variable of the settings set."""
    return Shell(tmp_path, monkeypatch)


def pytest_configure() -> None:
    """Compile each statement once a process: every engine would compile its own, and tests open thousands of them."""
    first: Any = create_engine("sqlite://")
    # SQLAlchemy learns at the first connection what this SQLite can do.
    first.connect().close()

    def share(_: type[SQLiteDialect_pysqlite], engine: Engine) -> None:
        engine.dialect = engine.pool._dialect = first.dialect
        engine._compiled_cache = first._compiled_cache

    SQLiteDialect_pysqlite.engine_created = classmethod(share)  # type: ignore[assignment, method-assign]


def pytest_collection_finish() -> None:
    """Leave what was imported out of every later collection of garbage: Dagster alone is a million objects."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)
