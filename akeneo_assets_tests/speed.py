"""Importing this speeds up a process, without changing what is tested. Workers of the command line import it, too."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, create_engine
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from akeneo_assets.http import client, tokens
from akeneo_assets.http.backoff import Backoff


def _share_compiled_statements() -> None:
    """Compile each statement once per process; otherwise each of thousands of engines would compile its own."""
    first: Any = create_engine("sqlite://")
    # SQLAlchemy detects the features of SQLite at the first connection.
    first.connect().close()

    def share(_: type[SQLiteDialect_pysqlite], engine: Engine) -> None:
        engine.dialect = engine.pool._dialect = first.dialect
        engine._compiled_cache = first._compiled_cache

    SQLiteDialect_pysqlite.engine_created = classmethod(share)  # type: ignore[assignment, method-assign]


_share_compiled_statements()
client.DEFAULT_BACKOFF = Backoff(initial_seconds=0.01, maximum_seconds=0.1)  # type: ignore[attr-defined]
# Each sandbox has other credentials, and deriving a name from them is slow on purpose.
tokens.COST = 2  # type: ignore[misc]
