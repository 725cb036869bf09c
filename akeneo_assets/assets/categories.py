"""Categories: parents before children, whatever the order in which Akeneo lists them."""

from __future__ import annotations

from akeneo_assets.assets.layers import akeneo_asset, catalog_asset, ipaas_asset

akeneo_categories = akeneo_asset(
    "categories",
    lambda engine, partition_key, _: engine.read_category_tree(partition_key),
    description="The categories of a tree as Akeneo has them.",
)
catalog_categories = catalog_asset(
    "categories",
    description=(
        "Which categories of a tree are due, and why. Orphans and cycles are named here, and stop only what is "
        "below them."
    ),
)
ipaas_categories = ipaas_asset(
    "categories",
    description="The categories of a tree in iPaaS.com; every parent is sent before its children.",
)
