"""Constant inserts that are executed for each delivered record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, bindparam, text
from sqlalchemy.dialects import sqlite

_SQLITE = sqlite.dialect()


class Insert:
    """An insert of rows.

    It is text, because SQLAlchemy compiles an insert with ON CONFLICT each time. With SQLite, the driver executes it,
    because SQLAlchemy takes several times as long.

    Args:
        table: The table.
        names: The columns that are set.
        on_conflict: What to do with a row that exists, as SQL.
    """

    def __init__(self, table: Table, names: Sequence[str], on_conflict: str = "") -> None:
        values = ", ".join(f":{name}" for name in names)
        self._text = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({values}) {on_conflict}".rstrip()
        types = {name: table.c[name].type for name in names}
        self._statement = text(self._text).bindparams(*(bindparam(name, type_=each) for name, each in types.items()))
        converters = {name: each.dialect_impl(_SQLITE).bind_processor(_SQLITE) for name, each in types.items()}
        self._converters = {name: convert for name, convert in converters.items() if convert is not None}

    def execute(self, rows: Sequence[Mapping[str, Any]], within: Connection) -> None:
        """Insert the rows in a write transaction."""
        if not rows:
            return
        if within.dialect.name != _SQLITE.name:
            within.execute(self._statement, rows)
            return
        converted = [
            {**row, **{name: convert(row[name]) for name, convert in self._converters.items()}} for row in rows
        ]
        within.connection.cursor().executemany(self._text, converted)
