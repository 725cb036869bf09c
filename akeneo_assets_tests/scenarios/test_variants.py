"""How a changed variant is sent, and what happens to one that was deleted."""

from __future__ import annotations

from akeneo_assets_tests.scenarios.world import World, load_families


def test_a_changed_variant_is_sent_alone(world: World) -> None:
    load_families(world.engine(), "sofas")
    world.written()
    world.edit.save_product("fjord-sofa-sand", {"enabled": False})
    load_families(world.engine(), "sofas")
    assert [(entry.action, entry.external_id) for entry in world.written()] == [
        ("variant.save", world.uuid("fjord-sofa-sand"))
    ]
    assert world.variant("fjord-sofa-sand")["status"] == "Disabled"
    load_families(world.engine(), "sofas")
    assert world.written() == []


def test_a_changed_variant_is_sent_with_its_product_if_set(world: World) -> None:
    engine = world.engine(send_variants_alone=False)
    load_families(engine, "sofas")
    before = world.product("fjord-sofa")
    world.written()
    world.edit.save_product("fjord-sofa-sand", {"enabled": False})
    loaded = load_families(engine, "sofas")
    assert [(entry.action, entry.external_id) for entry in world.written()] == [("product.replace", "fjord-sofa")]
    assert loaded.delivered_count("failed", "blocked") == 0
    expected = [
        {**variant, "status": "Disabled"} if variant["sku"] == "fjord-sofa-sand" else variant
        for variant in before["variants"]
    ]
    assert world.product("fjord-sofa") == {**before, "variants": expected}
    load_families(engine, "sofas")
    assert world.written() == []


def test_a_new_variant_with_a_new_option_value_is_sent_with_its_product(world: World) -> None:
    load_families(world.engine(), "sofas")
    before = world.product("corner-sofa")
    world.written()
    world.edit.save_product(
        "corner-sofa-navy", {"parent": "corner-sofa", "family": "sofas", "values": {"color": [{"data": "navy"}]}}
    )
    load_families(world.engine(), "sofas")
    assert [entry.action for entry in world.written()] == ["product.replace"]
    after = world.product("corner-sofa")
    assert [each["id"] for each in before["variants"]] == [
        each["id"] for each in after["variants"] if each["sku"] != "corner-sofa-navy"
    ]
    assert len(after["variants"]) == 3
    assert world.sandbox.ipaas_counters.events("children_recreated") == 0


def test_a_variant_deleted_in_akeneo_survives_a_write_of_its_whole_product(world: World) -> None:
    load_families(world.engine(), "sofas")
    before = world.product("fjord-sofa")["variants"]
    gone = world.uuid("fjord-sofa-sand")
    world.edit.delete_product("fjord-sofa-sand")
    world.edit.save_model("fjord-sofa", {"values": {"name": [{"data": "Sofa Fjord II", "locale": "de_DE"}]}})
    engine = world.engine()
    engine.store.mirror.mark_gone("product", [gone], at=4e9)
    load_families(engine, "sofas")
    after = world.product("fjord-sofa")
    assert after["name"] == "Sofa Fjord II"
    # The name of a variant comes from its model.
    unnamed = [[{**each, "custom_fields": []} for each in variants] for variants in (before, after["variants"])]
    assert sorted(unnamed[0], key=str) == sorted(unnamed[1], key=str)
    assert world.sandbox.ipaas_counters.events("children_removed") == 0
    assert world.sandbox.ipaas_counters.events("children_recreated") == 0
