"""Related products: links between products, sent last, when their targets exist."""

from __future__ import annotations

from akeneo_assets.assets.layers import CatalogAsset, IpaasAsset

catalog_related_products = CatalogAsset(
    "related_products",
    description="Plans which records have new or changed links to other records.",
)
ipaas_related_products = IpaasAsset(
    "related_products",
    description=(
        "Sends links between products to iPaaS.com. Then sends the links of any record that were kept until "
        "their target existed."
    ),
)
