"""The mapping file as typed data: settings, and one collection of ``destination: source`` an object."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, ClassVar, TypeAlias

from pydantic import Field

from akeneo_assets.mapping.sources import (
    AnyCode,
    AnySource,
    Code,
    Codes,
    FieldSource,
    FileModel,
    LookupSource,
    Source,
    StaticSource,
    ValueType,
)

Place: TypeAlias = tuple[str | int, ...]
RequiredText: TypeAlias = Annotated[Source, "text"]
RequiredNumber: TypeAlias = Annotated[Source, "number"]
Text: TypeAlias = Annotated[Source | None, "text"]
Number: TypeAlias = Annotated[Source | None, "number"]
Boolean: TypeAlias = Annotated[Source | None, "boolean"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of a collection."""

    destination: str
    value_type: ValueType
    required: bool
    source: AnySource


class Collection(FileModel):
    """The rules of one object; ``properties`` are the names that ``$name`` may take there."""

    properties: ClassVar[frozenset[str]] = frozenset()

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The rules in the order of the model's fields."""
        return tuple(
            Rule(name, field.metadata[-1], field.is_required(), source)
            for name, field in type(self).model_fields.items()
            if isinstance(source := getattr(self, name), (FieldSource, StaticSource, LookupSource))
        )


class CustomFields(FileModel):
    """The custom fields of an object.

    Args:
        fields: Custom field → source.
        attributes: Attributes that become custom fields of their own code.
        all: Do so with every attribute of the record that is not mapped elsewhere.
    """

    fields: dict[str, Source | None] = Field(default_factory=dict)
    attributes: Codes = ()
    all: bool = False

    @cached_property
    def sources(self) -> dict[str, AnySource]:
        """The rules of ``fields`` that were not switched off by null."""
        return {name: source for name, source in self.fields.items() if source is not None}


class ObjectCollection(Collection):
    """The rules of an object that has custom fields."""

    custom_fields: CustomFields = CustomFields()


class CategoryCollection(ObjectCollection):
    """A category; plain names are the codes of category attributes here."""

    properties = frozenset({"code", "label"})

    name: RequiredText
    description: Text = None


class _ProductFields(ObjectCollection):
    sku: RequiredText
    name: RequiredText
    type: RequiredText
    tracking_method: RequiredText
    status: RequiredText
    default_price: RequiredNumber
    description: Text = None
    msrp: Number = None
    sale_price: Number = None
    tax_class: Text = None
    barcode: Text = None
    unit: Text = None
    allow_discounts: Boolean = None
    allow_backorders: Boolean = None
    in_stock_threshold: Number = None
    width: Number = None
    height: Number = None
    depth: Number = None
    weight: Number = None


PRODUCT_PROPERTIES = frozenset({"sku", "identifier", "uuid", "label", "enabled", "family", "price"})


class ProductCollection(_ProductFields):
    """A simple product or a bundle."""

    properties = PRODUCT_PROPERTIES


class ProductModelCollection(_ProductFields):
    """A product model, sent as a product with variants."""

    properties = frozenset({"code", "label", "enabled", "family", "family_variant", "price"})


class VariantCollection(ObjectCollection):
    """A variant: iPaaS.com's has neither name, description nor type."""

    properties = PRODUCT_PROPERTIES | {"parent"}

    sku: RequiredText
    status: Text = None
    default_price: Number = None
    msrp: Number = None
    sale_price: Number = None
    barcode: Text = None
    width: Number = None
    height: Number = None
    depth: Number = None
    weight: Number = None


class OptionCollection(Collection):
    """An option: one for each axis."""

    properties = frozenset({"code", "label", "position"})

    option_name: RequiredText
    type: Text = None
    order: Number = None


class OptionValueCollection(Collection):
    """A value of an option."""

    properties = frozenset({"code", "label", "position"})

    value: RequiredText
    detail: Text = None
    order: Number = None


class KitCollection(Collection):
    """The kit of a bundle."""

    properties = PRODUCT_PROPERTIES

    sku: RequiredText
    type: RequiredText
    description: Text = None


class RelatedProductCollection(Collection):
    """A link to a related product; the properties are those of its association type."""

    properties = frozenset({"code", "label"})

    related_type: RequiredText


class InventoryRow(Collection):
    """The stock at one location; for products and variants."""

    properties = PRODUCT_PROPERTIES

    location_id: RequiredText
    qty_on_hand: Number = None
    qty_available: Number = None
    cost: Number = None


class UnitRow(Collection):
    """A unit of sale; for products and product models."""

    properties = frozenset({"label", "family", "price"})

    name: RequiredText
    conversion: Number = None
    default_price: Number = None
    msrp: Number = None
    sale_price: Number = None


class MappingSettings(FileModel):
    """What holds for the whole file; unset channel, locale and currency adapt to the catalogue."""

    channel: AnyCode | None = None
    locale: AnyCode | None = None
    locale_fallbacks: Codes = ()
    currency: AnyCode | None = None
    price_attribute: Code | None = None
    bundle_association_types: Codes | None = None
    related_association_types: Codes | None = None


class Mapping(FileModel):
    """The whole mapping file."""

    settings: MappingSettings = MappingSettings()
    category: CategoryCollection
    product: ProductCollection
    product_model: ProductModelCollection
    variant: VariantCollection
    option: OptionCollection
    option_value: OptionValueCollection
    kit: KitCollection
    related_product: RelatedProductCollection
    inventory: tuple[InventoryRow, ...] = ()
    unit: tuple[UnitRow, ...] = ()

    def collections(self) -> Iterator[tuple[Place, Collection]]:
        """Yield every collection and its place in the file."""
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, Collection):
                yield (name,), value
            elif isinstance(value, tuple):
                for index, row in enumerate(value):
                    yield (name, index), row

    def names(self) -> Iterator[tuple[Place, Collection, str, ValueType | None]]:
        """Yield every attribute and ``$property`` that is read: its place, collection, name and the type it becomes.

        The type is None where a value keeps its own, in custom fields and look-ups.
        """
        for place, collection in self.collections():
            for rule in collection.rules:
                if rule.source.name is not None:
                    value_type = None if isinstance(rule.source, LookupSource) else rule.value_type
                    yield (*place, rule.destination), collection, rule.source.name, value_type
            if isinstance(collection, ObjectCollection):
                custom_fields = collection.custom_fields
                for name, source in custom_fields.sources.items():
                    if source.name is not None:
                        yield (*place, "custom_fields", "fields", name), collection, source.name, None
                for index, code in enumerate(custom_fields.attributes):
                    yield (*place, "custom_fields", "attributes", index), collection, code, None


def place_text(place: Place) -> str:
    """Write a place as users read it: ``product.custom_fields.attributes[2]``."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place).removeprefix(".")
