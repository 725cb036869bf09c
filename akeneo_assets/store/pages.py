"""Read long results in pages by key, and long ``IN`` lists in chunks.

Pass constant statements with parameters: building a statement for each call takes longer than executing it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Row, Select, bindparam, tuple_

from akeneo_assets.store.database import Database

PAGE = 1_000
CHUNK = 500
_STATEMENTS = 64

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
    parameters: Mapping[str, Any] | None = None,
    *,
    size: int = PAGE,
    limit: int | None = None,
) -> Iterator[Sequence[Row[Any]]]:
    """Read ``statement`` in pages, each in its own short transaction.

    Args:
        database: The database to read from.
        statement: A select with the columns ``by``, without order and limit.
        by: Columns that sort and uniquely identify the rows.
        parameters: Parameters of the statement.
        size: Rows per page.
        limit: Maximum number of rows.
    """
    page, following = _paged(statement, tuple(by))
    after: dict[str, Any] = {}
    left = sys.maxsize if limit is None else limit
    while left > 0:
        asked = min(size, left)
        with database.read() as connection:
            rows = connection.execute(page, {**(parameters or {}), **after, "page_size": asked}).all()
        if rows:
            yield rows
        if len(rows) < asked:
            return
        left -= asked
        last = rows[-1]._mapping  # noqa: SLF001 - SQLAlchemy's public way to a value by its column
        page, after = following, {f"after_{number}": last[column] for number, column in enumerate(by)}


def in_chunks(
    database: Database,
    statement: Select[Any],
    column: ColumnElement[Any],
    keys: Iterable[str],
    parameters: Mapping[str, Any] | None = None,
) -> Iterator[Row[Any]]:
    """Read the rows of ``statement`` whose ``column`` is one of ``keys``."""
    for chunk in chunks(dict.fromkeys(keys)):
        with database.read() as connection:
            rows = connection.execute(_among(statement, column), {**(parameters or {}), "chunk": chunk}).all()
        yield from rows


@lru_cache(_STATEMENTS)
def _paged(statement: Select[Any], by: tuple[ColumnElement[Any], ...]) -> tuple[Select[Any], Select[Any]]:
    """Return the statement of the first page, and that of the following ones."""
    page = statement.order_by(*by).limit(bindparam("page_size"))
    last = (bindparam(f"after_{number}", type_=column.type) for number, column in enumerate(by))
    return page, page.where(tuple_(*by) > tuple_(*last))


@lru_cache(_STATEMENTS)
def _among(statement: Select[Any], column: ColumnElement[Any]) -> Select[Any]:
    return statement.where(column.in_(bindparam("chunk", expanding=True)))
