"""Map the payload of a record: its fields, its custom fields, and its rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from akeneo_assets.mapping.file.mapping_file import ObjectRules
from akeneo_assets.mapping.record.custom_fields import CustomFieldMapper
from akeneo_assets.mapping.record.rules import apply, rows
from akeneo_assets.mapping.shapes import as_text

if TYPE_CHECKING:
    from akeneo_assets.documents import JsonObject
    from akeneo_assets.mapping.catalogue.selection import Selection
    from akeneo_assets.mapping.catalogue.structure import Structure
    from akeneo_assets.mapping.file.mapping_file import FieldRules, MappingFile
    from akeneo_assets.mapping.record.mapped_record import RecordKind
    from akeneo_assets.mapping.record.record_view import RecordView


class PayloadMapper:
    """Maps payloads.

    Args:
        mapping: The mapping file.
        structure: The structure of the catalogue.
        selection: The locales of labels.
    """

    def __init__(self, mapping: MappingFile, structure: Structure, selection: Selection) -> None:
        self._mapping = mapping
        self._structure = structure
        self._elsewhere: defaultdict[str, set[str]] = defaultdict(set)
        for named in mapping.names():
            self._elsewhere[str(named.place[0])].add(named.name)
        self._custom_fields = {
            id(rules): CustomFieldMapper(rules.custom_fields, structure, selection)
            for _, rules in mapping.field_rules()
            if isinstance(rules, ObjectRules)
        }

    def payload(
        self, kind: RecordKind, view: RecordView, document: JsonObject, axes: tuple[str, ...] = ()
    ) -> JsonObject:
        """Return the fields and custom fields of a record, without its rows.

        Args:
            kind: What it is sent as.
            view: The view of the record.
            document: The record.
            axes: For a variant, the axes of its product model.

        Raises:
            RecordError: A required field has no value.
        """
        custom = self.custom_fields(kind)
        custom.open(view)
        payload = apply(self.rules(kind), view)
        if fields := custom.fields(view, self.mapped_elsewhere(kind, document, axes)):
            payload["custom_fields"] = fields
        return payload

    def rows(self, kind: RecordKind, view: RecordView) -> JsonObject:
        """Return the inventory, unit and alternate id rows; empty lists are left out."""
        found = {name: rows(each, view, name) for name, each in self.row_rules(kind)}
        return {name: each for name, each in found.items() if each}

    def rules(self, kind: RecordKind) -> ObjectRules:
        """Return the rules of a kind of record."""
        rules: ObjectRules = getattr(self._mapping, kind)
        return rules

    def row_rules(self, kind: RecordKind) -> Iterator[tuple[str, tuple[FieldRules, ...]]]:
        """Yield the lists of rows that a record of this kind has."""
        if kind != "category":
            yield "alternate_ids", self._mapping.alternate_id
        if kind in {"product", "variant"}:
            yield "inventory", self._mapping.inventory
        if kind in {"product", "product_model"}:
            yield "units", self._mapping.unit

    def custom_fields(self, kind: RecordKind) -> CustomFieldMapper:
        """Return the mapper of the custom fields of a kind of record."""
        return self._custom_fields[id(self.rules(kind))]

    def mapped_elsewhere(self, kind: RecordKind, document: JsonObject, axes: tuple[str, ...] = ()) -> set[str]:
        """Return the attributes that custom fields do not repeat; for variants, this includes the axes."""
        if kind == "category":
            return self._elsewhere[kind]
        family = as_text(document.get("family"))
        special = (
            self._structure.identifier_attribute,
            self._structure.label_attributes.get(family or ""),
            self._mapping.settings.price_attribute,
        )
        mapped = (
            self._elsewhere[kind]
            | self._elsewhere["inventory"]
            | self._elsewhere["unit"]
            | self._elsewhere["alternate_id"]
        )
        return mapped.union((code for code in special if code), axes if kind == "variant" else ())
