"""Check the attributes that a mapping file reads against the structure of the catalogue."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from akeneo_assets.mapping.catalogue.attribute_types import (
    BOOLEAN,
    FORMS,
    METRIC,
    NUMERIC_TYPES,
    PRICE,
    REFERENCE_ENTITY_TYPES,
)
from akeneo_assets.mapping.checks.codes import missing, unknown
from akeneo_assets.mapping.file.finding import Finding

if TYPE_CHECKING:
    from akeneo_assets.mapping.catalogue.structure import Attribute, Structure
    from akeneo_assets.mapping.checks.codes import Deleted
    from akeneo_assets.mapping.file.mapping_file import Named
    from akeneo_assets.mapping.file.place import Place
    from akeneo_assets.mapping.plain import ValueType
    from akeneo_assets.mapping.reading import Reading

_TYPES: Final[Mapping[ValueType | None, tuple[Collection[str], str]]] = {
    "number": (NUMERIC_TYPES, "a number"),
    "boolean": ({BOOLEAN}, "a yes/no"),
}
"""The attribute types that a destination accepts, by its value type, and their name in messages."""


def attribute_findings(
    place: Place,
    code: str,
    types: Collection[str] | None,
    wanted: str,
    structure: Structure,
    deleted: Deleted,
) -> Iterator[Finding]:
    """Yield a finding if an attribute does not exist or has the wrong type."""
    attribute = structure.attributes.get(code)
    if attribute is None:
        yield missing(place, "attribute", code, structure.attributes, deleted.get("attribute", ()))
    elif types is not None and attribute.type not in types:
        yield Finding.at(
            place,
            f"The attribute {code} has the type {attribute.type}, but {wanted} attribute is needed here.",
            f"Use {wanted} attribute instead.",
        )


def reading_findings(
    named: Named, reading: Reading, structure: Structure, channel: str | None, deleted: Deleted
) -> Iterator[Finding]:
    """Yield findings about reading an attribute.

    Args:
        named: The name in the file.
        reading: How it is read.
        structure: The structure of the catalogue.
        channel: The channel set in the file.
        deleted: Keys that were deleted in Akeneo.
    """
    types, wanted = _TYPES.get(None if reading.record_attribute else named.value_type, (None, ""))
    yield from attribute_findings(named.place, reading.attribute, types, wanted, structure, deleted)
    attribute = structure.attributes.get(reading.attribute)
    if attribute is not None:
        yield from _record_attribute(named.place, reading, attribute, structure, deleted)
        yield from _unit(named.place, reading, attribute, structure)
    yield from selection_findings(named.place, reading, structure, channel)


def _record_attribute(
    place: Place, reading: Reading, attribute: Attribute, structure: Structure, deleted: Deleted
) -> Iterator[Finding]:
    if reading.record_attribute is None:
        return
    if attribute.type not in REFERENCE_ENTITY_TYPES:
        yield Finding.at(
            place,
            f"The attribute {attribute.code} has the type {attribute.type}, which does not link to records.",
            f"Write only {attribute.code}, or use a reference entity attribute.",
        )
        return
    entity = attribute.reference_entity or ""
    if entity in structure.record_attributes:
        if reading.record_attribute not in structure.record_attributes[entity]:
            known, where = structure.record_attributes[entity], f" in the reference entity {entity}"
            once = [
                code
                for owner, _, code in (key.partition("/") for key in deleted.get("reference_entity_attribute", ()))
                if owner == entity
            ]
            yield missing(place, "attribute", reading.record_attribute, known, once, where)
        return
    records = structure.records.get(entity, {})
    filled = {code for record in records.values() for code in record.values}
    if records and reading.record_attribute not in filled:
        # The attribute may exist and be empty in every record.
        where = f" with a value in the reference entity {entity}"
        yield unknown(place, "attribute", reading.record_attribute, filled, where, severity="warning")


def form_findings(place: Place, reading: Reading, structure: Structure) -> Iterator[Finding]:
    """Yield a finding if the attribute's type does not support the form."""
    attribute = structure.attributes.get(reading.attribute)
    if attribute is not None and reading.form is not None and attribute.type not in FORMS[reading.form]:
        fitting = [form for form, types in FORMS.items() if attribute.type in types]
        yield Finding.at(
            place,
            f"The attribute {attribute.code} has the type {attribute.type}, which has no form `{reading.form}`.",
            f"Choose one of {', '.join(fitting)}, or remove the form." if fitting else "Remove the form.",
        )


def _unit(place: Place, reading: Reading, attribute: Attribute, structure: Structure) -> Iterator[Finding]:
    if reading.currency is not None and attribute.type != PRICE:
        yield Finding.at(place, f"The attribute {attribute.code} has no currency.", "Remove the currency.")
    if reading.unit is None:
        return
    units = structure.measurement_families.get(attribute.measurement_family or "", {})
    if attribute.type != METRIC:
        yield Finding.at(place, f"The attribute {attribute.code} is not a measurement.", "Remove the unit.")
    elif reading.unit not in units:
        where = f" in the measurement family {attribute.measurement_family}"
        yield unknown(place, "unit", reading.unit, units, where)


def selection_findings(place: Place, reading: Reading, structure: Structure, channel: str | None) -> Iterator[Finding]:
    """Yield a finding for each unknown channel, locale or currency; ``channel`` is the one set in the file."""
    if reading.channel is not None and reading.channel not in structure.channels:
        yield unknown(place, "channel", reading.channel, structure.channels)
        return
    known = structure.channels.get(reading.channel or channel or "")
    if known is None:
        return
    where = f" in the channel {known.code}"
    if reading.locale is not None and reading.locale not in known.locales:
        yield unknown(place, "locale", reading.locale, known.locales, where)
    if reading.currency is not None and reading.currency not in known.currencies:
        yield unknown(place, "currency", reading.currency, known.currencies, where)
