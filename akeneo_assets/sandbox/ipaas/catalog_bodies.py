"""Bodies of products, variants, categories and locations, and the rules that need no other record."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from akeneo_assets.sandbox.ipaas.body import Amount, Body, Number, RecordId, Text, refuse_repeated

Status = Literal["Active", "Disabled", "Discontinued", "Preorder"]


class ExternalId(Body):
    """An external id, nested in its record."""

    system_id: RecordId
    external_id: Text


class CustomFieldValue(Body):
    """A value of a custom field."""

    custom_field_name: Text
    value: str | float | bool | None


class Record(Body):
    """The fields of all records."""

    id: RecordId | None = None
    external_ids: list[ExternalId] = Field(default_factory=list)
    tracking_guid: str | None = None


class RecordWithCustomFields(Record):
    """The fields of all records with custom fields."""

    custom_fields: list[CustomFieldValue] = Field(default_factory=list)

    @field_validator("custom_fields")
    @classmethod
    def _each_once(cls, fields: list[CustomFieldValue]) -> list[CustomFieldValue]:
        refuse_repeated("a custom field", (field.custom_field_name for field in fields))
        return fields


class OptionValue(Record):
    """A value of an option."""

    value: Text
    option_name: str | None = None
    detail: str | None = None
    order: int | None = None


class Option(Record):
    """An option of a product, e.g. its colour."""

    option_name: Text
    type: str | None = None
    order: int | None = None
    values: list[OptionValue] = Field(default_factory=list)

    @field_validator("values")
    @classmethod
    def _each_once(cls, values: list[OptionValue]) -> list[OptionValue]:
        refuse_repeated("an option value", (value.value for value in values))
        return values


class ChosenOption(Body):
    """The value that a variant has for one option of the product."""

    option_name: Text
    value: Text


class KitComponent(Record):
    """A component of a kit."""

    sku: Text
    quantity: Annotated[float, Field(gt=0)] = 1
    unit: str | None = None
    type: Literal["By Parent Qty", "Fixed Qty"] = "By Parent Qty"


class Kit(Record):
    """A kit: the components of a bundle."""

    sku: Text
    type: Literal["Bill of Material", "Basic", "Add-on"]
    description: str | None = None
    components: list[KitComponent] = Field(default_factory=list)

    @field_validator("components")
    @classmethod
    def _each_once(cls, components: list[KitComponent]) -> list[KitComponent]:
        refuse_repeated("a kit component", (component.sku for component in components))
        return components


class RelatedProduct(Record):
    """A related product or variant, by its id or its SKU."""

    related_id: RecordId | None = None
    related_sku: Text | None = None
    is_variant: bool = False
    related_type: Text


class Inventory(Record):
    """The stock at a location."""

    location_id: RecordId
    qty_on_hand: Number | None = None
    qty_available: Number | None = None
    cost: Amount | None = None


class Unit(Record):
    """A unit in which the product is sold."""

    name: Text
    conversion: Amount | None = None
    default_price: Amount | None = None
    msrp: Amount | None = None
    sale_price: Amount | None = None


class AlternateId(Record):
    """An alternate id of the record."""

    alternate_id_type_id: RecordId
    alternate_id: str | None = None
    unit: str | None = None
    description: str | None = None


class AssignedCategory(Body):
    """A category, by its own id (in a response, `id` is the id of the assignment)."""

    id: RecordId


class Article(RecordWithCustomFields):
    """The fields of products and variants."""

    sku: Text
    msrp: Amount | None = None
    sale_price: Amount | None = None
    barcode: str | None = None
    width: Amount | None = None
    height: Amount | None = None
    depth: Amount | None = None
    weight: Amount | None = None
    kit: Kit | None = None
    inventory: list[Inventory] = Field(default_factory=list)
    categories: list[AssignedCategory] = Field(default_factory=list)
    alternate_ids: list[AlternateId] = Field(default_factory=list)
    related_products: list[RelatedProduct] = Field(default_factory=list)

    @field_validator("inventory")
    @classmethod
    def _each_location_once(cls, inventory: list[Inventory]) -> list[Inventory]:
        refuse_repeated("a location", (stock.location_id for stock in inventory))
        return inventory

    @field_validator("categories")
    @classmethod
    def _each_category_once(cls, categories: list[AssignedCategory]) -> list[AssignedCategory]:
        refuse_repeated("a category", (category.id for category in categories))
        return categories


class VariantBody(Article):
    """A variant has no name, no description and no type."""

    parent_id: RecordId | None = None
    default_price: Amount | None = None
    status: Status | None = None
    options: list[ChosenOption] = Field(default_factory=list)

    @field_validator("options")
    @classmethod
    def _each_option_once(cls, options: list[ChosenOption]) -> list[ChosenOption]:
        refuse_repeated("an option", (option.option_name for option in options))
        return options


class ProductBody(Article):
    """A product with all its children."""

    name: Text
    type: Literal["Physical", "Virtual"]
    tracking_method: Literal["Product", "Variant"]
    status: Status
    default_price: Amount
    description: str | None = None
    tax_class: str | None = None
    unit: str | None = None
    allow_discounts: bool | None = None
    allow_backorders: bool | None = None
    in_stock_threshold: Number | None = None
    options: list[Option] = Field(default_factory=list)
    variants: list[VariantBody] = Field(default_factory=list)
    units: list[Unit] = Field(default_factory=list)

    @field_validator("options")
    @classmethod
    def _each_option_once(cls, options: list[Option]) -> list[Option]:
        refuse_repeated("an option", (option.option_name for option in options))
        return options


class CategoryBody(RecordWithCustomFields):
    """A category."""

    name: Text
    description: str | None = None
    parent_id: RecordId | None = None
    category_sets: list[str] = Field(default_factory=list)


class LocationBody(RecordWithCustomFields):
    """A stock location."""

    name: Text
    description: str | None = None
