"""Simple products: neither variants nor bundles."""

from __future__ import annotations

from akeneo_assets.assets.layers import akeneo_asset, catalog_asset, ipaas_asset

akeneo_products = akeneo_asset(
    "products",
    lambda engine, partition_key, config: engine.read_products(
        partition_key, since=config.since, look_back=config.look_back
    ),
    description="The products of a batch, simple ones and variants, as Akeneo has them.",
)
catalog_products = catalog_asset(
    "products",
    description="Which simple products are due, and why.",
)
ipaas_products = ipaas_asset(
    "products",
    description="Simple products in iPaaS.com.",
)
