"""Settings for the whole mapping file, such as channel and locale, and the filter."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from akeneo_assets.mapping.file.sources import AnyCode, Code, Codes, FileModel, FormulaText

# An empty list could mean nothing or everything, so it is not allowed.
SomeCodes: TypeAlias = Annotated[Codes, Field(min_length=1)]


class Completeness(FileModel):
    """How complete a product must be; channel and locale default to those of the file."""

    channel: AnyCode | None = None
    """The channel to look at; default: that of the settings."""
    locale: AnyCode | None = None
    """The locale to look at; default: that of the settings."""
    minimum: int = Field(default=100, ge=0, le=100)
    """The lowest completeness in percent."""


class Filter(FileModel):
    """Which products are sent; null sets no condition."""

    families: SomeCodes | None = None
    """Only products in these families."""
    exclude_families: Codes = ()
    """No products in these families."""
    categories: SomeCodes | None = None
    """Only products in these categories or their subcategories."""
    enabled: bool | None = None
    """true: only enabled products; false: only disabled ones."""
    completeness: Completeness | None = None
    """Only products that are at least this complete."""
    expression: FormulaText | None = None
    """Only products for which this formula is true, such as `price > 0`."""


class MappingSettings(FileModel):
    """Settings for the whole file; channel, locale and currency default to the first ones in Akeneo."""

    channel: AnyCode | None = None
    """The channel to read values from; default: the first by code."""
    locale: AnyCode | None = None
    """The locale of values and labels; default: the first of the channel."""
    locale_fallbacks: Codes = ()
    """Locales to try, in this order, if there is no value in `locale`."""
    currency: AnyCode | None = None
    """The currency of prices; default: the first of the channel."""
    units: dict[AnyCode, AnyCode] = Field(default_factory=dict)
    """Measurement family to unit, such as `{Weight: KILOGRAM}`; others are not converted."""
    media: Literal["code", "link"] = "code"
    """Send files and images as their code or their link."""
    price_attribute: Code | None = None
    """The price or number attribute behind `$price`; without one, `$price` has no value."""
    missing_price: Literal["block", "zero"] = "block"
    """Block a record without a price, or send it with the price 0."""
    bundle_association_types: Codes | None = None
    """Association types whose products are components of a bundle; default: all with quantities."""
    related_association_types: Codes | None = None
    """Association types of related products; default: all without quantities that are not bundle types."""
