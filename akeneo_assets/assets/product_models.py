"""Product models: each becomes one product in iPaaS.com, with the options of all its axes and all its variants."""

from __future__ import annotations

from akeneo_assets.assets.layers import AkeneoAsset, CatalogAsset, IpaasAsset

akeneo_product_models = AkeneoAsset(
    "product_models",
    lambda engine, partition_key, config: engine.read_product_models(partition_key, since=config.since),
    description="Reads the product models of a batch from Akeneo: root models and sub-models.",
)
catalog_product_models = CatalogAsset(
    "product_models",
    description="Plans which root models need to be sent, with their options, and why.",
)
ipaas_product_models = IpaasAsset(
    "product_models",
    description="Sends product models to iPaaS.com. One request creates a model with its options and variants.",
)
