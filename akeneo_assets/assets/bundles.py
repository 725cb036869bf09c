"""Bundles: products with a quantified association, sent as kits after what they are made of."""

from __future__ import annotations

from akeneo_assets.assets.layers import catalog_asset, ipaas_asset

catalog_bundles = catalog_asset(
    "bundles",
    description="Which bundles are due, with their components and quantities, and why.",
)
ipaas_bundles = ipaas_asset(
    "bundles",
    description=(
        "Kits in iPaaS.com. A component that is not there yet is transferred first (Create Missing Bundle Items), "
        "or its link is parked."
    ),
)
