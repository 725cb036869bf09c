from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest
from sqlalchemy import create_engine, delete, make_url, text, update

from akeneo_assets.store.schema import counter, metadata
from akeneo_assets.store.store import Store
from akeneo_assets_tests.state import put_empty_state
from akeneo_assets_tests.store.postgres import running_server

_NUMBERS = itertools.count()


class NewDatabase(Protocol):
    """Returns the URL of a database without rows: an empty one, or one with current tables."""

    def __call__(self, *, migrated: bool) -> str: ...


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def new_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewDatabase]:
    if request.param == "sqlite":
        folder = tmp_path_factory.mktemp("databases")

        def new_file(*, migrated: bool) -> str:
            path = folder / f"{next(_NUMBERS)}.db"
            if migrated:
                put_empty_state(path)
            return f"sqlite:///{path}"

        yield new_file
        return
    with running_server() as server:
        engine = create_engine(server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("ALTER SYSTEM SET fsync = off"))
            connection.execute(text("SELECT pg_reload_conf()"))

        def create() -> str:
            # For the store, a schema is equivalent to a database, and it is created much faster.
            schema = f"test_{next(_NUMBERS)}"
            with engine.connect() as connection:
                connection.execute(text(f"CREATE SCHEMA {schema}"))
            url = make_url(server).update_query_dict({"options": f"-csearch_path={schema}"})
            return url.render_as_string(hide_password=False)

        # Migrating one takes a third of a second, emptying it again a hundredth.
        kept = create()
        Store.open(kept).close()
        owner = create_engine(kept)

        def new_schema(*, migrated: bool) -> str:
            if not migrated:
                return create()
            with owner.begin() as connection:
                for table in metadata.sorted_tables:
                    connection.execute(update(table).values(value=1) if table is counter else delete(table))
            return kept

        yield new_schema
        owner.dispose()
        engine.dispose()


@pytest.fixture
def database_url(request: pytest.FixtureRequest, new_database: NewDatabase) -> str:
    """The URL of a database: empty, unless the test has it open as its store.

    Every test that uses it runs on SQLite and on PostgreSQL.
    """
    return new_database(migrated="store" in request.fixturenames)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    opened = Store.open(database_url)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'state.db'}"
