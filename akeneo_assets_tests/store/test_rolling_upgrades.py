"""A release can use the tables of the next one, so that a deployment does not have to stop the old pods first."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, MetaData, Table, text

from akeneo_assets.errors import ConfigurationError
from akeneo_assets.store.database import Database
from akeneo_assets.store.inspection import pending_of
from akeneo_assets.store.schema import HEAD, OLDEST_COMPATIBLE, VERSION_TABLE, metadata
from akeneo_assets.store.store import Store
from akeneo_assets.store.upgrade import MIGRATIONS


def expand(database: Database, *, oldest_compatible: str) -> None:
    """Change the tables as a later release may: a new table, and a new nullable column in each table."""
    with database.write() as connection:
        for name in metadata.tables:
            connection.execute(text(f"ALTER TABLE {name} ADD COLUMN of_a_later_release TEXT"))
        connection.execute(text("CREATE TABLE of_a_later_release (name TEXT)"))
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
        connection.execute(
            text("UPDATE identity SET value = :oldest WHERE name = 'oldest_compatible_version'"),
            {"oldest": oldest_compatible},
        )


def tables_after(connection: Connection, revision: str) -> dict[str, Table]:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
    found = MetaData()
    found.reflect(connection)
    return dict(found.tables)


def breaking(before: dict[str, Table], after: dict[str, Table]) -> list[str]:
    """Return what breaks code that uses the tables ``before``: what was removed, changed, or became required."""
    found = [f"{name} was removed" for name in sorted(before.keys() - after.keys())]
    for name in sorted(before.keys() & after.keys()):
        old: Any = before[name].columns
        for column in after[name].columns:
            is_optional = column.nullable or column.server_default is not None
            if column.name not in old:
                found += [] if is_optional else [f"{name}.{column.name} is new and required"]
            elif str(column.type) != str(old[column.name].type):
                found.append(f"{name}.{column.name} changed its type")
            elif old[column.name].nullable and not is_optional:
                found.append(f"{name}.{column.name} became required")
        found += [f"{name}.{column.name} was removed" for column in old if column.name not in after[name].columns]
        if before[name].primary_key.columns.keys() != after[name].primary_key.columns.keys():
            found.append(f"{name} changed its primary key")
    return found


def test_migrations_since_the_oldest_compatible_one_only_add(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'state.db'}")
    with closing(database), database.write() as connection:
        before = tables_after(connection, OLDEST_COMPATIBLE)
        assert breaking(before, tables_after(connection, HEAD)) == []


def test_a_removed_column_is_found(tmp_path: Path) -> None:
    """The migration 0010 replaced a column by others."""
    database = Database(f"sqlite:///{tmp_path / 'state.db'}")
    with closing(database), database.write() as connection:
        before = tables_after(connection, "0009")
        assert breaking(before, tables_after(connection, "0010")) == [
            "ledger.source_hash was removed",
            "plan.source_hash was removed",
        ]


def test_a_release_opens_tables_that_a_later_one_only_added_to(database_url: str) -> None:
    Store.open(database_url).close()
    with closing(Database(database_url)) as database:
        expand(database, oldest_compatible=HEAD)
    Store.open(database_url).close()
    assert pending_of(database_url) == {}


def test_a_release_refuses_tables_that_a_later_one_changed(database_url: str) -> None:
    Store.open(database_url).close()
    with closing(Database(database_url)) as database:
        expand(database, oldest_compatible="9998")
    with pytest.raises(ConfigurationError, match="newer version of akeneo_assets") as raised:
        Store.open(database_url)
    assert raised.value.settings == ("AKENEO_ASSETS_DATABASE_URL",)
