"""Bundles whose components are not in iPaaS.com yet."""

from __future__ import annotations

from akeneo_assets.documents import JsonObject
from akeneo_assets_tests.scenarios.world import World, load_records, problems_of

LIVING_ROOM_SET = {"wool-throw-grey": 1, "fjord-sofa-sand": 1, "linen-cushion-sage": 3, "floor-lamp": 1}


def _components(bundle: JsonObject) -> dict[str, float]:
    return {component["sku"]: component["quantity"] for component in bundle["kit"]["components"]}


def test_missing_components_are_created_with_their_trees_and_nested_bundles(world: World) -> None:
    outcome = load_records(world.engine(), "product", "first-home-set")
    assert outcome.missing == []
    assert _components(world.product("first-home-set")) == {
        "living-room-set": 1,
        "dining-room-set": 1,
        "tableware-for-two": 2,
    }
    assert _components(world.product("living-room-set")) == LIVING_ROOM_SET
    assert _components(world.product("dining-room-set")) == {
        "oak-table-180": 1,
        "pendant-lamp-dimmable": 2,
        "dining-chair": 6,
    }
    # If a component is a variant or a model, its whole product is created in one request.
    for model, variants in {
        "fjord-sofa": 4,
        "floor-lamp": 2,
        "oak-table": 3,
        "pendant-lamp": 2,
        "dining-chair": 3,
    }.items():
        assert len(world.product(model)["variants"]) == variants
    actions = [entry.action for entry in world.written()]
    assert "variant.save" not in actions
    # Only components of bundles were created.
    simple = {"wool-throw-grey", "linen-cushion-sage", "dinner-plate-white", "dessert-plate-white", "mug-white"}
    assert actions.count("product.create") == len(world.ipaas.products()) == 4 + 5 + len(simple)
    assert [link for link in world.waiting_links() if link[1] == "component"] == []


def test_without_the_setting_the_link_is_reported_and_sent_later(world: World) -> None:
    engine = world.engine(create_missing_bundle_items=False)
    outcome = load_records(engine, "product", "living-room-set", "wool-throw-grey")
    assert _components(world.product("living-room-set")) == {"wool-throw-grey": 1}
    assert world.skus() == ["living-room-set", "wool-throw-grey"]

    bundle = world.uuid("living-room-set")
    missing = {world.uuid("fjord-sofa-sand"), world.uuid("linen-cushion-sage"), "floor-lamp"}
    assert {
        target for key, relation, target in world.waiting_links() if (key, relation) == (bundle, "component")
    } == missing
    problem = problems_of(outcome.delivered.values())[bundle]
    assert problem.code == "missing_component"
    assert all(target in problem.message for target in missing)

    load_records(engine, "product", "fjord-sofa-sand", "linen-cushion-sage")
    assert _components(world.product("living-room-set")) == {
        sku: quantity for sku, quantity in LIVING_ROOM_SET.items() if sku != "floor-lamp"
    }
    load_records(engine, "product_model", "floor-lamp")
    assert _components(world.product("living-room-set")) == LIVING_ROOM_SET
    assert [link for link in world.waiting_links() if link[1] == "component"] == []
    assert world.sandbox.ipaas_counters.events("children_recreated") == 0


def test_bundles_that_contain_each_other_are_both_sent(world: World) -> None:
    world.edit.save_product(
        "bed-set-sage",
        {
            "quantified_associations": {
                "PRODUCTSET": {
                    "products": [{"uuid": world.uuid("bed-set-white"), "quantity": 1}],
                    "product_models": [],
                }
            }
        },
    )
    world.edit.save_product(
        "bed-set-white",
        {
            "quantified_associations": {
                "PRODUCTSET": {"products": [{"uuid": world.uuid("bed-set-sage"), "quantity": 2}], "product_models": []}
            }
        },
    )
    load_records(world.engine(), "product", "bed-set-sage")
    assert _components(world.product("bed-set-sage")) == {"bed-set-white": 1}
    assert _components(world.product("bed-set-white")) == {"bed-set-sage": 2}
    assert world.waiting_links() == [] or all(relation == "category" for _, relation, _ in world.waiting_links())


def test_a_bundle_with_related_products_is_sent_in_one_write(world: World) -> None:
    world.edit.save_product(
        "shoe-care-kit",
        {"associations": {"accessories": {"products": [world.uuid("shoe-wax")], "product_models": [], "groups": []}}},
    )
    load_records(world.engine(), "product", "shoe-care-kit", "shoe-brush", "shoe-wax")
    kit = world.product("shoe-care-kit")
    assert [link["related_sku"] for link in kit["related_products"]] == ["shoe-wax"]
    assert [entry.action for entry in world.written() if entry.external_id == world.uuid("shoe-care-kit")] == [
        "product.create"
    ]
