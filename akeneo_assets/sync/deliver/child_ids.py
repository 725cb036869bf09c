"""Collects the ids of a record's children in iPaaS.com, and puts them into the next whole-record write.

iPaaS.com may replace children: a child that is sent without its id may be deleted and created again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from akeneo_assets.documents import JsonObject
from akeneo_assets.sync.destination import is_usable_id

NATURAL_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "variants": ("sku",),
    "options": ("option_name", "value"),
    "values": ("value",),
    "components": ("sku",),
    "units": ("name",),
    "inventory": ("location_id",),
    "alternate_ids": ("alternate_id_type_id", "alternate_id"),
    "related_products": ("related_sku", "related_type"),
    "custom_fields": ("custom_field_name",),
}
"""Child list → the fields that identify its entries."""


def ids_of(response: JsonObject) -> JsonObject:
    """Collect the ids of all children in a response, nested in the same way as the children.

    Returns:
        ``{"id": …, "<list>": {"<natural key>": {…}}, "kit": {…}}``.
    """
    ids: JsonObject = {}
    if is_usable_id(response.get("id")):
        ids["id"] = response["id"]
    # The response has fewer fields than there are names, and is read for every write.
    for name in response.keys() & NATURAL_KEYS.keys():
        entries = {_natural_key(name, child): ids_of(child) for child in children_of(response, name)}
        if entries:
            ids[name] = entries
    if isinstance(response.get("kit"), dict):
        ids["kit"] = ids_of(response["kit"])
    return ids


def with_ids(payload: JsonObject, ids: JsonObject) -> JsonObject:
    """Return ``payload`` with the ids in ``ids`` added to every known child, but not to the record itself."""
    result = dict(payload)
    for name in NATURAL_KEYS:
        known = ids.get(name, {})
        if isinstance(payload.get(name), list):
            result[name] = [
                _identified(child, known.get(_natural_key(name, child), {})) if isinstance(child, dict) else child
                for child in payload[name]
            ]
    if isinstance(payload.get("kit"), dict):
        result["kit"] = _identified(payload["kit"], ids.get("kit", {}))
    return result


def _identified(child: JsonObject, ids: JsonObject) -> JsonObject:
    nested = with_ids(child, ids)
    return {"id": ids["id"], **nested} if "id" in ids else nested


def children_of(record: JsonObject, name: str) -> list[JsonObject]:
    """Return the children of a record under ``name``; an empty list if the response has none."""
    children: Any = record.get(name)
    return [child for child in children if isinstance(child, dict)] if isinstance(children, list) else []


def _natural_key(name: str, child: JsonObject) -> str:
    return "\n".join(str(child.get(field, "")) for field in NATURAL_KEYS[name])
