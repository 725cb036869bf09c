"""Attribute values of categories, whose format differs from product values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akeneo_assets.mapping.catalogue.structure import Attribute, Structure
from akeneo_assets.mapping.record.values import ValueReader
from akeneo_assets.mapping.shapes import as_map, as_text

if TYPE_CHECKING:
    from akeneo_assets.documents import JsonObject
    from akeneo_assets.mapping.catalogue.selection import Selection


def category_values(document: JsonObject, selection: Selection) -> tuple[ValueReader, dict[str, list[JsonObject]]]:
    """Return a category's values in the format of product values, and a reader for them.

    Akeneo keys them by ``code|uuid|channel|locale``, repeats these parts in the value, and uses ``channel`` where
    products use ``scope``. Its API does not list category attributes, so all of them are read as text.
    """
    values: dict[str, list[JsonObject]] = {}
    # An attribute that was deleted and created again has the same code twice; sort, so that the choice is stable.
    for _, value in sorted(as_map(document.get("values")).items()):
        body = as_map(value)
        if code := _code(body):
            entry = {"scope": body.get("channel"), "locale": body.get("locale"), "data": _data(body.get("data"))}
            values.setdefault(code, []).append(entry)
    attributes = {code: Attribute(code, "pim_catalog_text") for code in values}
    return ValueReader(Structure(attributes=attributes), selection), values


def category_attributes(document: JsonObject) -> set[str]:
    """Return the codes of the attributes that a category has values for."""
    codes = (_code(as_map(value)) for value in as_map(document.get("values")).values())
    return {code for code in codes if code}


def _code(value: JsonObject) -> str:
    return (as_text(value.get("attribute_code")) or "").partition("|")[0]


def _data(data: Any) -> Any:
    """Return the path of an image, or any other value unchanged."""
    return data["file_path"] if isinstance(data, dict) and "file_path" in data else data
