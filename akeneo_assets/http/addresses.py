"""Encode URL paths and queries for both APIs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias
from urllib.parse import quote, urlencode

from akeneo_assets.errors import RecordError

QueryValue: TypeAlias = "str | int | float | bool | Sequence[str] | None"


def path_of(path: str) -> str:
    """Return ``path`` URL-encoded except for ``/``, which Akeneo accepts as part of a code.

    Raises:
        RecordError: A segment is ``.`` or ``..``. HTTP libraries and proxies resolve these, encoded or not, so the
            request would go to a different URL.
    """
    if not {".", ".."}.isdisjoint(path.split("/")):
        raise RecordError(f'The path "{path}" cannot be part of a URL.', code="not_addressable")
    return quote(path, safe="/")


def query_of(params: Mapping[str, QueryValue]) -> str:
    """Return ``params`` as a query string: booleans as ``true`` or ``false``, lists joined by commas, without None."""
    return urlencode(
        {name: _text(value) for name, value in params.items() if value is not None}, quote_via=quote, safe=""
    )


def _text(value: QueryValue) -> str:
    if isinstance(value, bool):
        # Akeneo silently treats "True" as false.
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    return ",".join(value or ())
