"""Back up, restore and move a state database."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, LargeBinary, MetaData, delete, insert, select, text
from sqlalchemy.exc import SQLAlchemyError

from akeneo_assets.errors import ConfigurationError, StateError
from akeneo_assets.store.database import Database
from akeneo_assets.store.failures import SETTING, state_error
from akeneo_assets.store.inspection import existing, inspect_database
from akeneo_assets.store.run_leases import RunLeases
from akeneo_assets.store.schema import HEAD, Packed, ledger, metadata, mirror, renewals, run_leases, tokens
from akeneo_assets.store.upgrade import upgrade

_ROWS: Final = 500
_OF_PROCESSES: Final = (run_leases, renewals)
"""Tables about processes that use one database now; their rows mean nothing in a copy."""


def back_up(url: str, path: Path) -> int:
    """Write a consistent copy of a SQLite database to a new file, while other processes use the database.

    Args:
        url: The database.
        path: The file; it must not exist.

    Returns:
        Its size in bytes.

    Raises:
        ConfigurationError: The database is not SQLite or does not exist, or the file exists or cannot be created.
        StateError: The database or the disk failed.
    """
    with closing(_sqlite(url)) as database:
        _create(path)
        try:
            with database.read() as connection, closing(sqlite3.connect(path)) as copy:
                _driver(connection).backup(copy)
            with closing(Database(f"sqlite:///{path}")) as written:
                _check_version(written, f"The backup {path}")
        except BaseException:
            path.unlink()
            raise
    return path.stat().st_size


def restore(path: Path, url: str, *, replace: bool) -> None:
    """Copy a backup into a SQLite database, in one transaction, and upgrade its tables.

    Tokens are not restored, because they may have been renewed since. The copy is logged in again.

    Args:
        path: The backup.
        url: The database.
        replace: Overwrite a database that contains records.

    Raises:
        ConfigurationError: The file is no backup, or was written by a newer version; the database is not SQLite, is in
            use by a run, or contains records and ``replace`` is not set.
        StateError: The database or the disk failed.
    """
    if not path.is_file():
        raise ConfigurationError(f"There is no file {path}. Name a file that akeneo-assets db backup wrote.")
    with closing(Database(url)) as database, closing(Database(f"sqlite:///{path}")) as backup:
        if not database.is_sqlite:
            raise _needs_sqlite()
        _check_version(backup, str(path))
        upgrade(database)
        with _free(database) as connection:
            if not replace and _holds_records(connection):
                raise ConfigurationError(
                    f"{SETTING}: the database {database.address} contains records. To overwrite it, add --replace."
                )
        with backup.read() as source, database.read() as target:
            target.exec_driver_sql("COMMIT")  # a database cannot be overwritten inside a transaction
            _driver(source).backup(_driver(target))
            target.exec_driver_sql("BEGIN")
        upgrade(database)
        with database.write() as connection:
            for table in (tokens, *_OF_PROCESSES):
                connection.execute(delete(table))


def move(source_url: str, target_url: str) -> dict[str, int]:
    """Copy a state to an empty database, for example from SQLite to PostgreSQL. The source stays as it is.

    Writers of the source wait in the meantime; the target changes in one transaction.

    Args:
        source_url: The database to copy.
        target_url: The database to copy to; its tables are created.

    Returns:
        Table → how many rows were copied.

    Raises:
        ConfigurationError: A URL cannot be used, the target contains records, or a run is using the source.
        StateError: One of the databases failed; the target was not changed.
    """
    with closing(existing(source_url)) as source, closing(Database(target_url)) as target:
        if source.url == target.url:
            raise ConfigurationError("Both databases are the same. Name the new one: akeneo-assets db move --to URL")
        upgrade(source)
        _create_tables(target)
        with _free(source) as reader, target.write() as writer:
            if _holds_records(writer):
                raise ConfigurationError(f"The database {target.address} contains records. Choose an empty one.")
            return _copy(reader, writer)


def _create_tables(target: Database) -> None:
    try:
        upgrade(target)
    except (SQLAlchemyError, StateError) as error:
        failure = error if isinstance(error, StateError) else state_error(error)
        raise ConfigurationError(
            f"The database {target.address} cannot be opened. Create it first (the tables are created by the move), "
            "and check the URL and that the server is running.",
            detail=failure.detail,
        ) from None


def _copy(reader: Connection, writer: Connection) -> dict[str, int]:
    copied = {}
    for table in _tables().tables.values():
        writer.execute(delete(table))
        copied[table.name] = 0
        if table.name in {each.name for each in _OF_PROCESSES}:
            continue
        for rows in reader.execute(select(table)).mappings().partitions(_ROWS):
            writer.execute(insert(table), [dict(row) for row in rows])
            copied[table.name] += len(rows)
    return copied


def _tables() -> MetaData:
    """Return the tables with compressed documents as bytes, because they are copied as they are."""
    copies = MetaData()
    for table in metadata.sorted_tables:
        for column in table.to_metadata(copies).columns:
            if isinstance(column.type, Packed):
                column.type = LargeBinary()
    return copies


@contextmanager
def _free(database: Database) -> Iterator[Connection]:
    """Lock a database against writers during the block.

    Raises:
        ConfigurationError: A run is using the database.
    """
    with database.write() as connection:
        if not database.is_sqlite:
            names = ", ".join(metadata.tables)
            connection.execute(text(f"LOCK TABLE {names} IN SHARE MODE"))
        if runs := RunLeases(database).current():
            raise ConfigurationError(
                f"Runs are using the database ({', '.join(sorted(runs)[:5])}). Stop the daemon, wait for the runs to "
                "end or cancel them, then run this command again."
            )
        yield connection


def _holds_records(connection: Connection) -> bool:
    return any(connection.execute(select(table.c.key).limit(1)).first() is not None for table in (mirror, ledger))


def _check_version(database: Database, name: str) -> None:
    version = inspect_database(database).version
    if version is None:
        raise ConfigurationError(f"{name} is not a state database. Name a file that akeneo-assets db backup wrote.")
    if version > HEAD:
        raise ConfigurationError(
            f"{name} was written by a newer version of akeneo_assets (tables of version {version}, this version knows "
            f"{HEAD}). Update akeneo_assets."
        )


def _sqlite(url: str) -> Database:
    database = existing(url)
    if not database.is_sqlite:
        database.close()
        raise _needs_sqlite()
    return database


def _needs_sqlite() -> ConfigurationError:
    return ConfigurationError(
        f"{SETTING} names a PostgreSQL database, which has its own tools. Back it up with pg_dump --format=custom and "
        "restore it with pg_restore.",
        settings=(SETTING,),
    )


def _create(path: Path) -> None:
    """Create the file, readable only by its owner, because it contains tokens."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        raise ConfigurationError(f"The file {path} exists already. Choose another name for the backup.") from None
    except OSError as error:
        raise ConfigurationError(f"The backup {path} cannot be created ({error.strerror}).") from None


def _driver(connection: Connection) -> sqlite3.Connection:
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)  # noqa: S101 - checked by the callers, for the type
    return driver
