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
    locale: AnyCode | None = None
    minimum: int = Field(default=100, ge=0, le=100)


class Filter(FileModel):
    """Which products are sent; null sets no condition.

    Args:
        families: Only products in these families.
        exclude_families: No products in these families.
        categories: Only products in these categories or their subcategories.
        enabled: Only enabled products, or only disabled ones.
        completeness: Only products that are at least this complete.
        expression: Only products for which this formula is true.
    """

    families: SomeCodes | None = None
    exclude_families: Codes = ()
    categories: SomeCodes | None = None
    enabled: bool | None = None
    completeness: Completeness | None = None
    expression: FormulaText | None = None


class MappingSettings(FileModel):
    """Settings for the whole file; channel, locale and currency default to the first ones in Akeneo."""

    channel: AnyCode | None = None
    locale: AnyCode | None = None
    locale_fallbacks: Codes = ()
    currency: AnyCode | None = None
    units: dict[AnyCode, AnyCode] = Field(default_factory=dict)
    media: Literal["code", "link"] = "code"
    price_attribute: Code | None = None
    missing_price: Literal["block", "zero"] = "block"
    bundle_association_types: Codes | None = None
    related_association_types: Codes | None = None
