"""What a state database contains: its version, tables and size. Creates and changes nothing."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, inspect, make_url, select, text
from sqlalchemy.exc import ArgumentError

from akeneo_assets.errors import ConfigurationError, StateError
from akeneo_assets.store.database import Database
from akeneo_assets.store.failures import SETTING
from akeneo_assets.store.schema import HEAD, metadata
from akeneo_assets.store.upgrade import pending_migrations, version_of


@dataclass(frozen=True)
class Inspected:
    """The result of :func:`inspect_database`.

    Attributes:
        version: The newest migration of the tables; None if there are no tables yet.
        newest: The newest migration that this version of the program knows.
        pending: Migrations that an upgrade would execute, each with what it does.
        rows: Table → how many rows it has.
        size_bytes: The size of the database; with SQLite, including its write-ahead log.
    """

    version: str | None
    newest: str
    pending: dict[str, str]
    rows: dict[str, int]
    size_bytes: int


def existing(url: str) -> Database:
    """Return the database at a URL, but do not create a SQLite file.

    Raises:
        ConfigurationError: The URL cannot be used, or names a SQLite file that does not exist.
    """
    path = _sqlite_file(url)
    if path is not None and not path.is_file():
        raise ConfigurationError(
            f"{SETTING}: there is no SQLite file {path}. Check the setting, or create it: akeneo-assets db upgrade",
            settings=(SETTING,),
        )
    return Database(url)


def pending_of(url: str) -> dict[str, str]:
    """Return the migrations that an upgrade of this database would execute; all of them if it does not exist yet."""
    path = _sqlite_file(url)
    if path is not None and not path.is_file():
        return pending_migrations(None)
    with closing(Database(url)) as database, database.read() as connection:
        return pending_migrations(version_of(connection))


def _sqlite_file(url: str) -> Path | None:
    """Return the file that a SQLite URL names; None for any other URL, also for an invalid one."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        return None
    return Path(str(parsed.database)) if parsed.get_backend_name() == "sqlite" else None


def inspect_database(database: Database) -> Inspected:
    """Return the version, the tables and the size of a database.

    Raises:
        StateError: The database cannot be read, or SQLite reports that it is damaged.
    """
    with database.read() as connection:
        if database.is_sqlite:
            problems = connection.execute(text("PRAGMA quick_check")).scalars().all()
            if problems != ["ok"]:
                raise StateError(
                    "The state database is damaged. Restore a backup: akeneo-assets db restore FILE --replace",
                    reason="damaged",
                    detail="; ".join(problems[:5]),
                )
        version = version_of(connection)
        present = set(inspect(connection).get_table_names()) if version else set()
        rows = {
            name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in sorted(metadata.tables.items())
            if name in present
        }
        size = 0 if database.is_sqlite else _size_in_postgresql(database, [*rows])
    if database.file is not None:
        size = sum(path.stat().st_size for path in _files(database.file) if path.exists())
    return Inspected(version, HEAD, pending_migrations(version), rows, size)


def _files(path: Path) -> tuple[Path, ...]:
    """Return a SQLite file and the files that SQLite keeps next to it."""
    return (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm"))


def _size_in_postgresql(database: Database, tables: list[str]) -> int:
    statement = text(
        "SELECT coalesce(sum(pg_total_relation_size(to_regclass(name))), 0) FROM unnest(CAST(:names AS text[])) AS name"
    )
    with database.read() as connection:
        return int(connection.execute(statement, {"names": tables}).scalar_one())
