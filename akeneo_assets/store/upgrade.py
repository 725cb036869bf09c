"""Create and upgrade the tables of a database."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy import Connection, NullPool, create_engine, delete, inspect, select, table, text
from sqlalchemy import column as sql_column
from sqlalchemy.schema import CreateSchema
from tenacity import retry, retry_if_exception, stop_after_delay, wait_random

from akeneo_assets.errors import ConfigurationError
from akeneo_assets.store.database import Database
from akeneo_assets.store.failures import BUSY_SECONDS, SETTING
from akeneo_assets.store.schema import HEAD, OLDEST_COMPATIBLE, VERSION_TABLE, identity, metadata
from akeneo_assets.store.sync_log import VIEWS, create_views, drop_views

MIGRATIONS = Path(__file__).parent / "migrations"
_COMPATIBLE = "oldest_compatible_version"  # a row of the table identity
_LOCK_NUMBER = 4_617_315_517  # an arbitrary number that is the same in all processes


def upgrade(database: Database) -> None:
    """Create or migrate the tables; other processes wait in the meantime.

    Raises:
        ConfigurationError: The database belongs to another program, or was written by a newer version.
    """
    if database.schema is not None:
        _create_schema(database, database.schema)
    with database.read() as connection:
        version = version_of(connection)
        if version == HEAD or _accepts_this_version(connection, version):
            return
    if database.is_sqlite:
        _use_write_ahead_log(database)
    with database.write() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK_NUMBER})
        version = version_of(connection)  # another process may have migrated it in the meantime
        if version == HEAD or _accepts_this_version(connection, version):
            return
        if version is None:
            _check_that_it_is_empty(connection)
        _migrate(connection, version)


def _create_schema(database: Database, schema: str) -> None:
    """Create the schema that the URL names. Without it, PostgreSQL would use none and find no table."""
    # An engine of its own: SQLAlchemy looks up the schema only once, when the first connection is opened.
    engine = create_engine(database.url, hide_parameters=True, poolclass=NullPool)
    with engine.begin() as connection:
        if connection.execute(text("SELECT current_schema()")).scalar_one() is None:
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK_NUMBER})
            connection.execute(CreateSchema(schema, if_not_exists=True))
    engine.dispose()


def version_of(connection: Connection) -> str | None:
    """Return the newest migration of the tables; None if there are no tables of this program."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    versions = table(VERSION_TABLE, sql_column("version_num"))
    return connection.execute(select(versions.c.version_num)).scalar_one_or_none()


def _accepts_this_version(connection: Connection, version: str | None) -> bool:
    """Return whether a newer version wrote the tables, and only added to them what this version does not use."""
    if version is None or version <= HEAD:
        return False
    oldest = connection.execute(select(identity.c.value).where(identity.c.name == _COMPATIBLE)).scalar_one_or_none()
    return oldest is not None and oldest <= HEAD


def pending_migrations(version: str | None) -> dict[str, str]:
    """Return the migrations after ``version``, each with what it does, oldest first."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    scripts = list(ScriptDirectory.from_config(config).walk_revisions())
    return {script.revision: script.doc for script in reversed(scripts) if version is None or script.revision > version}


def _is_locked(error: BaseException) -> bool:
    return isinstance(error, sqlite3.OperationalError) and "locked" in str(error)


# SQLite does not wait for locks when it changes the journal mode, so retry if two processes create the file.
@retry(
    retry=retry_if_exception(_is_locked),
    wait=wait_random(0.005, 0.05),
    stop=stop_after_delay(BUSY_SECONDS),
    reraise=True,
)
def _use_write_ahead_log(database: Database) -> None:
    # SQLAlchemy's connection would begin a transaction, in which the journal mode cannot be changed.
    connection = database.engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA journal_mode = WAL").close()
    finally:
        connection.close()


def _check_that_it_is_empty(connection: Connection) -> None:
    """Reject a SQLite file with any tables; a PostgreSQL database may be shared, e.g. with Dagster's storage."""
    present = set(inspect(connection).get_table_names())
    ours = {*metadata.tables, *VIEWS}
    foreign = present if connection.dialect.name == "sqlite" else present & ours
    if foreign:
        raise ConfigurationError(
            f"{SETTING} points to a database that another program uses "
            f"(its tables: {', '.join(sorted(foreign)[:5])}). Choose an empty database.",
            settings=(SETTING,),
        )


def _migrate(connection: Connection, version: str | None) -> None:
    # Imported here, because a database that is up to date does not need it.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if version is not None and version not in known:
        raise ConfigurationError(
            f"{SETTING} points to a database written by a newer version of akeneo_assets (tables of version {version}, "
            f"this version knows {HEAD}). Update akeneo_assets, or choose another database.",
            settings=(SETTING,),
        )
    # A table that a view reads cannot be changed.
    drop_views(connection)
    command.upgrade(config, "head")
    create_views(connection)
    row = {"name": _COMPATIBLE, "value": OLDEST_COMPATIBLE}
    connection.execute(delete(identity).where(identity.c.name == _COMPATIBLE))
    connection.execute(identity.insert(), row)
