"""Categories: parents before children, whatever the order in which Akeneo lists them."""

from __future__ import annotations

from akeneo_assets.assets.layers import akeneo_asset, catalog_asset, ipaas_asset
from akeneo_assets.sync.engine import Engine

akeneo_categories = akeneo_asset(
    "categories",
    Engine.read_category_tree,
    description="The categories of a tree as Akeneo has them.",
)
catalog_categories = catalog_asset(
    "categories",
    ["categories"],
    description=(
        "Which categories of a tree are due, and why. Orphans and cycles are named here, and stop only what is "
        "below them."
    ),
)
ipaas_categories = ipaas_asset(
    "categories",
    [],
    description="The categories of a tree in iPaaS.com; every parent is sent before its children.",
)
