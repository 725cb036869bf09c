"""Variants: new ones are sent with their product model, changed ones by themselves if the settings allow it."""

from __future__ import annotations

from akeneo_assets.assets.layers import catalog_asset, ipaas_asset

catalog_variants = catalog_asset(
    "variants",
    description=(
        "Plans which variants need to be sent, and why. Variants of new models are counted here but sent with their "
        "model."
    ),
)
ipaas_variants = ipaas_asset(
    "variants",
    description="Sends variants to iPaaS.com.",
)
