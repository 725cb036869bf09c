"""Compares the payload that was accepted last with the one that is due."""

from __future__ import annotations

from typing import Final

from akeneo_assets.documents import JsonObject, canonical_bytes

_SHOWN: Final = 80
_NOT_COMPARED = frozenset({"kind", "key", "model", "warnings", "variants", "problems", "kept"})


def difference(accepted: JsonObject, due: JsonObject) -> JsonObject:
    """Compare two mapped records field by field.

    Args:
        accepted: The document of the ledger.
        due: The document of the plan.

    Returns:
        Field name → ``{"from": old, "to": new}``, for the fields that differ: fields of the payload, ``categories``,
        ``components``, ``related`` and the like, and each custom field by its name.
    """
    before, after = fields_of(accepted), fields_of(due)
    return {
        name: {"from": before.get(name), "to": after.get(name)}
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    }


def in_words(found: JsonObject) -> str:
    """Return a difference as one line, e.g. ``name: "Hat" → "Straw hat"; status: "Active" → "Disabled"``."""
    return "; ".join(f"{name}: {_short(each['from'])} → {_short(each['to'])}" for name, each in found.items())


def as_values(fields: JsonObject) -> str:
    """Return the new values of fields as one line, e.g. ``name: "Hat"; status: "Active"``."""
    return "; ".join(f"{name}: {canonical_bytes(each['to']).decode()}" for name, each in fields.items())


def _short(value: object) -> str:
    text = "nothing" if value is None else canonical_bytes(value).decode()
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def fields_of(document: JsonObject) -> JsonObject:
    """Return the fields of a mapped record as :func:`difference` names them."""
    outer = {name: value for name, value in document.items() if name not in _NOT_COMPARED and name != "payload"}
    payload = dict(document.get("payload", {}))
    custom = payload.pop("custom_fields", ())
    return {**outer, **payload, **{f"custom_fields.{each['custom_field_name']}": each["value"] for each in custom}}
