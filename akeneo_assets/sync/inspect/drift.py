"""Compares the records in iPaaS.com with those that it accepted, field by field.

Only what was sent is compared. Fields and list entries that only iPaaS.com has are no drift: the server or another
subscription added them, and a PUT that merges keeps them. The order of lists does not matter either.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from akeneo_assets.documents import JsonObject
from akeneo_assets.sync.deliver.child_ids import NATURAL_KEYS, children_of

_MAY_BE_ABSENT: Final = frozenset({"external_ids", "product_id"})
"""Fields that are compared only if iPaaS.com returns them."""


def drift(accepted: JsonObject, found: JsonObject) -> JsonObject:
    """Return the fields of a record in iPaaS.com that differ from the payload that was accepted.

    Args:
        accepted: The payload that was accepted.
        found: The record as iPaaS.com returns it now.

    Returns:
        Field name → ``{"accepted": …, "found": …}``.
    """
    return {name: {"accepted": before, "found": now} for name, before, now in _differing("", accepted, found)}


def _differing(path: str, accepted: JsonObject, found: JsonObject) -> Iterator[tuple[str, Any, Any]]:
    for name, before in accepted.items():
        now = found.get(name)
        if name in _MAY_BE_ABSENT and now is None:
            continue
        if isinstance(before, list):
            yield from _differing_entries(f"{path}{name}", name, before, found)
        elif isinstance(before, dict) and isinstance(now, dict):
            yield from _differing(f"{path}{name}.", before, now)
        elif not _is_same(before, now):
            yield f"{path}{name}", before, now


def _differing_entries(path: str, name: str, accepted: list[Any], found: JsonObject) -> Iterator[tuple[str, Any, Any]]:
    entries = {_identity(name, entry): entry for entry in children_of(found, name)}
    for before in accepted:
        identity = _identity(name, before)
        now = entries.get(identity)
        if name == "custom_fields":
            value = None if now is None else now.get("value")
            if not _is_same(before["value"], value):
                yield f"{path}.{identity}", before["value"], value
        elif now is None:
            yield f"{path}[{identity}]", before, None
        elif name not in {"categories", "external_ids"}:
            yield from _differing(f"{path}[{identity}].", before, now)


def _identity(name: str, entry: JsonObject) -> str:
    if name == "categories":
        # iPaaS.com takes the id of a category as `id` and returns it as `category_id`.
        return str(entry.get("category_id", entry.get("id")))
    fields = ("system_id", "external_id") if name == "external_ids" else NATURAL_KEYS.get(name, tuple(entry))
    return ", ".join(str(entry[field]) for field in fields if entry.get(field) is not None)


def _is_same(accepted: object, found: object) -> bool:
    if accepted == found or (_is_empty(accepted) and _is_empty(found)):
        return True
    if isinstance(accepted, bool) or isinstance(found, bool):
        return str(accepted).casefold() == str(found).casefold()
    if isinstance(accepted, int | float) or isinstance(found, int | float):
        # A price or a custom field may come back as text, or with more or fewer zeros.
        try:
            return Decimal(str(accepted)) == Decimal(str(found))
        except InvalidOperation:
            return False
    return False


def _is_empty(value: object) -> bool:
    return value is None or value in ("", [], {})
