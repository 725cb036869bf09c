"""Product models: each is one product of iPaaS.com with the options of all its axes and all its variants."""

from __future__ import annotations

from akeneo_assets.assets.layers import akeneo_asset, catalog_asset, ipaas_asset

akeneo_product_models = akeneo_asset(
    "product_models",
    lambda engine, partition_key, config: engine.read_product_models(partition_key, since=config.since),
    description="The product models of a batch, root and sub models, as Akeneo has them.",
)
catalog_product_models = catalog_asset(
    "product_models",
    description="Which root models are due, with their options, and why.",
)
ipaas_product_models = ipaas_asset(
    "product_models",
    description="Products with options and variants in iPaaS.com; one request creates a model with all its variants.",
)
