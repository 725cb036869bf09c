"""Related products: links between products, sent last, when their targets exist."""

from __future__ import annotations

from akeneo_assets.assets.layers import CatalogAsset, IpaasAsset

catalog_related_products = CatalogAsset(
    "related_products",
    description="One row is a record whose links to other records need to be sent.",
)
ipaas_related_products = IpaasAsset(
    "related_products",
    description=(
        "One row is a record with links in iPaaS.com. Sends the links of the plan. Then sends the links of any record"
        " that were kept until their target existed."
    ),
)
