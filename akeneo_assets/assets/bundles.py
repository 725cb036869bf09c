"""Bundles: products with a quantified association, sent as kits after their components."""

from __future__ import annotations

from akeneo_assets.assets.layers import CatalogAsset, IpaasAsset

catalog_bundles = CatalogAsset(
    "bundles",
    description="Plans which bundles need to be sent, with their components and quantities, and why.",
)
ipaas_bundles = IpaasAsset(
    "bundles",
    description=(
        "Sends bundles to iPaaS.com as kits. A missing component is sent first (CREATE_MISSING_BUNDLE_ITEMS), "
        "or its link is kept and sent later."
    ),
)
