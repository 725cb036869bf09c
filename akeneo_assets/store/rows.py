"""Convert records to table rows and back: a field is stored in a column of the same name, or in several columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from sqlalchemy import Column, Row, Table

from akeneo_assets.store.fingerprints import SourceFingerprint
from akeneo_assets.store.records import Attempt

SOURCE_COLUMNS: Final = tuple(f"source_{name}" for name in SourceFingerprint.__slots__)
"""The columns of the field ``source``; all of them are NULL if there is no fingerprint."""

NO_SOURCE: Final[Mapping[str, None]] = dict.fromkeys(SOURCE_COLUMNS)

_COLUMNS: Final[Mapping[str, Mapping[str, str]]] = {
    "source": dict(zip(SOURCE_COLUMNS, SourceFingerprint.__slots__, strict=True)),
    "attempt": {name: name for name in Attempt.__slots__},
    # Stored in the changelog.
    "event": {},
}
"""Field stored in several columns, or in none → column → part of the value."""

_Record = TypeVar("_Record")


def column_names(record_type: type) -> list[str]:
    """Return the names of a record's columns, in the order of its fields."""
    fields: tuple[str, ...] = record_type.__slots__  # type: ignore[attr-defined]
    return [name for field in fields for name in _COLUMNS.get(field, (field,))]


def columns(table: Table, record_type: type) -> list[Column[Any]]:
    """Return a record's columns, in the order of its fields."""
    return [table.c[name] for name in column_names(record_type)]


def row_values(record: Any) -> dict[str, Any]:
    """Return the values of a record's columns, by name."""
    return {
        name: value
        for field in record.__slots__
        for name, value in column_values(field, getattr(record, field)).items()
    }


def column_values(field: str, value: Any) -> dict[str, Any]:
    """Return the values of a field's columns, by name.

    Args:
        field: Name of the field.
        value: Its value; for a field stored in several columns, None sets all of them to NULL.
    """
    if field not in _COLUMNS:
        return {field: value}
    return {name: None if value is None else getattr(value, part) for name, part in _COLUMNS[field].items()}


def read_record(record_type: Callable[..., _Record], row: Row[Any]) -> _Record:
    """Return the record of a row selected with :func:`columns`; the record must have a field ``source``."""
    start = record_type.__slots__.index("source")  # type: ignore[attr-defined]
    end = start + len(SOURCE_COLUMNS)
    content, *others = row[start:end]
    source = None if content is None else SourceFingerprint(content, *others)
    return record_type(*row[:start], source, *row[end:])
