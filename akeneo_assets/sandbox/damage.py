"""Records that Akeneo lists but cannot write as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs

import orjson
from starlette.types import Scope

if TYPE_CHECKING:
    from akeneo_assets.sandbox.faults import Fault

_KEYS: Final = ("uuid", "identifier", "code")
_MARK: Final = "the damaged part of the record"
_PARTS: Final = {"server_error": b"", "bytes": b"M\xfcller", "surrogate": rb"\ud83d"}


def damaged_body(fault: Fault, scope: Scope, body: bytes) -> bytes | None:
    """Return the body of an answer with the damage in it; None where the answer does not hold the record.

    Args:
        fault: A fault of the kind ``damage``.
        scope: The request.
        body: The body of its answer.
    """
    if fault.record is None or fault.record.encode() not in body:
        return None
    query = parse_qs(scope["query_string"].decode())
    shows_values = "attributes" not in query and (
        "/categories" not in scope["path"] or "with_enriched_attributes" in query
    )
    if not fault.deep and not shows_values:
        return None
    document = orjson.loads(body)
    for record in _records(document):
        if fault.record in (record.get(name) for name in _KEYS):
            if fault.how == "shape":
                record["values"] = "none"
                return orjson.dumps(document)
            record["values" if not fault.deep else "labels"] = {"name": [{"data": _MARK}]}
            return orjson.dumps(document).replace(_MARK.encode(), _PARTS[fault.how])
    return None


def _records(document: Any) -> list[dict[str, Any]]:
    if not isinstance(document, dict):
        return []
    return document["_embedded"]["items"] if "_embedded" in document else [document]
