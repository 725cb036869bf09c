"""Products are keyed by uuid or by identifier, depending on the setting."""

from __future__ import annotations

import pytest

from akeneo_assets.errors import ConfigurationError
from akeneo_assets.sandbox.catalogue.records import value
from akeneo_assets_tests.scenarios.world import World, full_load
from akeneo_assets_tests.state import waiting_links


def test_products_are_keyed_by_uuid(synced: World) -> None:
    for sku in ("straw-hat", "tableware-for-two"):
        assert synced.product(sku)["external_ids"][0]["external_id"] == synced.uuid(sku)
    variant = synced.variant("fjord-sofa-sand")
    assert variant["external_ids"][0]["external_id"] == synced.uuid("fjord-sofa-sand")


def test_products_are_keyed_by_identifier(small_world: World) -> None:
    small_world.variables["AKENEO_PRODUCT_ID_FORMAT"] = "Identifier"
    small_world.edit.save_product("unnamed", {"family": "tableware"})
    skus = small_world.sandbox.akeneo.database.identifiers.values()
    # Only the list by uuid contains the product without an identifier.
    small_world.edit.save_product("unnamed", {"values": {"sku": [value(None)]}})
    engine = small_world.engine()
    assert full_load(engine).problems == {}
    assert {"straw-hat", "fjord-sofa-sand", "tableware-for-two"} <= set(small_world.skus())
    for record in (*small_world.ipaas.products(), *small_world.ipaas.variants()):
        assert [link["external_id"] for link in record["external_ids"]] == [record["sku"]]
    assert set(filter(None, skus)) <= set(small_world.skus())
    assert waiting_links(engine.store) == []
    small_world.written()
    full_load(small_world.engine())
    assert small_world.written() == []


def test_an_unknown_format_is_refused_with_the_two_valid_ones(small_world: World) -> None:
    with pytest.raises(ConfigurationError, match=r"AKENEO_PRODUCT_ID_FORMAT: .*'UUID' or 'Identifier'"):
        small_world.engine(akeneo_product_id_format="SKU")
