"""An SQLAlchemy engine for SQLite or PostgreSQL, with read and write transactions."""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    ColumnElement,
    Connection,
    Double,
    Executable,
    PoolProxiedConnection,
    Select,
    Table,
    bindparam,
    create_engine,
    event,
    func,
    literal,
    make_url,
    select,
    text,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError

from akeneo_assets.errors import ConfigurationError
from akeneo_assets.http.redaction import MASK, register_secret
from akeneo_assets.store.failures import BUSY_SECONDS, SETTING, as_state_errors

_SEARCH_PATH = re.compile(r"-c\s*search_path=(\w+)")
_BUILT: dict[tuple[Callable[[Database], Executable], bool], Executable] = {}
_COUNT = text("UPDATE counter SET value = value + 1 WHERE name = 'moment' RETURNING value")


class Database:
    """The engine of one database; safe to share between threads.

    Args:
        url: SQLAlchemy URL, ``sqlite:///folder/file.db`` or ``postgresql://…``.

    Raises:
        ConfigurationError: The URL cannot be used.
    """

    def __init__(self, url: str) -> None:
        self.url = _checked(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            _create_file(Path(str(self.url.database)))
            options: dict[str, Any] = {"connect_args": {"timeout": BUSY_SECONDS}, "max_overflow": -1}
        else:
            options = {"pool_pre_ping": True}
        try:
            # Parameters contain tokens and records, which must not appear in errors.
            self.engine = create_engine(self.url, hide_parameters=True, **options)
            # Check its options now instead of at the first connection.
            self.engine.dialect.create_connect_args(self.url)
        except ModuleNotFoundError as error:
            raise ConfigurationError(
                f"{SETTING} names a PostgreSQL database, but its driver is not installed. "
                "Install it with: pip install 'akeneo_assets[postgres]'",
                settings=(SETTING,),
                detail=str(error),
            ) from None
        except (ArgumentError, ValueError, TypeError):
            # Not chained, because the text may contain a password.
            raise _unusable("cannot be used: its driver or one of its options does not exist") from None
        # SQLite allows one writer and makes others poll, so threads of this process queue here instead.
        self.writing: AbstractContextManager[object] = threading.Lock() if self.is_sqlite else contextlib.nullcontext()
        self._direct: PoolProxiedConnection | None = None
        if self.is_sqlite:
            # Events of connections would make every statement slower, those of the pool do not.
            event.listen(self.engine, "connect", _prepare_sqlite)

    @property
    def address(self) -> str:
        """The URL without passwords, neither before the host nor in the options."""
        query = {name: MASK if _is_secret(name) else value for name, value in self.url.query.items()}
        return self.url.set(query=query).render_as_string(hide_password=True)

    @property
    def file(self) -> Path | None:
        """The SQLite file; None for PostgreSQL."""
        return Path(str(self.url.database)) if self.is_sqlite else None

    @property
    def schema(self) -> str | None:
        """The PostgreSQL schema that the URL names; None if it names none."""
        options = self.url.query.get("options", ())
        named = _SEARCH_PATH.search(" ".join([options] if isinstance(options, str) else options))
        return named[1] if named else None

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a read-only transaction with a consistent view of the database.

        Raises:
            StateError: The database failed.
        """
        with as_state_errors(), self.engine.begin() as connection:
            self._begin(connection, "BEGIN")
            yield connection

    @contextlib.contextmanager
    def write(self, within: Connection | None = None) -> Iterator[Connection]:
        """Open a write transaction, or continue the one in ``within``; keep it short.

        Raises:
            StateError: The database failed; nothing of the transaction was written.
        """
        if within is not None:
            yield within
            return
        with as_state_errors(), self.writing, self.engine.begin() as connection:
            # IMMEDIATE takes the write lock at the start; a transaction that requests it later cannot wait for it.
            self._begin(connection, "BEGIN IMMEDIATE")
            yield connection

    def _begin(self, connection: Connection, statement: str) -> None:
        if self.is_sqlite:
            # Executed by the driver: every transaction begins here, and SQLAlchemy takes twenty times as long.
            connection.connection.cursor().execute(statement).close()

    def at_once(self, statement: str, parameters: Mapping[str, Any] | None = None) -> Sequence[Sequence[Any]]:
        """Execute one statement in its own write transaction, and return its rows.

        Use it for statements that are executed with every request. With SQLite, it bypasses SQLAlchemy, which would
        take ten times as long as the statement.

        Raises:
            StateError: The database failed; nothing was written.
        """
        if not self.is_sqlite:
            with self.write() as connection:
                return connection.execute(text(statement), parameters).all()
        with as_state_errors(), self.writing:
            if self._direct is None:
                self._direct = self.engine.raw_connection()
            cursor = self._direct.cursor()
            try:
                cursor.execute(statement, parameters or {})
                return cursor.fetchall()
            finally:
                cursor.close()

    def lock_rows(self, connection: Connection, rows: Select[Any]) -> None:
        """Lock rows in the order of the statement before changing them, to prevent deadlocks.

        With SQLite, there is only one writer at a time anyway.
        """
        if not self.is_sqlite:
            connection.execute(rows.with_for_update())

    def built(self, build: Callable[[Database], Executable]) -> Executable:
        """Return a constant statement, built once per process: this takes longer than executing it.

        Args:
            build: A function of a module. Its statement may depend only on whether the database is SQLite.
        """
        if (build, self.is_sqlite) not in _BUILT:
            _BUILT[build, self.is_sqlite] = build(self)
        return _BUILT[build, self.is_sqlite]

    def insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """Return an insert statement that supports ``ON CONFLICT``."""
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    def prepared(self, upsert: sqlite.Insert | postgresql.Insert, names: Sequence[str]) -> Executable:
        """Return an insert with ``ON CONFLICT`` that is not compiled for each execution.

        SQLAlchemy does not cache these statements. With SQLite, compiling takes longer than inserting, so the compiled
        text is returned.

        Args:
            upsert: The insert.
            names: The columns that it sets.
        """
        if not self.is_sqlite:
            return upsert
        compiled = upsert.compile(dialect=sqlite.dialect(paramstyle="named"), column_keys=list(names))
        types = {name: upsert.table.columns[name].type for name in names}
        return text(str(compiled)).bindparams(*(bindparam(name, type_=each) for name, each in types.items()))

    def moment(self, connection: Connection) -> float:
        """Return the next number of a counter. Unlike times, these moments reliably define an order.

        The counter stays locked until the transaction ends, so moments become visible in order: a transaction with a
        moment sees everything that was written with earlier moments. Call this before locking any other row, to prevent
        deadlocks.

        Args:
            connection: A write transaction.
        """
        if self.is_sqlite:
            return float(connection.connection.cursor().execute(_COUNT.text).fetchall()[0][0])
        return float(connection.execute(_COUNT).scalar_one())

    def next_moment(self) -> float:
        """Return the next moment, in a transaction of its own."""
        return float(self.at_once(_COUNT.text)[0][0])

    def now(self) -> ColumnElement[float]:
        """Return the current time as SQL: the server's time with PostgreSQL, this machine's time with SQLite.

        Use it only for leases and retries, and expect that the clock may have been set back after a time was written.
        """
        if self.is_sqlite:
            return literal(time.time(), Double)
        return sql_cast(func.extract("epoch", func.clock_timestamp()), Double)

    def time(self, connection: Connection) -> float:
        """Return the current time of :meth:`now` in epoch seconds."""
        return float(connection.execute(select(self.now())).scalar_one())

    def close(self) -> None:
        """Close the idle connections."""
        with self.writing:
            if self._direct is not None:
                self._direct.close()
                self._direct = None
        self.engine.dispose()


def _checked(url: str) -> URL:
    try:
        parsed = make_url(url)
        is_text = "\0" not in url.encode().decode()
    except (ArgumentError, ValueError):
        # Not chained, because the text may contain a password.
        raise _unusable("is not a database URL") from None
    if not is_text:
        raise _unusable("is not a database URL")
    options = [value for name, value in parsed.query.items() if _is_secret(name)]
    for secret in (parsed.password, *options):
        for each in (secret,) if isinstance(secret, str) else secret or ():
            register_secret(each)
    backend = parsed.get_backend_name()
    if backend not in {"sqlite", "postgresql"}:
        raise _unusable(f"names a {backend} database; SQLite and PostgreSQL are supported")
    if backend == "sqlite" and (not parsed.database or parsed.database.startswith((":memory:", "file:"))):
        raise _unusable("must name a SQLite file, because the state must survive the process")
    return parsed


def _is_secret(option: str) -> bool:
    return "password" in option.casefold()


def _unusable(problem: str) -> ConfigurationError:
    return ConfigurationError(
        f"{SETTING} {problem}. Use sqlite:////absolute/path/file.db or postgresql://user:password@host/database",
        settings=(SETTING,),
    )


def _create_file(path: Path) -> None:
    """Create the file, readable only by its owner, because it contains tokens. SQLite copies the mode to side files."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise ConfigurationError(
            f"{SETTING}: the SQLite file {path} cannot be created ({error.strerror}). Choose a writable folder.",
            settings=(SETTING,),
            detail=str(error),
        ) from None


def _prepare_sqlite(connection: sqlite3.Connection, _: object) -> None:
    # None: the driver does not begin transactions, so that Database can choose their type.
    connection.isolation_level = None
    # With a write-ahead log, NORMAL loses at most the last transactions in a power failure, but never consistency.
    connection.execute("PRAGMA synchronous = NORMAL")
