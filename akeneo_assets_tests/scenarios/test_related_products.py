"""Related products whose target is not in iPaaS.com yet."""

from __future__ import annotations

from collections import Counter

import pytest

from akeneo_assets.documents import JsonObject
from akeneo_assets.mapping.record.mapped_record import MappedRecord
from akeneo_assets.mapping.record.mapper import Mapper
from akeneo_assets_tests.scenarios.small_world import SIMPLE
from akeneo_assets_tests.scenarios.world import World, full_load, load_families, load_records


def _related(record: JsonObject) -> list[tuple[str, str]]:
    return sorted((link["related_sku"], link["related_type"]) for link in record["related_products"])


def _waiting_related_links(world: World) -> set[tuple[str, str]]:
    return {(key, target) for key, relation, target in world.waiting_links() if relation == "related"}


def _written_products(world: World) -> list[tuple[str, str | None]]:
    written = [(entry.action, entry.external_id) for entry in world.written()]
    return [(action, key) for action, key in written if action.startswith("product.")]


def test_a_simple_product_is_mapped_once_per_load(small_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    mapped: Counter[tuple[str | None, bool]] = Counter()
    product = Mapper.product

    def counted(mapper: Mapper, document: JsonObject) -> MappedRecord:
        record = product(mapper, document)
        mapped[record.sku, record.kit is not None] += 1
        return record

    monkeypatch.setattr(Mapper, "product", counted)
    full_load(small_world.engine())
    links = [sku for sku in SIMPLE if _related(small_world.product(sku))]
    assert 0 < len(links) < len(SIMPLE)
    assert set(mapped) > {(sku, False) for sku in SIMPLE}
    assert {is_kit for _, is_kit in mapped} == {True, False}
    assert set(mapped.values()) == {1}


def test_a_link_is_kept_and_sent_as_soon_as_its_target_exists(world: World) -> None:
    tote, backpack = world.uuid("canvas-tote-natural"), world.uuid("city-backpack-sand")
    load_records(world.engine(), "product", "canvas-tote-natural")
    assert _related(world.product("canvas-tote-natural")) == []
    assert _waiting_related_links(world) == {(tote, backpack)}

    world.written()
    load_records(world.engine(), "product", "city-backpack-sand")
    assert _related(world.product("canvas-tote-natural")) == [("city-backpack-sand", "substitution")]
    assert _related(world.product("city-backpack-sand")) == [("canvas-tote-natural", "substitution")]
    assert _waiting_related_links(world) == set()
    assert _written_products(world) == [("product.create", backpack), ("product.replace", tote)]


def test_links_of_a_model_and_its_variants_are_completed_by_one_write(world: World) -> None:
    load_records(world.engine(), "product_model", "striped-tshirt")
    assert len(_waiting_related_links(world)) == 7 * 2
    world.written()
    load_records(world.engine(), "product", "straw-hat")
    assert _written_products(world) == [
        ("product.create", world.uuid("straw-hat")),
        ("product.replace", "striped-tshirt"),
    ]
    for record in (world.product("striped-tshirt"), world.variant("striped-tshirt-navy-m")):
        assert _related(record) == [("straw-hat", "accessories")]
    load_records(world.engine(), "product_model", "canvas-sneaker")
    for record in (world.product("striped-tshirt"), world.variant("striped-tshirt-navy-m")):
        assert _related(record) == [("canvas-sneaker", "accessories"), ("straw-hat", "accessories")]
    assert world.sandbox.ipaas_counters.no_op_writes() == 0
    assert world.sandbox.ipaas_counters.events("children_recreated") == 0


@pytest.mark.parametrize(
    ("variants", "written"),
    [
        (("fjord-sofa-sand", "fjord-sofa-sky"), "product.replace"),
        (("fjord-sofa-sand",), "variant.save"),
    ],
    ids=["several variants", "one variant"],
)
def test_links_of_variants_are_completed_by_one_write(world: World, variants: tuple[str, ...], written: str) -> None:
    links = {"accessories": {"products": [world.uuid("straw-hat")], "product_models": [], "groups": []}}
    for sku in variants:
        world.edit.save_product(sku, {"associations": links})
    load_records(world.engine(), "product_model", "fjord-sofa")
    world.written()

    load_records(world.engine(), "product", "straw-hat")

    actions = [entry.action for entry in world.written() if entry.table != "product category"]
    assert actions == ["product.create", written]
    for sku in variants:
        assert ("straw-hat", "accessories") in _related(world.variant(sku))


def test_changed_links_of_a_model_are_sent_for_it_and_its_variants(world: World) -> None:
    load_families(world.engine(), "accessories", "sofas")
    links = {"accessories": {"products": [world.uuid("straw-hat")], "product_models": [], "groups": []}}
    world.edit.save_model("corner-sofa", {"associations": links})
    world.written()
    load_families(world.engine(), "sofas")
    expected = [("fjord-sofa", "substitution"), ("straw-hat", "accessories")]
    for record in (world.product("corner-sofa"), *world.product("corner-sofa")["variants"]):
        assert _related(record) == expected
    assert [(entry.action, entry.external_id) for entry in world.written()] == [("product.replace", "corner-sofa")]
    load_families(world.engine(), "sofas")
    assert world.written() == []


def test_skip_prerequisite_sends_the_link_by_sku_although_the_target_is_unknown(world: World) -> None:
    world.ipaas.related_targets_must_exist = False
    engine = world.engine(skip_related_product_prerequisite=True)
    load_records(engine, "product", "canvas-tote-natural", "straw-hat", "picnic-blanket")
    assert _related(world.product("canvas-tote-natural")) == [("city-backpack-sand", "substitution")]
    # A product and a model; a product without an identifier has its uuid as SKU.
    assert _related(world.product("straw-hat")) == [
        ("silk-scarf-sky", "accessories"),
        ("striped-tshirt", "accessories"),
    ]
    (unnamed,) = (
        document["uuid"]
        for document in world.sandbox.akeneo.database.all("product")
        if world.sandbox.akeneo.database.identifiers[document["uuid"]] is None
    )
    assert _related(world.product("picnic-blanket")) == [(unnamed, "accessories")]
    # They were only linked, not mirrored: for the load of their own family they are still new.
    load_families(engine, "tableware")
    assert world.product(unnamed)["external_ids"][0]["external_id"] == unnamed
    (link,) = world.product("picnic-blanket")["related_products"]
    assert link["related_id"] == world.product(unnamed)["id"]
    assert world.sandbox.ipaas_counters.events("children_recreated") == 0


def test_skip_prerequisite_sends_identifiers_if_they_are_the_ids(world: World) -> None:
    world.ipaas.related_targets_must_exist = False
    engine = world.engine(skip_related_product_prerequisite=True, akeneo_product_id_format="Identifier")
    load_records(engine, "product", "canvas-tote-natural")
    assert _related(world.product("canvas-tote-natural")) == [("city-backpack-sand", "substitution")]
