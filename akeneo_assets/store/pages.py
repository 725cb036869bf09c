"""Read long results in pages by key, and long ``IN`` lists in chunks."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Row, Select, tuple_

from akeneo_assets.store.database import Database

PAGE = 1_000
CHUNK = 500

Value = TypeVar("Value")


def chunks(values: Iterable[Value], size: int = CHUNK) -> Iterator[list[Value]]:
    """Split ``values`` into lists of at most ``size``."""
    iterator = iter(values)
    while chunk := list(islice(iterator, size)):
        yield chunk


def pages(
    database: Database,
    statement: Select[Any],
    by: Sequence[ColumnElement[Any]],
    *,
    size: int = PAGE,
    limit: int | None = None,
) -> Iterator[Sequence[Row[Any]]]:
    """Read ``statement`` in pages, each in its own short transaction.

    Args:
        database: The database to read from.
        statement: A select with the columns ``by``, without order and limit.
        by: Columns that sort and uniquely identify the rows.
        size: Rows per page.
        limit: Maximum number of rows.
    """
    page = statement.order_by(*by)
    following = page
    left = sys.maxsize if limit is None else limit
    while left > 0:
        asked = min(size, left)
        with database.read() as connection:
            rows = connection.execute(following.limit(asked)).all()
        if rows:
            yield rows
        if len(rows) < asked:
            return
        left -= asked
        last = rows[-1]._mapping  # noqa: SLF001 - SQLAlchemy's public way to a value by its column
        following = page.where(tuple_(*by) > tuple_(*(last[column] for column in by)))


def in_chunks(
    database: Database, statement: Select[Any], column: ColumnElement[Any], keys: Iterable[str]
) -> Iterator[Row[Any]]:
    """Read the rows of ``statement`` whose ``column`` is one of ``keys``."""
    for chunk in chunks(dict.fromkeys(keys)):
        with database.read() as connection:
            rows = connection.execute(statement.where(column.in_(chunk))).all()
        yield from rows
