"""Constant statements that are executed for each delivered record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, bindparam, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.types import TypeEngine

_SQLITE = sqlite.dialect()


class Statement:
    """A constant statement, executed for rows.

    With SQLite, the driver executes it, because SQLAlchemy takes several times as long as the driver.

    Args:
        sql: The statement.
        types: Types of the parameters that are stored in another form.
    """

    def __init__(self, sql: str, types: Mapping[str, TypeEngine[Any]] | None = None) -> None:
        types = types or {}
        self._sql = sql
        self._text = text(sql).bindparams(*(bindparam(name, type_=each) for name, each in types.items()))
        converters = {name: each.dialect_impl(_SQLITE).bind_processor(_SQLITE) for name, each in types.items()}
        self._converters = {name: convert for name, convert in converters.items() if convert is not None}

    def execute(self, rows: Sequence[Mapping[str, Any]], within: Connection) -> None:
        """Execute the statement for each row, in a write transaction.

        Args:
            rows: Parameters by name.
            within: The transaction.
        """
        if not rows:
            return
        if within.dialect.name != _SQLITE.name:
            within.execute(self._text, rows)
            return
        converted = [
            {**row, **{name: convert(row[name]) for name, convert in self._converters.items()}} for row in rows
        ]
        within.connection.cursor().executemany(self._sql, converted)


def insert_into(table: Table, names: Sequence[str], on_conflict: str = "") -> Statement:
    """Return an insert as text, because SQLAlchemy compiles one with ON CONFLICT each time.

    Args:
        table: The table.
        names: The columns that are set.
        on_conflict: What to do with a row that exists, as SQL.
    """
    values = ", ".join(f":{name}" for name in names)
    sql = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({values}) {on_conflict}".rstrip()
    return Statement(sql, {name: table.c[name].type for name in names})
