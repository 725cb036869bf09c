"""The fingerprint of a mapper: what the mapping of an unchanged record depends on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from akeneo_assets.documents import fingerprint

if TYPE_CHECKING:
    from akeneo_assets.mapping.file.mapping_file import MappingFile
    from akeneo_assets.settings import ProductIdFormat

# Increase this when a code change maps an unchanged record differently, so that all records are mapped again.
MAPPING_VERSION: Final = 4


class MapperFingerprint(NamedTuple):
    """Changes whenever an unchanged record may be mapped differently.

    Attributes:
        rules: Changes with the mapping file and with the code that applies it.
        structure: Changes with Akeneo's structure.
    """

    rules: str
    structure: str


def rules_fingerprint(mapping: MappingFile, product_id_format: ProductIdFormat) -> str:
    """Return a fingerprint of the mapping rules: the mapping file and the code that applies it.

    Args:
        mapping: The mapping file.
        product_id_format: Whether products are keyed by UUID or by identifier.
    """
    return fingerprint(MAPPING_VERSION, mapping.model_dump(mode="json"), product_id_format)
