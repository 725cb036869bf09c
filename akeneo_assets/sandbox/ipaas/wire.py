"""How ids and nulls are written in JSON, which the switches change."""

from __future__ import annotations

from typing import Any

import orjson

from akeneo_assets.sandbox.ipaas.errors import RefusedError
from akeneo_assets.sandbox.ipaas.switches import Switches

_IDS = frozenset(
    {
        "id",
        "parent_id",
        "product_id",
        "category_id",
        "related_id",
        "location_id",
        "alternate_id_type_id",
        "internal_id",
        "system_id",
    }
)


def check_body(content: bytes, switches: Switches) -> None:
    """Refuse a body whose ids or nulls this API does not accept.

    Raises:
        RefusedError: ``VALD-1003``.
    """
    if switches.ids == "mixed" and switches.nulls_accepted:
        return
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError:
        return  # the handler refuses it
    _check(document, switches)


def _check(document: Any, switches: Switches) -> None:
    if isinstance(document, list):
        for item in document:
            _check(item, switches)
    if not isinstance(document, dict):
        return
    for name, value in document.items():
        if value is None and not switches.nulls_accepted:
            raise RefusedError("VALD-1003", f"The JSON value of {name} could not be converted: null.")
        is_wrong = {"mixed": False, "number": isinstance(value, str), "text": type(value) is int}[switches.ids]
        if name in _IDS and is_wrong:
            raise RefusedError("VALD-1003", f"The JSON value of {name} could not be converted.")
        _check(value, switches)


def shown(document: Any, switches: Switches) -> Any:
    """Return a document with its ids as this API writes them."""
    if switches.ids == "mixed":
        return document
    if isinstance(document, list):
        return [shown(item, switches) for item in document]
    if not isinstance(document, dict):
        return document
    return {name: _id(value, switches) if name in _IDS else shown(value, switches) for name, value in document.items()}


def _id(value: Any, switches: Switches) -> Any:
    if value is None:
        return None
    return int(value) if switches.ids == "number" and str(value).isdecimal() else str(value)
