"""A shelf: a mapping of JSON documents in memory, with every change also written to SQLite."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, MutableMapping
from pathlib import Path
from typing import Any

from akeneo_assets.documents import pack, unpack


class Shelf(MutableMapping[str, Any]):
    """Documents by key, in the order in which the keys were added.

    Documents are stored as bytes: a reader always gets a copy, and 100,000 of them fit in memory. To change one, get
    it, change it, and set it again.

    Args:
        path: SQLite file, created on first use; without one, the documents are only in memory.
        table: Name of its table.
    """

    def __init__(self, path: Path | None, table: str) -> None:
        self._lock = threading.RLock()
        self._table = f'"{table}"'
        self._documents: dict[str, bytes] = {}
        self._database: sqlite3.Connection | None = None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
            # A sandbox may lose its last writes if the machine loses power.
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = OFF")
            self._database.execute(
                f"CREATE TABLE IF NOT EXISTS {self._table} (key TEXT PRIMARY KEY, document BLOB NOT NULL)"
            )
            rows = self._database.execute(f"SELECT key, document FROM {self._table} ORDER BY rowid")
            self._documents.update(rows)

    def __getitem__(self, key: str) -> Any:
        return unpack(self._documents[key])

    def __setitem__(self, key: str, document: Any) -> None:
        self.put_many([(key, document)])

    def __delitem__(self, key: str) -> None:
        with self._lock:
            del self._documents[key]
            if self._database is not None:
                self._database.execute(f"DELETE FROM {self._table} WHERE key = ?", (key,))

    def __iter__(self) -> Iterator[str]:
        # Iterates over a copy of the keys, because another thread may add one in the meantime.
        return iter(list(self._documents))

    def __len__(self) -> int:
        return len(self._documents)

    def __contains__(self, key: object) -> bool:
        return key in self._documents

    def put_many(self, documents: Iterable[tuple[str, Any]]) -> None:
        """Set many documents in one transaction."""
        rows = [(key, pack(document)) for key, document in documents]
        with self._lock:
            self._documents.update(rows)
            if self._database is not None:
                self._database.execute("BEGIN IMMEDIATE")
                with self._database:
                    self._database.executemany(
                        f"INSERT INTO {self._table} VALUES (?, ?)"
                        " ON CONFLICT (key) DO UPDATE SET document = excluded.document",
                        rows,
                    )

    def clear(self) -> None:
        """Remove all documents."""
        with self._lock:
            self._documents.clear()
            if self._database is not None:
                self._database.execute(f"DELETE FROM {self._table}")

    def close(self) -> None:
        """Close the file; the documents can still be read."""
        with self._lock:
            if self._database is not None:
                self._database.close()
                self._database = None
