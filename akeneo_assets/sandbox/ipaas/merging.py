"""The other interpretation of a PUT: fields that a request leaves out do not change.

The API does not document whether a PUT replaces a record or merges into it. If it merges, fields that the request does
not contain keep their values, and a null or an empty text empties a field. Custom fields are kept by name, variants
that are left out stay, and only the call that unassigns a category removes it from a product. Any other list in the
request replaces the old one. Switches change what empties fields and custom fields.
"""

from __future__ import annotations

from typing import Any

from akeneo_assets.documents import JsonObject
from akeneo_assets.sandbox.ipaas.catalog_bodies import ProductBody, RecordWithCustomFields
from akeneo_assets.sandbox.ipaas.switches import Switches

_NEVER_KEPT = frozenset({"id", "active", "external_ids"})


def merged(document: JsonObject, body: RecordWithCustomFields, stored: JsonObject, switches: Switches) -> JsonObject:
    """Return a record after a merging PUT.

    Args:
        document: The request, with the defaults of the fields that it does not contain.
        body: The parsed request, which knows the fields it contains.
        stored: The record before the request, without deactivated variants.
        switches: What empties fields.
    """
    result = dict(document)
    for name, value in stored.items():
        if name not in _NEVER_KEPT and not _is_given(name, body, switches):
            result[name] = _assigned(value) if name == "categories" else _restated(value)
    result["custom_fields"] = [*document["custom_fields"], *_kept_custom_fields(body, stored, switches)]
    return result


def _is_given(name: str, body: RecordWithCustomFields, switches: Switches) -> bool:
    """Whether the request changes a field."""
    value = getattr(body, name, None)
    if value is None or value == "":
        return name in body.model_fields_set and ("null" if value is None else "text") in switches.emptied_by
    return name in body.model_fields_set


def _kept_custom_fields(body: RecordWithCustomFields, stored: JsonObject, switches: Switches) -> list[JsonObject]:
    """Return the custom fields that the request does not change."""
    form = "left out" if body.custom_fields else "empty list"
    if "custom_fields" in body.model_fields_set and form in switches.custom_fields_emptied_by:
        return []
    named = {field.custom_field_name for field in body.custom_fields}
    return [field for field in stored["custom_fields"] if field["custom_field_name"] not in named]


def merged_product(document: JsonObject, body: ProductBody, stored: JsonObject, switches: Switches) -> JsonObject:
    """Return a product after a merging PUT, with its categories and variants."""
    result = merged(document, body, stored, switches)
    categories = {category["id"] for category in result["categories"]}
    result["categories"] += [each for each in _assigned(stored["categories"]) if each["id"] not in categories]
    before = {str(variant["id"]): variant for variant in stored["variants"]}
    if "variants" in body.model_fields_set:
        result["variants"] = [
            merged(variant, given, before[variant["id"]], switches) if variant.get("id") in before else variant
            for variant, given in zip(document["variants"], body.variants, strict=True)
        ]
        named = {variant.get("id") for variant in document["variants"]}
        left_out = [variant for key, variant in before.items() if key not in named]
        result["variants"] += [
            {**_restated(variant), "categories": _assigned(variant["categories"])} for variant in left_out
        ]
    else:
        for variant, kept in zip(result["variants"], stored["variants"], strict=True):
            variant["categories"] = _assigned(kept["categories"])
    return result


def _assigned(categories: list[JsonObject]) -> list[JsonObject]:
    """Return assignments as in a request: by category."""
    return [{"id": str(category["category_id"])} for category in categories]


def _restated(value: Any) -> Any:
    """Return a stored value as in a request: ids as texts, without internal fields."""
    if isinstance(value, dict):
        return {
            name: str(content) if name == "id" or name.endswith("_id") else _restated(content)
            for name, content in value.items()
            if name != "active"
        }
    return [_restated(item) for item in value] if isinstance(value, list) else value
