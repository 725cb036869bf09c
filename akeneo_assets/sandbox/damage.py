"""Records that Akeneo lists but cannot write as JSON."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import parse_qs

import orjson
from starlette.types import Scope

_KEYS: Final = ("uuid", "identifier", "code")
_MARK: Final = "the damaged part of the record"
_PARTS: Final = {"server_error": b"", "bytes": b"M\xfcller", "surrogate": rb"\ud83d"}


def damaged_body(scope: Scope, body: bytes, *, record: str | None, how: str, deep: bool) -> bytes | None:
    """Return the body of a response with the damage in it; None if the response does not contain the record.

    Args:
        scope: The request.
        body: The body of its response.
        record: Uuid, identifier or code of the record.
        how: What the damage does to the response: ``server_error``, ``bytes``, ``surrogate`` or ``shape``.
        deep: Whether the damage is outside the values, so that requests without values are affected, too.
    """
    if record is None or record.encode() not in body:
        return None
    query = parse_qs(scope["query_string"].decode())
    shows_values = "attributes" not in query and (
        "/categories" not in scope["path"] or "with_enriched_attributes" in query
    )
    if not deep and not shows_values:
        return None
    document = orjson.loads(body)
    for listed in _records(document):
        if record in (listed.get(name) for name in _KEYS):
            if how == "shape":
                listed["values"] = "none"
                return orjson.dumps(document)
            listed["values" if not deep else "labels"] = {"name": [{"data": _MARK}]}
            return orjson.dumps(document).replace(_MARK.encode(), _PARTS[how])
    return None


def _records(document: Any) -> list[dict[str, Any]]:
    if not isinstance(document, dict):
        return []
    return document["_embedded"]["items"] if "_embedded" in document else [document]
