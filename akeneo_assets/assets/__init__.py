"""The Dagster assets: one file per object, three layers each. ``akeneo_assets.sync`` does the work."""

from __future__ import annotations

import dagster as dg

from akeneo_assets.assets import bundles, categories, product_models, products, related_products, variants
from akeneo_assets.assets.in_sync import in_sync_asset
from akeneo_assets.assets.layers import AkeneoAsset, CatalogAsset, IpaasAsset
from akeneo_assets.assets.names import Names
from akeneo_assets.assets.structure import structure_asset


def assets_of(names: Names) -> list[dg.AssetsDefinition | dg.AssetSpec]:
    """Return the assets of a subscription."""
    modules = (categories, product_models, products, variants, bundles, related_products)
    found = (value for module in modules for value in vars(module).values())
    return [
        structure_asset(names),
        in_sync_asset(names),
        *(each.build(names) for each in found if isinstance(each, AkeneoAsset | CatalogAsset | IpaasAsset)),
    ]
