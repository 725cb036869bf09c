"""Categories: sent parents before children, in whatever order Akeneo lists them."""

from __future__ import annotations

from akeneo_assets.assets.layers import akeneo_asset, catalog_asset, ipaas_asset

akeneo_categories = akeneo_asset(
    "categories",
    lambda engine, partition_key, _: engine.read_category_tree(partition_key),
    description="Reads the categories of a tree from Akeneo.",
)
catalog_categories = catalog_asset(
    "categories",
    description=(
        "Plans which categories of a tree need to be sent, and why. Reports orphans and cycles; they only "
        "block the categories below them."
    ),
)
ipaas_categories = ipaas_asset(
    "categories",
    description="Sends the categories of a tree to iPaaS.com, parents before children.",
)
