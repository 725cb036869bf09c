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


class CategoryRules(ObjectRules):
    """A category; plain names are codes of category attributes."""

    properties = frozenset({"code", "label"})

    name: RequiredText
    description: Text = None


class _ProductFields(ObjectRules):
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
    status: Text = None
    default_price: Number = None
    msrp: Number = None
    sale_price: Number = None
    barcode: Text = None
    width: Number = None
    height: Number = None
    depth: Number = None
    weight: Number = None


class OptionRules(FieldRules):
    """An option: one for each axis."""

    properties = frozenset({"code", "label", "position"})

    option_name: RequiredText
    type: Text = None
    order: Number = None


class OptionValueRules(FieldRules):
    """A value of an option."""

    properties = frozenset({"code", "label", "position"})

    value: RequiredText
    detail: Text = None
    order: Number = None


class KitRules(FieldRules):
    """The kit of a bundle."""

    properties = PRODUCT_PROPERTIES

    sku: RequiredText
    type: RequiredText
    description: Text = None


class RelatedProductRules(FieldRules):
    """A link to a related product; the properties are those of its association type."""

    properties = frozenset({"code", "label"})

    related_type: RequiredText


class InventoryRow(FieldRules):
    """The stock at one location, given by name or by iPaaS.com id; for products and variants."""

    properties = PRODUCT_PROPERTIES
    needed = frozenset({"location", "location_id"})

    location: Text = None
    location_id: Text = None
    qty_on_hand: Number = None
    qty_available: Number = None
    cost: Number = None

    @model_validator(mode="after")
    def _one_location(self) -> InventoryRow:
        if (self.location is None) is (self.location_id is None):
            raise InvalidValueError("needs either location (a name) or location_id", "Add or remove one.")
        return self


class AlternateIdRow(FieldRules):
    """Another id of a product, product model or variant, such as its barcode."""

    properties = frozenset({"label", "family", "price"})

    alternate_id_type_id: RequiredText
    alternate_id: RequiredText
    unit: Text = None
    description: Text = None


class UnitRow(FieldRules):
    """A unit of sale; for products and product models."""

    properties = frozenset({"label", "family", "price"})

    name: RequiredText
    conversion: Number = None
    default_price: Number = None
    msrp: Number = None
    sale_price: Number = None


class MappingFile(FileModel):
    """The whole mapping file."""

    settings: MappingSettings = MappingSettings()
    filter: Filter = Filter()
    category: CategoryRules
    product: ProductRules
    product_model: ProductModelRules
    variant: VariantRules
    option: OptionRules
    option_value: OptionValueRules
    kit: KitRules
    related_product: RelatedProductRules
    inventory: tuple[InventoryRow, ...] = ()
    unit: tuple[UnitRow, ...] = ()
    alternate_id: tuple[AlternateIdRow, ...] = ()

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
