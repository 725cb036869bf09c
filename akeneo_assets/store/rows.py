"""From rows of tables to records and back: a field is a column of the same name, a fingerprint is several columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from sqlalchemy import Column, Row, Table

from akeneo_assets.store.fingerprints import SourceFingerprint

SOURCE_COLUMNS: Final[tuple[str, ...]] = tuple(f"source_{name}" for name in SourceFingerprint.__slots__)
"""Columns of the field ``source``; all of them are NULL when there is no fingerprint."""

NO_SOURCE: Final[Mapping[str, None]] = dict.fromkeys(SOURCE_COLUMNS)

_SOURCE: Final = "source"

_Record = TypeVar("_Record")


def column_names(record_type: type) -> list[str]:
    """Return the names of the columns that hold a record, in the order of its fields."""
    fields: tuple[str, ...] = record_type.__slots__  # type: ignore[attr-defined]
    return [name for field in fields for name in (SOURCE_COLUMNS if field == _SOURCE else (field,))]


def columns(table: Table, record_type: type) -> list[Column[Any]]:
    """Return the columns that hold a record, in the order of its fields."""
    return [table.c[name] for name in column_names(record_type)]


def row_values(record: Any) -> dict[str, Any]:
    """Return the values of the columns that hold ``record``, by name."""
    plain = {name: getattr(record, name) for name in record.__slots__ if name != _SOURCE}
    return plain | source_values(record.source)


def source_values(source: SourceFingerprint | None) -> dict[str, str | None]:
    """Return the values of the columns that hold a fingerprint, by name."""
    if source is None:
        return dict(NO_SOURCE)
    return {f"source_{name}": getattr(source, name) for name in SourceFingerprint.__slots__}


def read_record(record_type: Callable[..., _Record], row: Row[Any]) -> _Record:
    """Return the record of a row that was selected with :func:`columns`."""
    start = record_type.__slots__.index(_SOURCE)  # type: ignore[attr-defined]
    end = start + len(SOURCE_COLUMNS)
    content, *others = row[start:end]
    source = None if content is None else SourceFingerprint(content, *others)
    return record_type(*row[:start], source, *row[end:])
