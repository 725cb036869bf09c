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

from akeneo_assets.http.stopping import sleep
from akeneo_assets.store.failures import BUSY_SECONDS

_FILE: Final = "index.db"
_LOCK: Final = "creation.lock"
_ABANDONED_SECONDS: Final = 10.0
"""If nothing is written to an incomplete history for this long, the process that created it was killed."""
_POLL_SECONDS: Final = 0.1


@contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Open or create the history inside this block: only one of our processes at a time does so.

    An incomplete history is deleted, so that Dagster creates it again. It contains no data.

    Args:
        folder: The folder of the history's index.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / _LOCK).open("a") as lock:
        # Released by the operating system when the process ends, however it ends.
        fcntl.flock(lock, fcntl.LOCK_EX)
        _delete_if_abandoned(folder / _FILE)
        yield


def _delete_if_abandoned(index: Path) -> None:
    """Wait until the history is complete, because Dagster's own processes do not use the lock, or delete it."""
    written, since = _written(index), time.monotonic()
    while index.exists() and not _is_complete(index):
        if (latest := _written(index)) != written:
            written, since = latest, time.monotonic()
        # The time of the last write says it at once. The clock may have been set back since, so a wait says it, too.
        if time.time() - max(written.values(), default=0.0) > _ABANDONED_SECONDS or (
            time.monotonic() - since > _ABANDONED_SECONDS
        ):
            for file in _files(index):
                file.unlink(missing_ok=True)
        else:
            sleep(_POLL_SECONDS)


def _is_complete(index: Path) -> bool:
    """Whether the creation ended. Anything that contains data counts as complete."""
    return any(_has_rows(index, table) for table in ("alembic_version", "event_logs", "dynamic_partitions"))


def _has_rows(index: Path, table: str) -> bool:
    with closing(sqlite3.connect(index, timeout=BUSY_SECONDS)) as connection:
        try:
            return connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() is not None
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                return False
            raise


def _written(index: Path) -> dict[str, float]:
    """Return when each file of the database was last written, in epoch seconds."""
    return {file.name: file.stat().st_mtime for file in _files(index) if file.exists()}


def _files(index: Path) -> list[Path]:
    return [index.with_name(index.name + suffix) for suffix in ("", "-journal", "-wal", "-shm")]
