"""Categories: sent parents before children, in whatever order Akeneo lists them."""

from __future__ import annotations

from akeneo_assets.assets.layers import AkeneoAsset, CatalogAsset, IpaasAsset

akeneo_categories = AkeneoAsset(
    "categories",
    lambda engine, partition_key, _: engine.read_category_tree(partition_key),
    description="One row is a category in Akeneo. Reads the categories of a tree.",
)
catalog_categories = CatalogAsset(
    "categories",
    description=(
        "One row is a category as iPaaS.com will get it. Plans which categories of a tree need to be sent, and why. "
        "Reports orphans and cycles; they only block the categories below them."
    ),
)
ipaas_categories = IpaasAsset(
    "categories",
    description="One row is a category in iPaaS.com. Sends the categories of a tree, parents before children.",
)
