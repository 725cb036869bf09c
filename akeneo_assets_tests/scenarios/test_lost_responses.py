"""Writes that iPaaS.com executed although the response was lost."""

from __future__ import annotations

import pytest

from akeneo_assets_tests.scenarios.world import World, load_categories, load_records

pytestmark = pytest.mark.exhaustive


@pytest.fixture(params=[None, pytest.param(500, marks=pytest.mark.exhaustive)], ids=["broken connection", "status 500"])
def status(request: pytest.FixtureRequest) -> int | None:
    """How the response gets lost."""
    value: int | None = request.param
    return value


def _lose(world: World, action: str, status: int | None) -> None:
    world.sandbox.ipaas_faults.add("lose_response", action=action, status=status, times=2)


@pytest.mark.parametrize(("kind", "code"), [("product", "straw-hat"), ("product_model", "fjord-sofa")])
def test_a_product_is_not_created_twice(world: World, status: int | None, kind: str, code: str) -> None:
    _lose(world, "product.create", status)
    outcome = load_records(world.engine(), kind, code)
    assert all(result.counts["failed"] == 0 for result in outcome.delivered.values())
    assert len([entry for entry in world.written() if entry.action == "product.create"]) == len(world.ipaas.products())
    assert len(set(world.skus())) == len(world.skus())
    assert world.product(code)["external_ids"]
    assert world.sandbox.ipaas_counters.events("children_recreated") == 0
    load_records(world.engine(), kind, code)
    assert world.written() == []


def test_a_category_is_not_created_twice(world: World, status: int | None) -> None:
    _lose(world, "category.create", status)
    loaded = load_categories(world.engine(), "collections")
    assert loaded.problems == {}
    codes = [category["description"] for category in world.ipaas.categories()]
    assert len(codes) == len(set(codes)) == len(world.sandbox.akeneo.database.structure.below("collections")) + 1


def test_a_variant_is_not_created_twice(world: World, status: int | None) -> None:
    # Its color and size both exist as options, so it is sent without its product.
    late = world.sandbox.akeneo.database.get("product", world.uuid("linen-shirt-navy-xl"))
    assert late is not None
    world.edit.delete_product("linen-shirt-navy-xl")
    load_records(world.engine(), "product_model", "linen-shirt")
    before = {each["id"] for each in world.product("linen-shirt")["variants"]}
    world.edit.save_product(late["uuid"], late)
    world.written()

    _lose(world, "variant.save", status)
    outcome = load_records(world.engine(), "product", "linen-shirt-navy-xl")
    assert outcome.delivered["variants"].counts["failed"] == 0
    assert {entry.action for entry in world.written()} - {"category.create"} == {"variant.save"}
    after = world.product("linen-shirt")["variants"]
    assert len(after) == len(before) + 1
    assert {each["id"] for each in after} > before


def test_a_change_of_a_variant_is_sent(world: World, status: int | None) -> None:
    load_records(world.engine(), "product_model", "fjord-sofa")
    before = world.variant("fjord-sofa-sand")
    _lose(world, "variant.save", status)
    world.edit.save_product("fjord-sofa-sand", {"enabled": False})
    load_records(world.engine(), "product", "fjord-sofa-sand")
    assert world.variant("fjord-sofa-sand") == {**before, "status": "Disabled"}


def test_a_custom_field_does_not_count_as_refused(world: World, status: int | None) -> None:
    _lose(world, "custom_field.define", status)
    load_records(world.engine(), "product", "straw-hat")
    assert world.product("straw-hat")["custom_fields"] == [{"custom_field_name": "Family", "value": "accessories"}]


def _known_ids(world: World) -> dict[str, str | None]:
    """The ids of products in the ledger, by SKU."""
    engine = world.engine()
    products = [
        world.uuid(sku) for sku in ("straw-hat", "fjord-sofa-sand", "fjord-sofa-graphite") if sku in world.skus()
    ]
    entries = [*engine.store.ledger.entries("product", products).values()]
    entries += engine.store.ledger.entries("product_model", ["fjord-sofa"]).values()
    return {str(entry.sku): entry.ipaas_id for entry in entries}


@pytest.mark.parametrize(("kind", "code"), [("product", "straw-hat"), ("product_model", "fjord-sofa")])
def test_a_record_whose_id_is_missing_from_the_response_is_looked_up(world: World, kind: str, code: str) -> None:
    world.sandbox.ipaas_faults.add("null_ids", action="product.create", times=None)
    outcome = load_records(world.engine(), kind, code)
    assert all(result.counts["failed"] == 0 for result in outcome.delivered.values())
    known = _known_ids(world)
    assert known
    assert all(str(world.product(sku)["id"]) == known[sku] for sku in known)
    assert len(set(world.skus())) == len(world.skus())
    world.written()
    load_records(world.engine(), kind, code)
    assert world.written() == []


def test_a_replacement_without_an_id_in_the_response_leaves_the_ledger_unchanged(world: World) -> None:
    load_records(world.engine(), "product", "straw-hat")
    before = _known_ids(world)
    world.edit.save_product("straw-hat", {"enabled": False})
    world.sandbox.ipaas_faults.add("null_ids", action="product.replace")
    outcome = load_records(world.engine(), "product", "straw-hat")
    assert sum(result.counts["failed"] for result in outcome.delivered.values()) == 1
    assert _known_ids(world) == before
    outcome = load_records(world.engine(), "product", "straw-hat")
    assert all(result.counts["failed"] == 0 for result in outcome.delivered.values())
    assert _known_ids(world) == before
