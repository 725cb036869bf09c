"""What differs between the payload that was accepted last and the one that is due."""

from __future__ import annotations

from akeneo_assets.documents import JsonObject

_NOT_COMPARED = frozenset({"kind", "key", "warnings", "variants", "problems"})


def difference(accepted: JsonObject, due: JsonObject) -> JsonObject:
    """Compare two mapped records field by field.

    Args:
        accepted: The document of the ledger.
        due: The document of the plan.

    Returns:
        Field name → ``{"from": old, "to": new}``, for the fields that differ; fields of the payload stand beside
        ``categories``, ``components``, ``related`` and the like.
    """
    before, after = _fields(accepted), _fields(due)
    return {
        name: {"from": before.get(name), "to": after.get(name)}
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    }


def _fields(document: JsonObject) -> JsonObject:
    outer = {name: value for name, value in document.items() if name not in _NOT_COMPARED and name != "payload"}
    return {**outer, **document.get("payload", {})}
