"""Bundles: products with a quantified association, sent as kits after their components."""

from __future__ import annotations

from akeneo_assets.assets.layers import CatalogAsset, IpaasAsset

catalog_bundles = CatalogAsset(
    "bundles",
    description=(
        "One row is a bundle: a product with a quantified association. Plans which ones need to be sent, with their "
        "components and quantities, and why."
    ),
)
ipaas_bundles = IpaasAsset(
    "bundles",
    description=(
        "One row is a kit in iPaaS.com. Sends the bundles of the plan. A missing component is sent first "
        "(CREATE_MISSING_BUNDLE_ITEMS), or its link is kept and sent later."
    ),
)
