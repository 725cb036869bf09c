"""What records have to be read with because of the mapping: parameters of Akeneo's lists that add to a record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from akeneo_assets.mapping.attribute_types import ASSET_COLLECTION
from akeneo_assets.mapping.sources import FieldSource, LookupSource

if TYPE_CHECKING:
    from akeneo_assets.mapping.collections import Mapping as MappingFile
    from akeneo_assets.mapping.structure import Structure

COMPLETENESSES: Final = "with_completenesses"
"""How complete a product is; product models have no such parameter."""

ASSET_SHARE_LINKS: Final = "with_asset_share_links"
"""The links of the files of assets, beside the values that name the assets; other versions than SaaS ignore it."""


def read_options(mapping: MappingFile, structure: Structure) -> frozenset[str]:
    """Return the parameters that products and product models have to be read with.

    Args:
        mapping: The mapping file.
        structure: The attributes; nothing else of it counts.
    """
    options = set()
    if mapping.filter.completeness is not None:
        options.add(COMPLETENESSES)
    attributes = structure.attributes
    if any(code in attributes and attributes[code].type == ASSET_COLLECTION for code in _linked(mapping, structure)):
        options.add(ASSET_SHARE_LINKS)
    return frozenset(options)


def _linked(mapping: MappingFile, structure: Structure) -> Iterator[str]:
    """Yield the attributes that are sent as a link where they have one; formulas calculate with codes."""
    by_default = mapping.settings.media == "link"
    for place, _, source, _ in mapping.sources():
        reading = source.reading if isinstance(source, (FieldSource, LookupSource)) else None
        if reading is None or reading.record_attribute is not None or place[0] == "category":
            continue
        if reading.form == "link" or (reading.form is None and by_default):
            yield reading.attribute
    if by_default:
        for collection in (mapping.product, mapping.product_model, mapping.variant):
            chooses = collection.custom_fields.chooses
            yield from (each.code for each in structure.attributes.values() if chooses(each.code, each.group))
