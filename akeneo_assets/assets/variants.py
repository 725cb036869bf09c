"""Variants: new ones are sent with their product model, changed ones by themselves if the settings allow it."""

from __future__ import annotations

from akeneo_assets.assets.layers import CatalogAsset, IpaasAsset

catalog_variants = CatalogAsset(
    "variants",
    description=(
        "Plans which variants need to be sent, and why. Variants of new models are counted here but sent with their "
        "model."
    ),
)
ipaas_variants = IpaasAsset(
    "variants",
    description="Sends variants to iPaaS.com.",
)
