"""The mapping file as typed data: settings, and the ``destination: source`` rules of each object."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, ClassVar, TypeAlias

from pydantic import model_validator

from akeneo_assets.mapping.file.custom_field_settings import CustomFields, is_pattern
from akeneo_assets.mapping.file.place import Place
from akeneo_assets.mapping.file.settings import Filter, MappingSettings
from akeneo_assets.mapping.file.sources import (
    AnySource,
    FieldSource,
    FileModel,
    FormulaSource,
    LookupSource,
    Source,
    StaticSource,
)
from akeneo_assets.mapping.formulas.formula import compile_formula
from akeneo_assets.mapping.formulas.syntax import Names
from akeneo_assets.mapping.invalid_value import InvalidValueError
from akeneo_assets.mapping.plain import ValueType
from akeneo_assets.mapping.reading import Reading

RequiredText: TypeAlias = Annotated[Source, "text"]
RequiredNumber: TypeAlias = Annotated[Source, "number"]
Text: TypeAlias = Annotated[Source | None, "text"]
Number: TypeAlias = Annotated[Source | None, "number"]
Boolean: TypeAlias = Annotated[Source | None, "boolean"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One ``destination: source`` line."""

    destination: str
    value_type: ValueType
    required: bool
    source: AnySource


@dataclass(frozen=True, slots=True)
class Named:
    """An attribute or property that the file reads.

    Args:
        place: Its path in the file.
        rules: The rules that it belongs to.
        name: The code of an attribute, or a ``$property``.
        value_type: The type to convert to; None to keep the value's own type, as in custom fields and lookups.
        reading: How the attribute is read; None for a property.
    """

    place: Place
    rules: FieldRules
    name: str
    value_type: ValueType | None = None
    reading: Reading | None = None


class FieldRules(FileModel):
    """The rules of one object.

    Attributes:
        properties: The properties that the object has, without ``$``.
        needed: Fields that the file may omit, but that need a value in every record if the file has them.
    """

    properties: ClassVar[frozenset[str]] = frozenset()
    needed: ClassVar[frozenset[str]] = frozenset()

    @cached_property
    def active(self) -> tuple[Rule, ...]:
        """The rules that have a source, in the order of the fields."""
        return tuple(
            Rule(name, field.metadata[-1], field.is_required() or name in self.needed, source)
            for name, field in type(self).model_fields.items()
            if isinstance(source := getattr(self, name), (FieldSource, StaticSource, LookupSource, FormulaSource))
        )


class ObjectRules(FieldRules):
    """The rules of an object that has custom fields."""

    custom_fields: CustomFields = CustomFields()
    """What is sent as custom fields."""


class CategoryRules(ObjectRules):
    """A category; plain names are codes of category attributes."""

    properties = frozenset({"code", "label"})

    name: RequiredText
    """The name of the category."""
    description: Text = None
    """The description of the category."""


class _ProductFields(ObjectRules):
    sku: RequiredText
    """The SKU, by which iPaaS.com finds a product; unique."""
    name: RequiredText
    """The name."""
    type: RequiredText
    """`Physical` or `Virtual`."""
    tracking_method: RequiredText
    """`Product`, or `Variant` for a product with variants."""
    status: RequiredText
    """`Active`, `Disabled`, `Discontinued` or `Preorder`."""
    default_price: RequiredNumber
    """The price."""
    description: Text = None
    """The description."""
    msrp: Number = None
    """The manufacturer's recommended price."""
    sale_price: Number = None
    """The reduced price."""
    tax_class: Text = None
    """The tax class, as iPaaS.com calls it."""
    barcode: Text = None
    """The barcode, such as a GTIN."""
    unit: Text = None
    """The unit in which stock is counted."""
    allow_discounts: Boolean = None
    """Whether discounts are allowed."""
    allow_backorders: Boolean = None
    """Whether it can be ordered without stock."""
    in_stock_threshold: Number = None
    """The stock from which it counts as in stock."""
    width: Number = None
    """A number without a unit; set the unit in `units`."""
    height: Number = None
    """A number without a unit; set the unit in `units`."""
    depth: Number = None
    """A number without a unit; set the unit in `units`."""
    weight: Number = None
    """A number without a unit; set the unit in `units`."""


PRODUCT_PROPERTIES = frozenset({"sku", "identifier", "uuid", "label", "enabled", "family", "price"})


class ProductRules(_ProductFields):
    """A simple product or a bundle."""

    properties = PRODUCT_PROPERTIES


class ProductModelRules(_ProductFields):
    """A product model, sent as a product with variants."""

    properties = frozenset({"code", "label", "enabled", "family", "family_variant", "price"})


class VariantRules(ObjectRules):
    """A variant; in iPaaS.com, variants have no name, description or type."""

    properties = PRODUCT_PROPERTIES | {"parent"}

    sku: RequiredText
    """The SKU, by which iPaaS.com finds a variant; unique."""
    status: Text = None
    """`Active`, `Disabled`, `Discontinued` or `Preorder`."""
    default_price: Number = None
    """The price."""
    msrp: Number = None
    """The manufacturer's recommended price."""
    sale_price: Number = None
    """The reduced price."""
    barcode: Text = None
    """The barcode, such as a GTIN."""
    width: Number = None
    """A number without a unit; set the unit in `units`."""
    height: Number = None
    """A number without a unit; set the unit in `units`."""
    depth: Number = None
    """A number without a unit; set the unit in `units`."""
    weight: Number = None
    """A number without a unit; set the unit in `units`."""


class OptionRules(FieldRules):
    """An option: one for each axis."""

    properties = frozenset({"code", "label", "position"})

    option_name: RequiredText
    """The name of the option, such as Colour."""
    type: Text = None
    """The type of the option."""
    order: Number = None
    """The position among the options."""


