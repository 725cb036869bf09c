from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest
from sqlalchemy import create_engine, make_url, text

from akeneo_assets.store.store import Store
from akeneo_assets_tests.state import put_empty_state
from akeneo_assets_tests.store.postgres import running_server

_NUMBERS = itertools.count()


class NewDatabase(Protocol):
    """Returns the address of another empty database at each call."""

    def __call__(self) -> str: ...


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def new_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewDatabase]:
    if request.param == "sqlite":
        folder = tmp_path_factory.mktemp("databases")
        yield lambda: f"sqlite:///{folder / f'{next(_NUMBERS)}.db'}"
        return
    with running_server() as server:
        engine = create_engine(server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("ALTER SYSTEM SET fsync = off"))
            connection.execute(text("SELECT pg_reload_conf()"))

        def create() -> str:
            # A schema is as good as a database to the store, and much cheaper to create.
            schema = f"test_{next(_NUMBERS)}"
            with engine.connect() as connection:
                connection.execute(text(f"CREATE SCHEMA {schema}"))
            url = make_url(server).update_query_dict({"options": f"-csearch_path={schema}"})
            return url.render_as_string(hide_password=False)

        yield create
        engine.dispose()


@pytest.fixture
def database_url(new_database: NewDatabase) -> str:
    """The address of an empty database: every test that takes it runs on SQLite and on PostgreSQL."""
    return new_database()


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    url = make_url(database_url)
    if url.database and url.drivername == "sqlite":
        put_empty_state(Path(url.database))
    opened = Store.open(database_url)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'state.db'}"
