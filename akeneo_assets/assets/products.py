"""Simple products: neither variants nor bundles."""

from __future__ import annotations

from akeneo_assets.assets.layers import AkeneoAsset, CatalogAsset, IpaasAsset

akeneo_products = AkeneoAsset(
    "products",
    lambda engine, partition_key, config: engine.read_products(
        partition_key, since=config.since, look_back=config.look_back
    ),
    description=(
        "One row is a product in Akeneo, simple or a variant. Reads the products of a family, or those that changed "
        "in an hour."
    ),
)
catalog_products = CatalogAsset(
    "products",
    description=(
        "One row is a simple product as iPaaS.com will get it. Plans which ones need to be sent, and why. Variants "
        "and bundles have plans of their own."
    ),
)
ipaas_products = IpaasAsset(
    "products",
    description="One row is a simple product in iPaaS.com. Sends the products of the plan.",
)
