"""Products by uuid or by identifier, as the setting says."""

from __future__ import annotations

import pytest

from akeneo_assets.errors import ConfigurationError
from akeneo_assets_tests.scenarios.world import World, full_load
from akeneo_assets_tests.state import parked


def test_products_are_known_by_their_uuid(loaded_world: World) -> None:
    for sku in ("straw-hat", "living-room-set"):
        assert loaded_world.product(sku)["external_ids"][0]["external_id"] == loaded_world.uuid(sku)
    variant = loaded_world.variant("fjord-sofa-sand")
    assert variant["external_ids"][0]["external_id"] == loaded_world.uuid("fjord-sofa-sand")


def test_products_are_known_by_their_identifier(world: World, loaded_world: World) -> None:
    engine = world.engine(akeneo_product_id_format="Identifier")
    loaded = full_load(engine)
    assert loaded.problems == {}
    for record in (*world.ipaas.products(), *world.ipaas.variants()):
        assert [link["external_id"] for link in record["external_ids"]] == [record["sku"]]
    # Only the list by uuid has the product without an identifier.
    (unnamed,) = set(loaded_world.skus()) - set(world.skus())
    assert "-" in unnamed[8:9]
    assert parked(engine.store) == []
    world.written()
    full_load(world.engine(akeneo_product_id_format="Identifier"))
    assert world.written() == []


def test_a_third_format_is_refused_with_the_two_that_exist(world: World) -> None:
    with pytest.raises(ConfigurationError, match=r"AKENEO_PRODUCT_ID_FORMAT: .*'UUID' or 'Identifier'"):
        world.engine(akeneo_product_id_format="SKU")
