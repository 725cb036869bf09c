"""What records have to be read with because of the mapping: parameters of Akeneo's lists that add to a record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from akeneo_assets.mapping.attribute_types import ASSET_COLLECTION

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
    linked = mapping.linked_attributes(attributes.values())
    if any(code in attributes and attributes[code].type == ASSET_COLLECTION for code in linked):
        options.add(ASSET_SHARE_LINKS)
    return frozenset(options)
