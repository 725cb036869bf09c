"""The sync log: stable SQL views for reports, and a pandas data frame of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, text

from akeneo_assets.store.database import Database

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Column:
    """A column of a view.

    Attributes:
        sql: The expression; ``TIME(x)`` converts epoch seconds to a timestamp, ``JSON(x)`` text to JSON.
        meaning: What it contains, for the documentation.
    """

    sql: str
    meaning: str


@dataclass(frozen=True)
class View:
    """A view.

    Attributes:
        row: What a row is, for the documentation.
        source: The rest of the statement.
        columns: Its columns.
    """

    row: str
    source: str
    columns: Mapping[str, Column]


VIEWS: Final[Mapping[str, View]] = {
    "sync_runs": View(
        "One row for each run that sent, failed or blocked a record.",
        "FROM changelog GROUP BY run_id",
        {
            "run_id": Column("run_id", "The Dagster run."),
            "started_at": Column("TIME(MIN(at))", "When its first record was sent, failed or blocked."),
            "finished_at": Column("TIME(MAX(at))", "When its last record was sent, failed or blocked."),
            "created": Column(
                "SUM(CASE WHEN status = 'sent' AND action = 'create' THEN 1 ELSE 0 END)", "Created records."
            ),
            "updated": Column(
                "SUM(CASE WHEN status = 'sent' AND action = 'update' THEN 1 ELSE 0 END)", "Updated records."
            ),
            "failed": Column("SUM(CASE WHEN status = 'failed' THEN 1 ELSE 0 END)", "Failed attempts."),
            "blocked": Column("SUM(CASE WHEN status = 'blocked' THEN 1 ELSE 0 END)", "Records that became blocked."),
        },
    ),
    "sync_changelog": View(
        "One row for each time a record was sent, failed or became blocked.",
        "FROM changelog",
        {
            "run_id": Column("run_id", "The Dagster run."),
            "at": Column("TIME(at)", "When it happened."),
            "kind": Column("kind", "`category`, `product_model`, `product` or `variant`; bundles are products."),
            "key": Column("key", "The key in Akeneo, which is also the external id."),
            "sku": Column("sku", "The SKU; empty for categories and for records that could not be mapped."),
            "ipaas_id": Column("ipaas_id", "The iPaaS.com id."),
            "partition_key": Column("partition_key", "The partition, e.g. `family:shoes`."),
            "status": Column("status", "`sent`, `failed` or `blocked`."),
            "action": Column("action", "`create` or `update`; empty if the record could not be sent."),
            "reason": Column("reason", "Why it was due, e.g. `new`, `value changed`, `mapping changed` or `retry`."),
            "attempts": Column("attempts", "Attempts since it was last accepted, this one included."),
            "error_code": Column("error_code", "Code of the error."),
            "error_message": Column("error_message", "What happened, and what to do."),
            "changes": Column(
                "JSON(changes)", 'JSON: field → `{"from": old, "to": new, "rule": rule}`; empty for a new record.'
            ),
            "edited_at": Column("TIME(edited_at)", "The last edit in Akeneo of the record or its product tree."),
            "seconds_since_edit": Column(
                "CASE WHEN at < edited_at THEN 0 ELSE at - edited_at END",
                "Seconds from that edit until this row. It is a delay only if the reason is `value changed`.",
            ),
        },
    ),
    "sync_snapshot": View(
        "One row for each record: its current state.",
        "FROM ledger",
        {
            "kind": Column("kind", "`category`, `product_model`, `product` or `variant`; bundles are products."),
            "key": Column("key", "The key in Akeneo, which is also the external id."),
            "sku": Column("sku", "The SKU that was last accepted."),
            "ipaas_id": Column("ipaas_id", "The iPaaS.com id."),
            "status": Column(
                "state", "`pending`, `sent`, `failed`, `blocked` or `filtered` (excluded by the mapping)."
            ),
            "since": Column("TIME(failed_since)", "Since when it is failed or blocked."),
            "attempts": Column("attempts", "Failures since it was last accepted."),
            "error_code": Column("error_code", "Code of the last error."),
            "error_message": Column("error_message", "What happened, and what to do."),
            "next_retry_at": Column("TIME(next_retry_at)", "When it is retried; empty if it is not."),
            "sent_at": Column("TIME(sent_at)", "When it was last accepted."),
            "run_id": Column("run_id", "The run of the last attempt."),
            "partition_key": Column("partition_key", "The partition of the last attempt."),
        },
    ),
}
"""The views by name. Columns are only ever added, so that reports keep working."""


def create_views(connection: Connection) -> None:
    """Create the views."""
    is_sqlite = connection.dialect.name == "sqlite"
    for name, view in VIEWS.items():
        columns = ", ".join(
            f"{_sql(column.sql, is_sqlite=is_sqlite)} AS {each}" for each, column in view.columns.items()
        )
        connection.exec_driver_sql(f"CREATE VIEW {name} AS SELECT {columns} {view.source}")


def drop_views(connection: Connection) -> None:
    """Drop the views, if they exist."""
    for name in VIEWS:
        connection.exec_driver_sql(f"DROP VIEW IF EXISTS {name}")


def _sql(expression: str, *, is_sqlite: bool) -> str:
    """Return an expression of the dialect; ``TIME`` and ``JSON`` enclose the whole expression."""
    for function, sqlite, postgresql in (
        ("TIME(", "strftime('%Y-%m-%d %H:%M:%f', {}, 'unixepoch')", "to_timestamp({})"),
        ("JSON(", "{}", "CAST({} AS json)"),
    ):
        if expression.startswith(function):
            return (sqlite if is_sqlite else postgresql).format(expression[len(function) : -1])
    return expression


class SyncLog:
    """Reads the views as pandas data frames; timestamps are in UTC."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def runs(self) -> pd.DataFrame:
        """Return ``sync_runs``, the latest run first."""
        return self._frame("sync_runs", "started_at DESC")

    def changelog(self) -> pd.DataFrame:
        """Return ``sync_changelog``, the latest row first."""
        return self._frame("sync_changelog", "at DESC")

    def snapshot(self) -> pd.DataFrame:
        """Return ``sync_snapshot``, by kind and key."""
        return self._frame("sync_snapshot", "kind, key")

    def query(self, statement: str, **parameters: Any) -> pd.DataFrame:
        """Return the result of a SELECT, e.g. one that uses the views.

        Args:
            statement: The statement.
            parameters: The values of ``:names`` in the statement.
        """
        # Imported here, because loading pandas takes longer than most commands that do not need it.
        import pandas as pd

        with self._database.read() as connection:
            result = connection.execute(text(statement), parameters)
            frame: pd.DataFrame = pd.DataFrame([tuple(row) for row in result], columns=list(result.keys()))
        return frame

    def _frame(self, view: str, order: str) -> pd.DataFrame:
        import pandas as pd

        frame = self.query(f"SELECT * FROM {view} ORDER BY {order}")
        for name, column in VIEWS[view].columns.items():
            if column.sql.startswith("TIME("):
                frame[name] = pd.to_datetime(frame[name], utc=True)
        return frame
