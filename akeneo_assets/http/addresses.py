"""Paths and queries as both APIs want them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias
from urllib.parse import quote, urlencode

from akeneo_assets.errors import RecordError

QueryValue: TypeAlias = "str | int | float | bool | Sequence[str] | None"


def path_of(path: str) -> str:
    """Return ``path`` with everything encoded but ``/``, which Akeneo takes as part of a code.

    Raises:
        RecordError: A segment is ``.`` or ``..``. Every HTTP library and proxy resolves those, encoded or not, and
            the request would reach another address than the one that was meant.
    """
    if not {".", ".."}.isdisjoint(path.split("/")):
        raise RecordError(f'"{path}" cannot be written as an address.', code="not_addressable")
    return quote(path, safe="/")


def query_of(params: Mapping[str, QueryValue]) -> str:
    """Return ``params`` as a query: ``true``/``false`` for booleans, lists joined by commas, None left out."""
    return urlencode(
        {name: _text(value) for name, value in params.items() if value is not None}, quote_via=quote, safe=""
    )


def _text(value: QueryValue) -> str:
    if isinstance(value, bool):
        # Akeneo takes "True" for false without a word.
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    return ",".join(value or ())
