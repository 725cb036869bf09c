"""Product models: each becomes one product in iPaaS.com, with the options of all its axes and all its variants."""

from __future__ import annotations

from akeneo_assets.assets.layers import AkeneoAsset, CatalogAsset, IpaasAsset

akeneo_product_models = AkeneoAsset(
    "product_models",
    lambda engine, partition_key, config: engine.read_product_models(partition_key, since=config.since),
    description=(
        "One row is a product model in Akeneo, a root model or a sub-model. Reads the models of a family, or those "
        "that changed in an hour."
    ),
)
catalog_product_models = CatalogAsset(
    "product_models",
    description=(
        "One row is a root model, which becomes one product in iPaaS.com. Plans which models need to be sent, with "
        "their options, and why."
    ),
)
ipaas_product_models = IpaasAsset(
    "product_models",
    description=(
        "One row is a product with variants in iPaaS.com. One request creates a model with its options and variants."
    ),
)
