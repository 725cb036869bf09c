"""Variants: new ones are sent with their product model, changed ones by themselves if the settings allow it."""

from __future__ import annotations

from akeneo_assets.assets.layers import CatalogAsset, IpaasAsset

catalog_variants = CatalogAsset(
    "variants",
    description=(
        "One row is a variant as iPaaS.com will get it. Plans which variants need to be sent, and why. Variants of "
        "new models are counted here but sent with their model."
    ),
)
ipaas_variants = IpaasAsset(
    "variants",
    description="One row is a variant in iPaaS.com. Sends the changed variants of models that iPaaS.com has already.",
)
