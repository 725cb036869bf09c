"""Which attributes each field of iPaaS.com is made of, for the lineage of columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeAlias

from akeneo_assets.mapping.collections import ObjectCollection
from akeneo_assets.mapping.sources import FormulaSource

if TYPE_CHECKING:
    from akeneo_assets.mapping.collections import Mapping, Named, Place
    from akeneo_assets.mapping.structure import Structure

Column: TypeAlias = tuple[str, str]
"""An object of the mapping file, such as ``product``, and a field, such as ``custom_fields.Weight``."""


def sources_of(mapping: Mapping, structure: Structure | None = None) -> dict[Column, set[str]]:
    """Return the codes of the attributes that each destination field is made of; fields without any are left out.

    Args:
        mapping: The mapping file.
        structure: Where given, also tells what ``$sku``, ``$identifier`` and ``$label`` stand for, and which
            attributes patterns, groups and ``all`` choose.
    """
    found: defaultdict[Column, set[str]] = defaultdict(set)
    for named in mapping.names():
        chosen = named.place[-2:-1] == ("attributes",)
        place = (*named.place[:-1], named.name) if chosen else named.place
        found[_column(place)].update(_codes(named, mapping, structure))
    for place, collection in mapping.collections():
        if structure is not None and isinstance(collection, ObjectCollection) and place[0] != "category":
            settings = collection.custom_fields
            for attribute in structure.attributes.values():
                if not settings.chooses_nothing and settings.chooses(attribute.code, attribute.group):
                    found[_column((*place, "custom_fields", "fields", attribute.code))].add(attribute.code)
    _follow_custom_fields(mapping, found)
    return {column: codes for column, codes in sorted(found.items()) if codes and column[0] != "filter"}


def _codes(named: Named, mapping: Mapping, structure: Structure | None) -> Iterable[str]:
    if not named.name.startswith("$"):
        return {named.name}
    known: dict[str, Iterable[str | None]] = {"$price": [mapping.settings.price_attribute]}
    if structure is not None and named.place[0] in {"product", "variant", "kit", "inventory", "product_model"}:
        identifier = structure.identifier_attribute
        labels = structure.label_attributes.values()
        # A model has a code instead of an identifier.
        fallback = [] if named.place[0] == "product_model" else [identifier]
        known |= {"$sku": fallback, "$identifier": fallback, "$label": [*labels, *fallback]}
    return {code for code in known.get(named.name, ()) if code is not None}


def _column(place: Place) -> Column:
    """Return the object and the field of a place such as ``product.custom_fields.fields.Weight``."""
    steps = [str(step) for step in place[1:] if isinstance(step, str) and step not in {"fields", "attributes"}]
    return str(place[0]), ".".join(steps)


def _follow_custom_fields(mapping: Mapping, found: defaultdict[Column, set[str]]) -> None:
    """Add the attributes of the custom fields that formulas name."""
    named = [
        (_column(place), (str(place[0]), f"custom_fields.{name}"))
        for place, _, source, _ in mapping.sources()
        if isinstance(source, FormulaSource)
        for name in source.compiled.names.custom_fields
    ]
    for _ in named:  # as often as the longest chain of formulas
        for column, other in named:
            found[column] |= found[other]
