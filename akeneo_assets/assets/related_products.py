"""Related products: links between records, sent last, when their targets are there."""

from __future__ import annotations

from akeneo_assets.assets.layers import catalog_asset, ipaas_asset

catalog_related_products = catalog_asset(
    "related_products",
    description="Which records have new or changed links to others.",
)
ipaas_related_products = ipaas_asset(
    "related_products",
    description=(
        "Links between products in iPaaS.com. Ends with the repair of links, of any record, whose target has come "
        "since."
    ),
)
