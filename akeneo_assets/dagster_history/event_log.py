"""Dagster's event log on SQLite, as the command line writes it: the same files, with much less work for each event."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from threading import local
from typing import Any, Final

import yaml
from dagster import DagsterEventType, EventLogEntry
from dagster._core.instance.ref import InstanceRef
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.schema import SqlEventLogStorageTable
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME
from dagster._core.storage.legacy_storage import CompositeStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine, event

BATCH_SETTING: Final = "DAGSTER_EVENT_BATCH_SIZE"
"""Dagster's environment variable for the number of events that it stores at once, where it can."""

BATCH_SIZE: Final = 500

_NO_ID: Final = 0
"""Dagster stores the id of an asset's latest event only for materializations."""


class CommandLineEventLog(SqliteEventLogStorage):
    """Keeps its databases open, and remembers which tables they have.

    For each event, Dagster opens several databases, compiles its statements, reads the schema, and waits for the disk.
    That is most of what an event costs, and a load of many small families logs many events.
    """

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: dict[str, Engine] = {}
        self._tables: set[str] = set()
        self._has_index_columns = False
        self._transactions = local()
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> CommandLineEventLog:
        """Return the event log of Dagster's configuration."""
        return cls(inst_data=inst_data, **config_value)

    def run_connection(self, run_id: str | None = None) -> AbstractContextManager[Connection]:
        """Provide a transaction in the database of a run."""
        return self._transaction(str(run_id))

    def index_connection(self) -> AbstractContextManager[Connection]:
        """Provide a transaction in the database of all runs."""
        return self._transaction(INDEX_SHARD_NAME)

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Store events of one run in one transaction for each database.

        A run plans each of its assets for each of its partitions, so these events are also stored in one statement.
        """
        planned = {entry.get_dagster_event().asset_key: entry for entry in events if _is_planned(entry)}
        rows = [self._event_to_row(entry) for entry in events if _is_planned(entry)]
        with self.run_connection(events[0].run_id) as of_run, self.index_connection() as of_all:
            if rows:
                of_run.execute(SqlEventLogStorageTable.insert(), rows)
                of_all.execute(SqlEventLogStorageTable.insert(), rows)
            for latest in planned.values():
                self.store_asset_event(latest, _NO_ID)
            super().store_event_batch([entry for entry in events if not _is_planned(entry)])

    def has_table(self, table_name: str) -> bool:
        """Return whether a table exists."""
        if table_name not in self._tables and super().has_table(table_name):
            self._tables.add(table_name)
        return table_name in self._tables

    def dispose(self) -> None:
        """Close the databases."""
        for engine in self._engines.values():
            engine.dispose()
        self._engines.clear()
        super().dispose()

    def _has_asset_key_index_cols_on_connection(self, conn: Connection) -> bool:
        self._has_index_columns = self._has_index_columns or super()._has_asset_key_index_cols_on_connection(conn)
        return self._has_index_columns

    @contextmanager
    def _transaction(self, shard: str) -> Iterator[Connection]:
        """Provide a transaction, which is the same one for everything that this thread does inside the block."""
        started: dict[str, Connection] = self._transactions.__dict__
        if shard in started:
            yield started[shard]
            return
        with self._engine(shard).begin() as connection:
            started[shard] = connection
            try:
                yield connection
            finally:
                del started[shard]

    def _engine(self, shard: str) -> Engine:
        if shard not in self._engines:
            with super()._connect(shard):
                pass  # creates the tables
            for finished in self._engines.keys() - {INDEX_SHARD_NAME}:
                self._engines.pop(finished).dispose()
            address = self.conn_string_for_shard(shard)
            engine = create_engine(address, connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS})
            event.listen(engine, "connect", _sync_at_checkpoints)
            self._engines[shard] = engine
        return self._engines[shard]


def sqlite_event_log(reference: InstanceRef) -> ConfigurableClassData | None:
    """Return the configuration of Dagster's own event log on SQLite; None if the instance has another one."""
    event_log = reference.event_storage_data
    return event_log if event_log is not None and event_log.class_name == SqliteEventLogStorage.__name__ else None


def with_fast_event_log(reference: InstanceRef) -> InstanceRef:
    """Return the instance with this event log if it has Dagster's own one on SQLite, and else as it is."""
    event_log = sqlite_event_log(reference)
    if event_log is None:
        return reference
    parts = {
        "run_storage": reference.run_storage_data,
        "event_log_storage": ConfigurableClassData(__name__, CommandLineEventLog.__name__, event_log.config_yaml),
        "schedule_storage": reference.schedule_storage_data,
    }
    config = yaml.safe_dump({name: part._asdict() for name, part in parts.items() if part is not None})
    storage = ConfigurableClassData(CompositeStorage.__module__, CompositeStorage.__name__, config)
    return reference._replace(storage_data=storage)


def _is_planned(entry: EventLogEntry) -> bool:
    return entry.dagster_event_type == DagsterEventType.ASSET_MATERIALIZATION_PLANNED


def _sync_at_checkpoints(connection: Any, _: object) -> None:
    """Do not wait for the disk at each commit. A power failure can lose the last events, but damages nothing."""
    connection.execute("PRAGMA synchronous=NORMAL")
