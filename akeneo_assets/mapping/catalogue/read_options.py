"""Optional parameters of Akeneo's product lists that a mapping needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from akeneo_assets.mapping.catalogue.attribute_types import ASSET_COLLECTION
from akeneo_assets.mapping.catalogue.linked_attributes import linked_attributes

if TYPE_CHECKING:
    from akeneo_assets.mapping.catalogue.structure import Structure
    from akeneo_assets.mapping.file.mapping_file import MappingFile

COMPLETENESSES: Final = "with_completenesses"
"""Adds how complete a product is; the list of product models does not have this parameter."""

ASSET_SHARE_LINKS: Final = "with_asset_share_links"
"""Adds the share links of assets to asset values; only Akeneo SaaS supports it, other editions ignore it."""


def read_options(mapping: MappingFile, structure: Structure) -> frozenset[str]:
    """Return the parameters needed to read products and product models.

    Args:
        mapping: The mapping file.
        structure: The structure of the catalogue; only its attributes are used.
    """
    options = set()
    if mapping.filter.completeness is not None:
        options.add(COMPLETENESSES)
    attributes = structure.attributes
    linked = linked_attributes(mapping, attributes.values())
    if any(code in attributes and attributes[code].type == ASSET_COLLECTION for code in linked):
        options.add(ASSET_SHARE_LINKS)
    return frozenset(options)
