"""Categories: sent parents before children, in whatever order Akeneo lists them."""

from __future__ import annotations

from akeneo_assets.assets.layers import AkeneoAsset, CatalogAsset, IpaasAsset

akeneo_categories = AkeneoAsset(
    "categories",
    lambda engine, partition_key, _: engine.read_category_tree(partition_key),
    description="Reads the categories of a tree from Akeneo.",
)
catalog_categories = CatalogAsset(
    "categories",
    description=(
        "Plans which categories of a tree need to be sent, and why. Reports orphans and cycles; they only "
        "block the categories below them."
    ),
)
ipaas_categories = IpaasAsset(
    "categories",
    description="Sends the categories of a tree to iPaaS.com, parents before children.",
)
