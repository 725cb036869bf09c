"""A full load into an empty iPaaS.com, and a second one right after it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from akeneo_assets.documents import JsonObject
from akeneo_assets_tests.scenarios.world import World, content_of_a_full_load, full_load


def _leaves(world: World, model: str) -> Iterator[str]:
    database = world.sandbox.akeneo.database
    for kind, key in database.children(model):
        if kind == "product":
            yield str(database.identifiers[key])
        else:
            yield from _leaves(world, key)


def _components(bundle: JsonObject) -> dict[str, float]:
    return {component["sku"]: component["quantity"] for component in bundle["kit"]["components"]}


def _related(record: JsonObject) -> set[tuple[str, str, bool]]:
    return {(link["related_sku"], link["related_type"], link["is_variant"]) for link in record["related_products"]}


def test_every_record_is_created_once(loaded_world: World) -> None:
    creates = Counter(
        (entry.table, entry.external_id) for entry in loaded_world.ipaas.journal if entry.action.endswith(".create")
    )
    assert set(creates.values()) == {1}
    database = loaded_world.sandbox.akeneo.database
    roots = [model["code"] for model in database.all("product_model") if model["parent"] is None]
    simple = [product["uuid"] for product in database.all("product") if product["parent"] is None]
    assert {key for table, key in creates if table == "product"} == {*roots, *simple}
    assert {key for table, key in creates if table == "product category"} == set(database.keys("category"))


def test_a_model_is_one_product_with_all_leaf_variants_created_by_one_request(loaded_world: World) -> None:
    models = [model for model in loaded_world.sandbox.akeneo.database.all("product_model") if model["parent"] is None]
    assert len(models) > 10
    for model in models:
        product = loaded_world.product(model["code"])
        assert product["tracking_method"] == "Variant"
        assert sorted(variant["sku"] for variant in product["variants"]) == sorted(_leaves(loaded_world, model["code"]))
    # No variant was sent by itself: each was created by the request that created its product.
    assert {entry.action for entry in loaded_world.ipaas.journal} == {
        "category.create",
        "product.create",
        "product.replace",
    }


def test_a_model_has_the_options_of_all_axes_of_all_levels(loaded_world: World) -> None:
    shirt = loaded_world.product("linen-shirt")
    assert {option["option_name"]: [value["value"] for value in option["values"]] for option in shirt["options"]} == {
        "Farbe": ["Weiß", "Salbei", "Marineblau (navy)"],
        "Größe": ["s", "m", "l", "xl"],
    }
    chosen = {
        option["option_name"]: option["value"] for option in loaded_world.variant("linen-shirt-sage-m")["options"]
    }
    assert chosen == {"Farbe": "Salbei", "Größe": "m"}


def test_a_variant_has_the_categories_of_its_models_too(loaded_world: World) -> None:
    names = {each["category_name"] for each in loaded_world.variant("linen-shirt-navy-xl")["categories"]}
    assert names == {"Shirts", "Linen weeks", "Basics"}


def test_a_bundle_is_a_kit_with_the_right_components_and_quantities(loaded_world: World) -> None:
    # A simple product, a variant and a model in one bundle; then bundles in a bundle.
    assert _components(loaded_world.product("living-room-set")) == {
        "wool-throw-grey": 1,
        "fjord-sofa-sand": 1,
        "linen-cushion-sage": 3,
        "floor-lamp": 1,
    }
    assert _components(loaded_world.product("first-home-set")) == {
        "living-room-set": 1,
        "dining-room-set": 1,
        "tableware-for-two": 2,
    }
    unnamed = loaded_world.uuid(next(key for key in _components(loaded_world.product("picnic-set")) if "-" in key[8:9]))
    assert _components(loaded_world.product("picnic-set"))[unnamed] == 1


def test_related_products_point_to_products_variants_and_models(loaded_world: World) -> None:
    links = {
        ("leather-belt-brown", "accessories", False),
        ("silk-scarf-sky", "accessories", False),
        ("cotton-shirt", "substitution", False),
    }
    assert _related(loaded_world.product("linen-shirt")) == links
    assert _related(loaded_world.variant("linen-shirt-white-m")) == links
    assert _related(loaded_world.product("dinner-plate-white")) == {
        ("dessert-plate-white", "accessories", False),
        ("soup-bowl-white", "accessories", False),
        ("linen-shirt-white-m", "accessories", True),
        ("dinner-plate-sand", "substitution", False),
    }
    assert _related(loaded_world.product("dinner-plate-sand")) == {("dinner-plate-white", "substitution", False)}


def test_every_link_whose_target_exists_is_sent(loaded_world: World) -> None:
    assert loaded_world.waiting_links() == []
    assert loaded_world.engine().store.reports.summary()["planned"] == {}


def test_every_write_changed_something_and_no_child_was_recreated(loaded_world: World) -> None:
    assert loaded_world.sandbox.ipaas_counters.no_op_writes() == 0
    assert loaded_world.sandbox.ipaas_counters.events("children_recreated") == 0
    assert loaded_world.sandbox.ipaas_counters.events("children_removed") == 0


def test_a_second_full_load_writes_nothing(loaded_world: World) -> None:
    before = loaded_world.content()
    requests = loaded_world.sandbox.ipaas_counters.total
    loaded_world.written()
    loaded = full_load(loaded_world.engine())
    assert loaded_world.written() == []
    assert loaded_world.sandbox.ipaas_counters.total == requests
    assert loaded.delivered_count("created", "updated", "failed", "blocked") == 0
    assert sum(result.counts["unchanged"] for result in loaded.planned.values()) > 250
    assert loaded_world.content() == before


@pytest.mark.exhaustive
def test_loading_everything_in_one_partition_gives_the_same_content(loaded_world: World) -> None:
    assert content_of_a_full_load(loaded_world) == loaded_world.content()
