"""Variants: new ones travel with their product model, changed ones go alone where that is allowed."""

from __future__ import annotations

from akeneo_assets.assets.layers import catalog_asset, ipaas_asset

catalog_variants = catalog_asset(
    "variants",
    description="Which variants are due, and why; those of new models are counted here and travel with them.",
)
ipaas_variants = ipaas_asset(
    "variants",
    description="Variants in iPaaS.com.",
)
