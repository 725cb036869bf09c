"""The six objects that a user sees, and the kinds of destination records behind them."""

from __future__ import annotations

from typing import Final, Literal

ObjectName = Literal["categories", "product_models", "products", "variants", "bundles", "related_products"]

OBJECTS: Final[tuple[ObjectName, ...]] = (
    "categories",
    "product_models",
    "products",
    "variants",
    "bundles",
    "related_products",
)
"""In the order in which they are delivered."""

EXTERNAL_ID_TABLES: Final = {
    "category": "product category",
    "product_model": "product",
    "product": "product",
    "variant": "product variant",
}
"""Destination kind → the table under which iPaaS.com keeps its external ids."""
