"""The six objects that a user sees, and the kinds of destination records behind them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

ObjectName = Literal["categories", "product_models", "products", "variants", "bundles", "related_products"]
SourceName = Literal["categories", "product_models", "products"]

WAITS_FOR: Final[Mapping[ObjectName, tuple[ObjectName, ...]]] = {
    "categories": (),
    "product_models": ("categories",),
    "products": ("categories",),
    "variants": ("product_models",),
    "bundles": ("product_models", "products", "variants"),
    "related_products": ("bundles",),
}
"""Object → the objects that are delivered before it because its records refer to theirs, in the order of delivery."""

MADE_FROM: Final[Mapping[ObjectName, tuple[SourceName, ...]]] = {
    "categories": ("categories",),
    "product_models": ("categories", "product_models", "products"),
    "products": ("categories", "products"),
    "variants": ("categories", "product_models", "products"),
    "bundles": ("categories", "products"),
    "related_products": ("product_models", "products"),
}
"""Object → the Akeneo records that its plan is made from. They are read before it is planned."""

OBJECTS: Final = tuple(WAITS_FOR)
"""All objects in the order of delivery."""

PRODUCT_OBJECTS: Final = OBJECTS[1:]
"""All but the categories, which have partitions of their own."""

EXTERNAL_ID_TABLES: Final = {
    "category": "product category",
    "product_model": "product",
    "product": "product",
    "variant": "product variant",
}
"""Destination kind → the iPaaS.com table that its external ids belong to."""
