"""The mapping file as typed data: settings, and one collection of ``destination: source`` an object."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import Discriminator, Field, Tag

from akeneo_assets.mapping.reading import CollectionForm, Reading
from akeneo_assets.mapping.sources import (
    AnyCode,
    AnySource,
    Code,
    Codes,
    FieldSource,
    FileModel,
    FormulaSource,
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


@dataclass(frozen=True, slots=True)
class Named:
    """An attribute or property that the file reads.

    Args:
        place: Where in the file.
        collection: The collection around it.
        name: An attribute's code, or ``$`` and a property.
        value_type: What the value has to become; None where it keeps its own type, in custom fields and look-ups.
        reading: How the attribute is read; None for a property.
    """

    place: Place
    collection: Collection
    name: str
    value_type: ValueType | None = None
    reading: Reading | None = None


class Collection(FileModel):
    """The rules of one object; ``properties`` are the names that ``$name`` may take there."""

    properties: ClassVar[frozenset[str]] = frozenset()

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The rules in the order of the model's fields."""
        return tuple(
            Rule(name, field.metadata[-1], field.is_required(), source)
            for name, field in type(self).model_fields.items()
            if isinstance(source := getattr(self, name), (FieldSource, StaticSource, LookupSource, FormulaSource))
        )


class GroupChoice(FileModel):
    """All attributes of an attribute group."""

    group: AnyCode


def _choice_tag(value: object) -> str:
    return "=group" if isinstance(value, (dict, GroupChoice)) else "=attribute"


AttributeChoice: TypeAlias = Annotated[
    Annotated[AnyCode, Tag("=attribute")] | Annotated[GroupChoice, Tag("=group")], Discriminator(_choice_tag)
]


class CustomFields(FileModel):
    """The custom fields of an object.

    Args:
        fields: Custom field → source.
        attributes: Attributes that become custom fields of their own: codes, patterns as ``care_*``, groups.
        all: Do so with every attribute of the record that is not mapped elsewhere.
        exclude: Codes, patterns and groups that ``attributes`` and ``all`` leave out.
        names: Whether such a custom field is called as the attribute's code or as its label.
        collection: How a custom field carries several members.
    """

    fields: dict[str, Source | None] = Field(default_factory=dict)
    attributes: tuple[AttributeChoice, ...] = ()
    all: bool = False
    exclude: tuple[AttributeChoice, ...] = ()
    names: Literal["code", "label"] = "code"
    collection: CollectionForm = "joined"

    @cached_property
    def sources(self) -> dict[str, AnySource]:
        """The rules of ``fields`` that were not switched off by null."""
        return {name: source for name, source in self.fields.items() if source is not None}

    @cached_property
    def named_attributes(self) -> frozenset[str]:
        """The attributes that are chosen by their own code."""
        return frozenset(choice for choice in self.attributes if isinstance(choice, str) and not is_pattern(choice))

    @cached_property
    def chooses_nothing(self) -> bool:
        """Whether only ``fields`` count."""
        return not (self.all or self.attributes)

    def chooses(self, code: str, group: str | None) -> bool:
        """Tell whether an attribute of this code and group becomes a custom field."""
        return (self.all or _is_among(self.attributes, code, group)) and not _is_among(self.exclude, code, group)


def is_pattern(text: str) -> bool:
    """Tell whether a choice of attributes is a pattern as ``care_*``."""
    return any(sign in text for sign in "*?[")


def _is_among(choices: tuple[str | GroupChoice, ...], code: str, group: str | None) -> bool:
    return any(
        choice.group == group if isinstance(choice, GroupChoice) else choice == code or fnmatchcase(code, choice)
        for choice in choices
    )


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
    units: dict[AnyCode, AnyCode] = Field(default_factory=dict)
    media: Literal["code", "link"] = "code"
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

    def sources(self) -> Iterator[tuple[Place, Collection, AnySource, ValueType | None]]:
        """Yield every source: its place, collection and the type that its value has to become, if any."""
        for place, collection in self.collections():
            for rule in collection.rules:
                yield (*place, rule.destination), collection, rule.source, rule.value_type
            if isinstance(collection, ObjectCollection):
                for name, source in collection.custom_fields.sources.items():
                    yield (*place, "custom_fields", "fields", name), collection, source, None

    def names(self) -> Iterator[Named]:
        """Yield every attribute and ``$property`` that is read by its name."""
        for place, collection, source, value_type in self.sources():
            if isinstance(source, FieldSource):
                yield _named(place, collection, source, value_type)
            elif isinstance(source, LookupSource):
                yield _named(place, collection, source, None)
            elif isinstance(source, FormulaSource):
                yield from _named_in_formula(place, collection, source)
        for place, collection in self.collections():
            if isinstance(collection, ObjectCollection):
                for index, code in enumerate(collection.custom_fields.attributes):
                    if isinstance(code, str) and not is_pattern(code):
                        named = (*place, "custom_fields", "attributes", index)
                        yield Named(named, collection, code, reading=Reading(code))


def _named_in_formula(place: Place, collection: Collection, source: FormulaSource) -> Iterator[Named]:
    names = source.compiled.names
    for variable in names.variables:
        if variable in collection.properties:
            yield Named(place, collection, f"${variable}")
        else:
            reading = Reading.of(variable)
            yield Named(place, collection, reading.attribute, None, reading)
    for reading in (*names.readings, *names.of_parent):
        yield Named(place, collection, reading.attribute, None, reading)


def _named(
    place: Place, collection: Collection, source: FieldSource | LookupSource, value_type: ValueType | None
) -> Named:
    reading = source.reading
    return Named(place, collection, source.name if reading is None else reading.attribute, value_type, reading)


def place_text(place: Place) -> str:
    """Write a place as users read it: ``product.custom_fields.attributes[2]``."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place).removeprefix(".")
