"""Makes sure that Dagster's history on SQLite is complete before it is opened.

Dagster creates it only if its file does not exist. A process that starts while another one creates the file, or after
one was killed in the middle of it, would work with a history without tables, and so would every later one.
"""

from __future__ import annotations

import fcntl
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

_FILE: Final = "index.db"
_LOCK: Final = "creation.lock"
_ABANDONED_SECONDS: Final = 10.0
"""A history that is not complete and was not written to for this long belonged to a process that was killed."""
_POLL_SECONDS: Final = 0.1


@contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Open or create the history inside this block: only one of our processes at a time does so.

    Args:
        folder: The folder of the history's index.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / _LOCK).open("a") as lock:
        # Released by the operating system when the process ends, however it ends.
        fcntl.flock(lock, fcntl.LOCK_EX)
        index = folder / _FILE
        while index.exists() and not _is_complete(index):
            # Dagster's own processes do not know the lock.
            if _seconds_since_last_write(index) > _ABANDONED_SECONDS:
                _delete(index)
            else:
                time.sleep(_POLL_SECONDS)
        yield


def _is_complete(index: Path) -> bool:
    """Whether the creation ended. Anything that contains data counts as complete, whatever created it."""
    return any(_has_rows(index, table) for table in ("alembic_version", "event_logs", "dynamic_partitions"))


def _has_rows(index: Path, table: str) -> bool:
    with closing(sqlite3.connect(index)) as connection:
        try:
            return connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() is not None
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                return False
            raise


def _seconds_since_last_write(index: Path) -> float:
    return time.time() - max(file.stat().st_mtime for file in _files(index) if file.exists())


def _delete(index: Path) -> None:
    for file in _files(index):
        file.unlink(missing_ok=True)


def _files(index: Path) -> list[Path]:
    return [index.with_name(index.name + suffix) for suffix in ("", "-journal", "-wal", "-shm")]
