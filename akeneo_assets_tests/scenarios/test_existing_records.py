"""Records that already exist in iPaaS.com: deactivated, with the same SKU, or with two matches."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from akeneo_assets.sandbox.ipaas.identifiers import PRODUCT, VARIANT
from akeneo_assets.sandbox.ipaas.state import SUBSCRIPTION_ID
from akeneo_assets_tests.sandbox.ipaas_client import PRODUCT as BODY
from akeneo_assets_tests.sandbox.ipaas_client import Client
from akeneo_assets_tests.scenarios.world import World, load_categories, load_families, load_records

pytestmark = pytest.mark.exhaustive


@pytest.fixture
def portal(world: World) -> Iterator[Client]:
    """Another client that writes to iPaaS.com."""
    client = Client(world.sandbox)
    yield client
    client.session.close()


def _unlink_everything(world: World) -> None:
    for table, records in ((PRODUCT, world.ipaas.products()), (VARIANT, world.ipaas.variants())):
        for record in records:
            world.ipaas.links.unlink(table, str(record["id"]), SUBSCRIPTION_ID)


def _ids(world: World) -> dict[str, list[object]]:
    """Ids of products, variants, options with their values, kits and components, by SKU."""
    ids: dict[str, list[object]] = {}
    for product in world.ipaas.products():
        options = [(option["id"], [value["id"] for value in option["values"]]) for option in product["options"]]
        kit = product.get("kit", {"components": []})
        components = [component["id"] for component in kit["components"]]
        ids[product["sku"]] = [product["id"], options, kit.get("id"), components]
        ids |= {variant["sku"]: [variant["id"]] for variant in product["variants"]}
    return ids


def test_a_deactivated_product_is_reactivated_when_it_is_due_and_not_before(world: World) -> None:
    load_records(world.engine(), "product", "straw-hat")
    before = world.product("straw-hat")
    world.ipaas.deactivate(before["id"])
    load_records(world.engine(), "product", "straw-hat")
    assert "straw-hat" not in world.skus()

    world.edit.save_product("straw-hat", {"enabled": False})
    outcome = load_records(world.engine(), "product", "straw-hat")
    assert world.product("straw-hat") == {**before, "status": "Disabled"}
    assert outcome.delivered["products"].counts["reactivated"] == 1


def test_a_deactivated_model_is_reactivated_with_its_variants(world: World) -> None:
    load_records(world.engine(), "product_model", "fjord-sofa")
    before = world.product("fjord-sofa")
    world.ipaas.deactivate(before["id"])
    load_records(world.engine(), "product_model", "fjord-sofa", force=True)
    assert world.product("fjord-sofa") == before


@pytest.mark.parametrize("alone", [True, False], ids=["alone", "with its tree"])
def test_a_deactivated_variant_is_reactivated(world: World, *, alone: bool) -> None:
    engine = world.engine(send_variants_alone=alone)
    load_records(engine, "product_model", "fjord-sofa")
    before = world.product("fjord-sofa")
    world.ipaas.deactivate(world.variant("fjord-sofa-sand")["id"])
    world.edit.save_product("fjord-sofa-sand", {"enabled": False})
    outcome = load_records(engine, "product", "fjord-sofa-sand")
    assert sum(result.counts["failed"] for result in outcome.delivered.values()) == 0
    assert world.variant("fjord-sofa-sand")["status"] == "Disabled"
    after = world.product("fjord-sofa")
    assert {each["sku"]: each["id"] for each in after["variants"]} == {
        each["sku"]: each["id"] for each in before["variants"]
    }


def test_a_deactivated_variant_does_not_block_a_change_of_its_model(world: World) -> None:
    load_records(world.engine(), "product_model", "fjord-sofa")
    ids = {each["sku"]: each["id"] for each in world.product("fjord-sofa")["variants"]}
    world.ipaas.deactivate(ids["fjord-sofa-sand"])
    world.edit.save_model("fjord-sofa", {"values": {"name": [{"data": "Sofa Fjord II", "locale": "de_DE"}]}})
    load_records(world.engine(), "product_model", "fjord-sofa")
    after = world.product("fjord-sofa")
    assert after["name"] == "Sofa Fjord II"
    assert {each["sku"]: each["id"] for each in after["variants"]} == ids


def test_deactivated_records_are_reactivated_although_the_state_was_lost(world: World) -> None:
    load_records(world.engine(), "product_model", "fjord-sofa")
    load_records(world.engine(), "product", "straw-hat", "shoe-wax")
    before = {sku: world.product(sku)["id"] for sku in ("fjord-sofa", "straw-hat", "shoe-wax")}
    _unlink_everything(world)
    world.ipaas.deactivate(world.variant("fjord-sofa-sand")["id"])
    world.ipaas.links.link(PRODUCT, str(before["shoe-wax"]), [
        {"system_id": SUBSCRIPTION_ID, "external_id": world.uuid("shoe-wax")}
    ])  # fmt: skip
    for sku in ("straw-hat", "shoe-wax"):
        world.ipaas.deactivate(before[sku])
    skus = [*world.skus(), "fjord-sofa-sand", "shoe-wax", "straw-hat"]

    world.forget()
    load_records(world.engine(), "product", "straw-hat", "shoe-wax")
    assert {sku: world.product(sku)["id"] for sku in ("straw-hat", "shoe-wax")} == {
        sku: before[sku] for sku in ("straw-hat", "shoe-wax")
    }
    # A deactivated variant without an external id: only its SKU identifies it.
    load_records(world.engine(), "product_model", "fjord-sofa")
    assert world.skus() == sorted(skus)
    assert world.product("fjord-sofa")["id"] == before["fjord-sofa"]


def test_a_deactivated_category_is_reactivated(world: World) -> None:
    load_categories(world.engine(), "collections")
    before = world.category("evergreen_oak")
    world.ipaas.deactivate(before["id"])
    world.edit.save_category("evergreen_oak", {"labels": {"de_DE": "Eiche"}})
    load_categories(world.engine(), "collections")
    assert world.category("evergreen_oak") == {**before, "name": "Eiche"}


@pytest.mark.parametrize(
    "linked", [True, pytest.param(False, marks=pytest.mark.exhaustive)], ids=["same external id", "same SKU"]
)
def test_existing_records_are_adopted_with_their_children(world: World, *, linked: bool) -> None:
    families = ("sofas", "lamps", "home_textiles", "sets")
    load_families(world.engine(create_missing_bundle_items=False), *families)
    before, ids = world.content(), _ids(world)
    if not linked:
        _unlink_everything(world)
    world.forget()
    world.written()

    loaded = load_families(world.engine(create_missing_bundle_items=False), *families)
    assert world.content() == before
    assert _ids(world) == ids
    assert loaded.delivered["products"].counts["adopted"] == 41
    assert loaded.delivered["product_models"].counts["adopted"] == 4
    assert loaded.delivered["bundles"].counts["adopted"] == 8
    assert loaded.delivered_count("failed", "blocked") == 0
    assert not [entry for entry in world.written() if entry.action.endswith(".create")]
    assert world.sandbox.ipaas_counters.events("children_recreated") == 0

    load_families(world.engine(create_missing_bundle_items=False), *families)
    assert world.written() == []


def test_two_matching_records_are_an_error_that_names_both(world: World, portal: Client) -> None:
    uuid = world.uuid("straw-hat")
    link = {"external_ids": [{"system_id": SUBSCRIPTION_ID, "external_id": uuid}]}
    linked = portal.accepted("POST", "Product", {**BODY, "sku": "old-hat", **link})
    same_sku = portal.accepted("POST", "Product", {**BODY, "sku": "straw-hat"})
    before = world.ipaas.products()

    outcome = load_records(world.engine(), "product", "straw-hat")
    (problem,) = outcome.delivered["products"].problems
    assert problem.code == "ambiguous_destination"
    assert all(str(record["id"]) in problem.message for record in (linked, same_sku))
    assert world.ipaas.products() == before

    portal.accepted("PUT", f"Product/{same_sku['id']}", {**BODY, "id": same_sku["id"], "sku": "other-hat"})
    load_records(world.engine(), "product", "straw-hat")
    assert world.product("straw-hat")["id"] == linked["id"]


def test_a_record_with_the_sku_of_another_one_is_reported_and_replaces_nothing(world: World) -> None:
    load_records(world.engine(), "product_model", "canvas-sneaker")
    before = world.product("canvas-sneaker")
    world.edit.save_product("canvas-sneaker", {"family": "shoes", "enabled": True})

    outcome = load_records(world.engine(), "product", "canvas-sneaker")

    (problem,) = outcome.delivered["products"].problems
    assert problem.code == "sku_taken"
    assert "'canvas-sneaker'" in problem.message
    assert str(before["id"]) in problem.message
    assert world.product("canvas-sneaker") == before
