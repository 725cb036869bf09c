"""Simple products: neither variants nor bundles."""

from __future__ import annotations

from akeneo_assets.assets.layers import akeneo_asset, catalog_asset, ipaas_asset
from akeneo_assets.sync.engine import Engine

akeneo_products = akeneo_asset(
    "products",
    Engine.read_products,
    description="The products of a batch, simple ones and variants, as Akeneo has them.",
)
catalog_products = catalog_asset(
    "products",
    ["categories", "products"],
    description="Which simple products are due, and why.",
)
ipaas_products = ipaas_asset(
    "products",
    ["categories"],
    description="Simple products in iPaaS.com.",
)
