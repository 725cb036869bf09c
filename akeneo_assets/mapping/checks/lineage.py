"""Column lineage: the Akeneo attributes behind each iPaaS.com field."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeAlias

from akeneo_assets.mapping.file.mapping_file import ObjectRules
from akeneo_assets.mapping.file.sources import FormulaSource

if TYPE_CHECKING:
    from akeneo_assets.mapping.catalogue.structure import Structure
    from akeneo_assets.mapping.file.mapping_file import MappingFile, Named
    from akeneo_assets.mapping.file.place import Place

Column: TypeAlias = tuple[str, str]
"""An object of the mapping file, such as ``product``, and a field, such as ``custom_fields.Weight``."""


def sources_of(mapping: MappingFile, structure: Structure | None = None) -> dict[Column, set[str]]:
    """Return the codes of the attributes behind each destination field; fields without attributes are left out.

    Args:
        mapping: The mapping file.
        structure: If given, the result also covers properties such as ``$sku``, ``$label`` and ``$enabled`` (including
            fields of Akeneo's records), and the attributes that patterns, groups and ``all`` choose.
    """
    found: defaultdict[Column, set[str]] = defaultdict(set)
    for named in mapping.names():
        chosen = named.place[-2:-1] == ("attributes",)
        place = (*named.place[:-1], named.name) if chosen else named.place
        found[_column(place)].update(_codes(named, mapping, structure))
    for place, rules in mapping.field_rules():
        if structure is not None and isinstance(rules, ObjectRules) and place[0] != "category":
            settings = rules.custom_fields
            for attribute in structure.attributes.values():
                if not settings.chooses_nothing and settings.chooses(attribute.code, attribute.group):
                    found[_column((*place, "custom_fields", "fields", attribute.code))].add(attribute.code)
    _follow_custom_fields(mapping, found)
    return {column: codes for column, codes in sorted(found.items()) if codes and column[0] != "filter"}


def _codes(named: Named, mapping: MappingFile, structure: Structure | None) -> Iterable[str]:
    if not named.name.startswith("$"):
        return {named.name}
    if named.name == "$price":
        return {code for code in [mapping.settings.price_attribute] if code is not None}
    return () if structure is None else _fields_of(named.name[1:], str(named.place[0]), structure)


def _fields_of(name: str, part: str, structure: Structure) -> Iterable[str]:
    """Return the attributes and record fields of Akeneo that a property is read from.

    Akeneo reserves its field names, so they never clash with attribute codes.
    """
    identifier = {code for code in [structure.identifier_attribute] if code is not None}
    if part in {"option", "option_value"}:
        return ()
    if part == "related_product":
        return {"associations"}
    if part == "category":
        return {"labels", "code"} if name == "label" else {name}
    fallback = {"code"} if part == "product_model" else {*identifier, "uuid"}
    known = {"sku": fallback, "identifier": identifier, "label": {*structure.label_attributes.values(), *fallback}}
    return known.get(name, {name})


def _column(place: Place) -> Column:
    """Return the object and field of a path such as ``product.custom_fields.fields.Weight``."""
    steps = [str(step) for step in place[1:] if isinstance(step, str) and step not in {"fields", "attributes"}]
    return str(place[0]), ".".join(steps)


def _follow_custom_fields(mapping: MappingFile, found: defaultdict[Column, set[str]]) -> None:
    """Add the attributes of custom fields that formulas use."""
    named = [
        (_column(place), (str(place[0]), f"custom_fields.{name}"))
        for place, _, source, _ in mapping.sources()
        if isinstance(source, FormulaSource)
        for name in source.compiled.names.custom_fields
    ]
    before = -1
    while (known := sum(map(len, found.values()))) > before:  # as often as the longest chain of formulas
        before = known
        for column, other in named:
            found[column] |= found[other]
