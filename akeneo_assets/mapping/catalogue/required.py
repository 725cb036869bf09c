"""Determine which of Akeneo's long lists, such as options and records, a mapping needs."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from akeneo_assets.mapping.catalogue.attribute_types import (
    ASSET_COLLECTION,
    OPTION_TYPES,
    RECORD_LINK_TYPES,
    RECORD_OPTION_TYPES,
    REFERENCE_ENTITY_TYPES,
)
from akeneo_assets.mapping.catalogue.linked_attributes import linked_attributes
from akeneo_assets.mapping.catalogue.structure import Attribute, RecordAttribute, Structure
from akeneo_assets.mapping.file.mapping_file import MappingFile
from akeneo_assets.mapping.reading import Reading


@dataclass(frozen=True, slots=True)
class Required:
    """The long lists that a mapping needs, sorted.

    Args:
        option_attributes: The attributes whose options are needed.
        reference_entities: The entities whose records are needed.
        asset_families: The families whose assets are needed, for labels and links.
        linked_families: The asset families whose attributes are needed, for links.
        described_entities: The reference entities whose record attributes the mapping reads.
        record_options: The record attributes whose options are needed, as pairs of entity and attribute.
    """

    option_attributes: tuple[str, ...]
    reference_entities: tuple[str, ...]
    asset_families: tuple[str, ...] = ()
    linked_families: tuple[str, ...] = ()
    described_entities: tuple[str, ...] = ()
    record_options: tuple[tuple[str, str], ...] = ()


def required_structure(mapping: MappingFile, structure: Structure) -> Required:
    """Return the long lists that ``mapping`` needs.

    Args:
        mapping: The mapping file.
        structure: Attributes, family variants and, if they were read, record attributes; options and records may still
            be missing.
    """
    codes = {axis for axes in structure.axes.values() for axis in axes}
    codes.update(structure.label_attributes.values())
    codes.update(named.name for named in mapping.names() if named.place[0] != "category")
    for collection in (mapping.product, mapping.product_model, mapping.variant):
        chooses = collection.custom_fields.chooses
        codes.update(each.code for each in structure.attributes.values() if chooses(each.code, each.group))
    attributes = [structure.attributes[code] for code in codes if code in structure.attributes]
    readings = [
        named.reading for named in mapping.names() if named.reading is not None and named.place[0] != "category"
    ]
    labelled = {reading.attribute for reading in readings if reading.form == "label"}
    described = {reading.attribute for reading in readings if reading.record_attribute is not None}
    linked = frozenset(linked_attributes(mapping, structure.attributes.values()))
    read = _record_attributes_read(readings, structure)
    entities = {each.entity for each in read.values() if each.type in RECORD_LINK_TYPES and each.entity}

    def referenced(types: Collection[str], codes: Collection[str] | None = None) -> tuple[str, ...]:
        return _referenced((each for each in attributes if codes is None or each.code in codes), types)

    return Required(
        option_attributes=tuple(sorted(each.code for each in attributes if each.type in OPTION_TYPES)),
        reference_entities=tuple(sorted({*referenced(REFERENCE_ENTITY_TYPES), *entities})),
        asset_families=referenced({ASSET_COLLECTION}, labelled | linked),
        linked_families=referenced({ASSET_COLLECTION}, linked),
        described_entities=referenced(REFERENCE_ENTITY_TYPES, described),
        record_options=tuple(sorted(place for place, each in read.items() if each.type in RECORD_OPTION_TYPES)),
    )


def _record_attributes_read(
    readings: Iterable[Reading], structure: Structure
) -> dict[tuple[str, str], RecordAttribute]:
    """Return the known record attributes that are read, by entity and code."""
    found = {}
    for reading in readings:
        attribute = structure.attributes.get(reading.attribute)
        entity = (attribute and attribute.reference_entity) or ""
        own = structure.record_attributes.get(entity, {}).get(reading.record_attribute or "")
        if own is not None:
            found[entity, reading.record_attribute or ""] = own
    return found


def _referenced(attributes: Iterable[Attribute], types: Collection[str]) -> tuple[str, ...]:
    named = {attribute.reference_entity for attribute in attributes if attribute.type in types}
    return tuple(sorted(code for code in named if code))