class OptionValueRules(FieldRules):
    """A value of an option."""

    properties = frozenset({"code", "label", "position"})

    value: RequiredText
    """The value, such as Red. iPaaS.com does not allow it to change later."""
    detail: Text = None
    """A text next to the value."""
    order: Number = None
    """The position among the values."""


class KitRules(FieldRules):
    """The kit of a bundle."""

    properties = PRODUCT_PROPERTIES

    sku: RequiredText
    """The SKU of the kit."""
    type: RequiredText
    """`Basic`, `Bill of Material` or `Add-on`."""
    description: Text = None
    """The description of the kit."""


class RelatedProductRules(FieldRules):
    """A link to a related product; the properties are those of its association type."""

    properties = frozenset({"code", "label"})

    related_type: RequiredText
    """The kind of relation, as iPaaS.com calls it."""


class InventoryRow(FieldRules):
    """The stock at one location, given by name or by iPaaS.com id; for products and variants."""

    properties = PRODUCT_PROPERTIES
    needed = frozenset({"location", "location_id"})

    location: Text = None
    """The name of the location; give either this or `location_id`."""
    location_id: Text = None
    """The iPaaS.com id of the location."""
    qty_on_hand: Number = None
    """How many are in stock."""
    qty_available: Number = None
    """How many can be sold."""
    cost: Number = None
    """What one costs."""

    @model_validator(mode="after")
    def _one_location(self) -> InventoryRow:
        if (self.location is None) is (self.location_id is None):
            raise InvalidValueError("needs either location (a name) or location_id", "Add or remove one.")
        return self


class AlternateIdRow(FieldRules):
    """Another id of a product, product model or variant, such as its barcode."""

    properties = frozenset({"label", "family", "price"})

    alternate_id_type_id: RequiredText
    """The iPaaS.com id of the type of the alternate id."""
    alternate_id: RequiredText
    """The alternate id."""
    unit: Text = None
    """The unit of sale that it stands for."""
    description: Text = None
    """A text next to it."""


class UnitRow(FieldRules):
    """A unit of sale; for products and product models."""

    properties = frozenset({"label", "family", "price"})

    name: RequiredText
    """The name of the unit, such as Box."""
    conversion: Number = None
    """How many stocking units it contains."""
    default_price: Number = None
    """The price of the unit."""
    msrp: Number = None
    """The manufacturer's recommended price of the unit."""
    sale_price: Number = None
    """The reduced price of the unit."""


class MappingFile(FileModel):
    """The whole mapping file."""

    settings: MappingSettings = MappingSettings()
    """How values are read."""
    filter: Filter = Filter()
    """Which products are sent."""
    category: CategoryRules
    """Categories."""
    product: ProductRules
    """Simple products and bundles."""
    product_model: ProductModelRules
    """Product models."""
    variant: VariantRules
    """Variants of product models."""
    option: OptionRules
    """One option for each axis of a family variant."""
    option_value: OptionValueRules
    """The values of options."""
    kit: KitRules
    """The kit that a bundle is sent with."""
    related_product: RelatedProductRules
    """Links to related products."""
    inventory: tuple[InventoryRow, ...] = ()
    """One row for each location; for products and variants."""
    unit: tuple[UnitRow, ...] = ()
    """One row for each unit of sale; for products and product models."""
    alternate_id: tuple[AlternateIdRow, ...] = ()
    """One row for each alternate id; for products, product models and variants."""

    def field_rules(self) -> Iterator[tuple[Place, FieldRules]]:
        """Yield the rules of each object with their path in the file."""
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, FieldRules):
                yield (name,), value
            elif isinstance(value, tuple):
                for index, row in enumerate(value):
                    yield (name, index), row

    def sources(self) -> Iterator[tuple[Place, FieldRules, AnySource, ValueType | None]]:
        """Yield each source with its path, the rules that it belongs to, and the type to convert to, if any."""
        for place, rules in self.field_rules():
            for rule in rules.active:
                yield (*place, rule.destination), rules, rule.source, rule.value_type
            if isinstance(rules, ObjectRules):
                for name, source in rules.custom_fields.sources.items():
                    yield (*place, "custom_fields", "fields", name), rules, source, None

    def names(self) -> Iterator[Named]:
        """Yield each attribute and ``$property`` that the file reads by name."""
        for place, rules, source, value_type in self.sources():
            if isinstance(source, FieldSource):
                yield _named(place, rules, source, value_type)
            elif isinstance(source, LookupSource):
                yield _named(place, rules, source, None)
            elif isinstance(source, FormulaSource):
                yield from _named_in_formula(place, rules, source.compiled.names)
        if self.filter.expression is not None:
            names = compile_formula(self.filter.expression).names
            yield from _named_in_formula(("filter", "expression"), self.product, names)
        for place, rules in self.field_rules():
            if isinstance(rules, ObjectRules):
                for index, code in enumerate(rules.custom_fields.attributes):
                    if isinstance(code, str) and not is_pattern(code):
                        named = (*place, "custom_fields", "attributes", index)
                        yield Named(named, rules, code, reading=Reading(code))


def _named_in_formula(place: Place, rules: FieldRules, names: Names) -> Iterator[Named]:
    for variable in names.variables:
        if variable in rules.properties:
            yield Named(place, rules, f"${variable}")
        else:
            reading = Reading.of(variable)
            yield Named(place, rules, reading.attribute, None, reading)
    for reading in (*names.readings, *names.of_parent):
        yield Named(place, rules, reading.attribute, None, reading)


def _named(place: Place, rules: FieldRules, source: FieldSource | LookupSource, value_type: ValueType | None) -> Named:
    reading = source.reading
    return Named(place, rules, source.name if reading is None else reading.attribute, value_type, reading)
