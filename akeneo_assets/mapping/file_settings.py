"""What holds for the whole mapping file: channel, locale and the like, and the filter."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from akeneo_assets.mapping.sources import AnyCode, Code, Codes, FileModel, FormulaText

# An empty list would send nothing, or everything: whoever writes one has to say which.
SomeCodes: TypeAlias = Annotated[Codes, Field(min_length=1)]


class Completeness(FileModel):
    """How complete a product must be; the file's channel and locale count where none are named."""

    channel: AnyCode | None = None
    locale: AnyCode | None = None
    minimum: int = Field(default=100, ge=0, le=100)


class Filter(FileModel):
    """Which products are sent at all; null stands for all.

    Args:
        families: Only these.
        exclude_families: None of these.
        categories: Only products in these categories or below.
        enabled: Only enabled products, or only disabled ones.
        completeness: Only products that are so complete.
        expression: A formula that holds for the products to send.
    """

    families: SomeCodes | None = None
    exclude_families: Codes = ()
    categories: SomeCodes | None = None
    enabled: bool | None = None
    completeness: Completeness | None = None
    expression: FormulaText | None = None


class MappingSettings(FileModel):
    """What holds for the whole file; unset channel, locale and currency adapt to the catalogue."""

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
