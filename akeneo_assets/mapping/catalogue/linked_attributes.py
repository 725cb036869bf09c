"""The attributes that a mapping sends as links."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from akeneo_assets.mapping.file.sources import FieldSource, LookupSource

if TYPE_CHECKING:
    from akeneo_assets.mapping.catalogue.structure import Attribute
    from akeneo_assets.mapping.file.mapping_file import MappingFile


def linked_attributes(mapping: MappingFile, attributes: Iterable[Attribute]) -> Iterator[str]:
    """Yield the attributes that are sent as links where possible; formulas always use codes.

    Args:
        mapping: The mapping file.
        attributes: All attributes, for patterns and groups.
    """
    by_default = mapping.settings.media == "link"
    for place, _, source, _ in mapping.sources():
        reading = source.reading if isinstance(source, (FieldSource, LookupSource)) else None
        if reading is None or reading.record_attribute is not None or place[0] == "category":
            continue
        if reading.form == "link" or (reading.form is None and by_default):
            yield reading.attribute
    if by_default:
        fields = [each.custom_fields for each in (mapping.product, mapping.product_model, mapping.variant)]
        for attribute in attributes:
            if any(each.chooses(attribute.code, attribute.group) for each in fields):
                yield attribute.code
