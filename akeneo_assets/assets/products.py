"""Simple products: neither variants nor bundles."""

from __future__ import annotations

from akeneo_assets.assets.layers import AkeneoAsset, CatalogAsset, IpaasAsset

akeneo_products = AkeneoAsset(
    "products",
    lambda engine, partition_key, config: engine.read_products(
        partition_key, since=config.since, look_back=config.look_back
    ),
    description="Reads the products of a batch from Akeneo: simple products and variants.",
)
catalog_products = CatalogAsset(
    "products",
    description="Plans which simple products need to be sent, and why.",
)
ipaas_products = IpaasAsset(
    "products",
    description="Sends simple products to iPaaS.com.",
)
