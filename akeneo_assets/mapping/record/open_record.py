"""Create the views of source records that rules read: their names, properties and values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from akeneo_assets.errors import RecordError
from akeneo_assets.mapping.catalogue.structure import labels_of
from akeneo_assets.mapping.plain import Value, value_text
from akeneo_assets.mapping.reading import Reading
from akeneo_assets.mapping.record.category_values import category_values
from akeneo_assets.mapping.record.mapped_record import Reference
from akeneo_assets.mapping.record.record_view import IpaasIds, RecordView, Warnings
from akeneo_assets.mapping.record.values import ValueReader
from akeneo_assets.mapping.shapes import as_map, as_text

if TYPE_CHECKING:
    from akeneo_assets.documents import JsonObject
    from akeneo_assets.mapping.catalogue.structure import Structure
    from akeneo_assets.mapping.file.mapping_file import MappingFile
    from akeneo_assets.settings import ProductIdFormat


@dataclass(frozen=True, slots=True)
class ProductNames:
    """The UUID and identifier of a product; its key is one of them."""

    uuid: str | None
    identifier: str | None
    key: str | None

    @property
    def references(self) -> frozenset[Reference]:
        """All references that point to this product."""
        named = set() if self.key is None else {Reference("product", self.key)}
        if self.identifier is not None:
            named.add(Reference("product", self.identifier, "identifier"))
        return frozenset(named)

    @property
    def any_name(self) -> str:
        """A name of the product for messages."""
        return self.key or self.uuid or self.identifier or "?"


class ViewBuilder:
    """Creates views of records.

    Args:
        mapping: The mapping file.
        structure: The structure of the catalogue, for label attributes and the identifier attribute.
        reader: Reads values.
        product_id_format: Whether products are keyed by UUID or by identifier.
        ipaas_ids: Returns the iPaaS.com ids of records, for formulas.
    """

    def __init__(
        self,
        mapping: MappingFile,
        structure: Structure,
        reader: ValueReader,
        product_id_format: ProductIdFormat,
        ipaas_ids: IpaasIds | None,
    ) -> None:
        self._price_attribute = mapping.settings.price_attribute
        self._structure = structure
        self._reader = reader
        self._uuids = product_id_format == "UUID"
        self._ipaas_ids = ipaas_ids

    def names(self, document: JsonObject) -> ProductNames:
        """Return the UUID, identifier and key of a product."""
        uuid, identifier = as_text(document.get("uuid")), as_text(document.get("identifier"))
        attribute = self._structure.identifier_attribute
        if identifier is None and attribute is not None:
            # In Akeneo's list by UUID, the identifier is only among the values.
            entry = self._reader.choose(as_map(document.get("values")).get(attribute))
            identifier = None if entry is None else as_text(entry["data"])
        return ProductNames(uuid, identifier, uuid if self._uuids else identifier)

    def key(self, names: ProductNames) -> str:
        """Return the key of a product.

        Raises:
            RecordError: It has none.
        """
        if names.key is not None:
            return names.key
        if self._uuids:
            raise RecordError(
                "The product has no uuid, which Akeneo sends since version 7.0. Upgrade Akeneo, or set "
                "AKENEO_PRODUCT_ID_FORMAT=Identifier.",
                code="missing_uuid",
            )
        raise RecordError(
            f"The product {names.uuid} has no identifier. Add one in Akeneo, or set AKENEO_PRODUCT_ID_FORMAT=UUID.",
            code="missing_identifier",
        )

    def category(self, document: JsonObject, warnings: Warnings) -> RecordView:
        """Return the view of a category.

        Raises:
            RecordError: It has no code.
        """
        code = code_of(document, "category")
        selection = self._reader.selection
        label = selection.any_label(labels_of(document), code)
        view = RecordView({"code": code, "label": label}, warnings, *category_values(document, selection))
        return self._with_ids(view)

    def product(self, document: JsonObject, warnings: Warnings, parent: JsonObject | None = None) -> RecordView:
        """Return the view of a simple product, bundle or variant; ``parent`` holds the values of a variant's parent.

        Raises:
            RecordError: It has no key.
        """
        names = self.names(document)
        key = self.key(names)
        properties: dict[str, Value | None] = {
            "uuid": names.uuid,
            "identifier": names.identifier,
            "sku": names.identifier or names.uuid,
            "enabled": is_enabled(document),
            "parent": as_text(document.get("parent")),
        }
        view = self._view(document, names.identifier or key, warnings, properties)
        if parent is not None:
            view.parent = RecordView({}, warnings, self._reader, parent)
        return view

    def model(self, document: JsonObject, warnings: Warnings, *, enabled: bool) -> RecordView:
        """Return the view of a product model; ``enabled`` is whether one of its variants is enabled.

        Raises:
            RecordError: It has no code.
        """
        code = code_of(document, "product model")
        family_variant = as_text(document.get("family_variant"))
        properties: dict[str, Value | None] = {"code": code, "enabled": enabled, "family_variant": family_variant}
        return self._view(document, code, warnings, properties)

    def _view(
        self, document: JsonObject, name: str, warnings: Warnings, properties: dict[str, Value | None]
    ) -> RecordView:
        """Return the view of a product or model; ``name`` is its label if the label attribute has no value."""
        family = as_text(document.get("family"))
        values = as_map(document.get("values"))
        label_attribute = self._structure.label_attributes.get(family or "", "")
        entry = self._reader.choose(values.get(label_attribute), any_locale=True)
        label = None if entry is None else self._reader.plain(Reading(label_attribute), entry, lambda _: None)
        properties["family"] = family
        properties["label"] = name if label is None else value_text(label)
        return self._with_ids(RecordView(properties, warnings, self._reader, values, self._price_attribute))

    def _with_ids(self, view: RecordView) -> RecordView:
        if self._ipaas_ids is not None:
            view.ipaas_id = self._ipaas_ids
        return view


def code_of(document: JsonObject, kind: str) -> str:
    """Return the code of a record.

    Raises:
        RecordError: It has none.
    """
    code = as_text(document.get("code"))
    if code is None:
        raise RecordError(f"The {kind} has no code.", code="missing_code")
    return code


def is_enabled(document: JsonObject) -> bool:
    """Return whether a product is enabled."""
    return bool(document.get("enabled", True))
