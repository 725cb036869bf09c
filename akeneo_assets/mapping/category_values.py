"""The attribute values of categories, which have another shape than those of products."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akeneo_assets.mapping.shapes import as_map, as_text
from akeneo_assets.mapping.structure import Attribute, Structure
from akeneo_assets.mapping.values import ValueReader

if TYPE_CHECKING:
    from akeneo_assets.documents import JsonObject
    from akeneo_assets.mapping.selection import Selection


def category_values(document: JsonObject, selection: Selection) -> tuple[ValueReader, dict[str, list[JsonObject]]]:
    """Return a category's values in the shape of product values, and a reader for them.

    Akeneo keys them ``code|uuid|channel|locale`` and repeats the parts inside, says ``channel`` where products
    say ``scope``, and lists no category attributes anywhere: all of them count as text.
    """
    values: dict[str, list[JsonObject]] = {}
    # Two attributes may have one code, deleted and made again: the order of Akeneo's map must not choose between them.
    for _, value in sorted(as_map(document.get("values")).items()):
        body = as_map(value)
        if code := _code(body):
            entry = {"scope": body.get("channel"), "locale": body.get("locale"), "data": _data(body.get("data"))}
            values.setdefault(code, []).append(entry)
    attributes = {code: Attribute(code, "pim_catalog_text") for code in values}
    return ValueReader(Structure(attributes=attributes), selection), values


def category_attributes(document: JsonObject) -> set[str]:
    """Return the codes of the attributes that a category has values of."""
    codes = (_code(as_map(value)) for value in as_map(document.get("values")).values())
    return {code for code in codes if code}


def _code(value: JsonObject) -> str:
    return (as_text(value.get("attribute_code")) or "").partition("|")[0]


def _data(data: Any) -> Any:
    """Return the path of an image, anything else as it is."""
    return data["file_path"] if isinstance(data, dict) and "file_path" in data else data
