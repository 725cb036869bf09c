"""Records that change their identity or place end up correct automatically, whether a PUT replaces or merges."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from akeneo_assets.sandbox.catalogue.records import product_uuid, value
from akeneo_assets.sync.deliver.composer import Targets
from akeneo_assets.sync.deliver.places import Places
from akeneo_assets.sync.deliver.tracking import TrackedClients
from akeneo_assets_tests.scenarios.polling import poll, remap
from akeneo_assets_tests.scenarios.world import World, full_load, is_as_a_full_load


@pytest.fixture(params=[False, True], ids=["replaces", "merges"])
def moving(synced: World, request: pytest.FixtureRequest) -> World:
    """A loaded world, for a PUT that replaces and one that merges."""
    synced.ipaas.put_merges = request.param
    synced.written()
    return synced


def _rename(world: World, name: str, sku: str) -> None:
    world.edit.save_product(world.uuid(name), {"values": {"sku": [value(sku)]}})


def _settle(world: World) -> None:
    """Poll twice, then check that nothing is left to do."""
    poll(world.engine())
    poll(world.engine())
    assert poll(world.engine()).found_nothing
    assert world.engine().store.reports.failures().to_dict("records") == []


def _simple_to_variant(world: World) -> None:
    world.edit.save_product(
        "mug-white", {"family": "sofas", "parent": "fjord-sofa", "values": {"color": [value("navy")]}}
    )


def _variant_to_other_model(world: World) -> None:
    world.edit.save_model("shirt-new", {"family": "clothing", "family_variant": "clothing_color_size"})
    above = {"family": "clothing", "family_variant": "clothing_color_size", "parent": "shirt-new"}
    world.edit.save_model("shirt-new-white", {**above, "values": {"color": [value("white")]}})
    world.edit.save_product("linen-shirt-white-s", {"parent": "shirt-new-white"})
    world.edit.save_model("linen-shirt", {"values": {"name": [value("Alpha", locale="de_DE")]}})


def _variant_to_known_model(world: World) -> None:
    world.edit.save_product("linen-shirt-sage-s", {"parent": "linen-shirt-white", "values": {"size": [value("xl")]}})
    world.edit.save_product("linen-shirt-white-m", {"enabled": False})


def _variant_to_simple(world: World) -> None:
    world.edit.save_product("fjord-sofa-sand", {"parent": None})


def _created_anew(world: World) -> None:
    world.edit.delete_product("straw-hat")
    world.edit.save_product(
        "11111111-1111-4111-8111-111111111111", {"family": "accessories", "values": {"sku": [value("straw-hat")]}}
    )


def _exchanged(world: World) -> None:
    hat, mug = product_uuid("straw-hat"), product_uuid("mug-white")
    for key, sku in ((hat, "mug-white"), (mug, "straw-hat")):
        world.edit.save_product(key, {"values": {"sku": [value(sku)]}})


def _rotated(world: World) -> None:
    names = ("straw-hat", "mug-white", "tea-towel-white")
    for key, sku in zip(map(product_uuid, names), (*names[1:], names[0]), strict=True):
        world.edit.save_product(key, {"values": {"sku": [value(sku)]}})


def _rotated_with_a_bundle_and_its_component(world: World) -> None:
    names = ("tableware-for-two", "dinner-plate-white", "fjord-sofa-sky")
    for key, sku in zip(map(product_uuid, names), (*names[1:], names[0]), strict=True):
        world.edit.save_product(key, {"values": {"sku": [value(sku)]}})


def _given_away(world: World) -> None:
    hat, mug = product_uuid("straw-hat"), product_uuid("mug-white")
    world.edit.save_product(hat, {"values": {"sku": [value("sun-hat")]}})
    world.edit.save_product(mug, {"values": {"sku": [value("straw-hat")]}})


def _deleted_and_given_away(world: World) -> None:
    world.edit.delete_product("straw-hat")
    _rename(world, "mug-white", "straw-hat")


def _component_renamed(world: World) -> None:
    _rename(world, "dinner-plate-white", "plate-x")


_MOVES: tuple[Callable[[World], None], ...] = (
    _component_renamed,
    _simple_to_variant,
    _variant_to_other_model,
    _variant_to_known_model,
    _variant_to_simple,
    _exchanged,
    _rotated,
    _rotated_with_a_bundle_and_its_component,
    _given_away,
    _deleted_and_given_away,
)


_AT_ONCE: tuple[tuple[Callable[[World], None], ...], ...] = (
    (_component_renamed, _simple_to_variant, _variant_to_other_model, _variant_to_simple, _created_anew),
    (_rotated_with_a_bundle_and_its_component, _variant_to_known_model, _exchanged),
    (_rotated,),
    (_deleted_and_given_away,),
)
"""Moves of different records; each rotation contains one that gives its SKU to another record."""


@pytest.mark.parametrize("moves", _AT_ONCE, ids=lambda moves: moves[0].__name__.strip("_"))
def test_moved_records_are_as_a_full_load_would_create_them(
    synced: World, moves: tuple[Callable[[World], None]]
) -> None:
    for move in moves:
        move(synced)
    _settle(synced)
    skus = synced.skus()
    assert len(skus) == len(set(skus))
    assert is_as_a_full_load(synced)


@pytest.mark.exhaustive
@pytest.mark.parametrize("move", [_created_anew, *_MOVES], ids=lambda move: move.__name__.strip("_"))
def test_a_single_moved_record_is_as_a_full_load_would_create_it(moving: World, move: Callable[[World], None]) -> None:
    move(moving)
    _settle(moving)
    skus = moving.skus()
    assert len(skus) == len(set(skus))
    assert is_as_a_full_load(moving)


@pytest.mark.parametrize("component", ["dinner-plate-white", "fjord-sofa-sky"], ids=["simple product", "variant"])
def test_every_kit_and_link_to_a_renamed_record_is_sent_once(synced: World, component: str) -> None:
    key = product_uuid(component)
    entries = [{"uuid": key, "quantity": 2}]
    synced.edit.save_product(
        "tableware-for-two", {"quantified_associations": {"PRODUCTSET": {"products": entries, "product_models": []}}}
    )
    synced.edit.save_product(
        "straw-hat", {"associations": {"accessories": {"products": [key], "product_models": [], "groups": []}}}
    )
    _settle(synced)
    synced.written()

    _rename(synced, component, "another-sku")
    _settle(synced)

    kit = synced.product("tableware-for-two")["kit"]
    assert [each["sku"] for each in kit["components"]] == ["another-sku"]
    assert [each["related_sku"] for each in synced.product("straw-hat")["related_products"]] == ["another-sku"]
    written = [entry.external_id for entry in synced.written()]
    assert sorted(map(str, written)) == sorted(map(product_uuid, (component, "tableware-for-two", "straw-hat")))


def test_a_recreated_record_continues_as_the_same_record(synced: World) -> None:
    before = synced.product("straw-hat")["id"]
    _created_anew(synced)
    _settle(synced)
    after = synced.product("straw-hat")
    assert after["id"] == before
    assert [each["external_id"] for each in after["external_ids"]] == ["11111111-1111-4111-8111-111111111111"]


def test_values_that_a_record_loses_are_removed_whether_put_replaces_or_merges(moving: World) -> None:
    moving.edit.save_product("straw-hat", {"categories": [], "associations": {}})
    moving.edit.save_product(
        "tableware-for-two", {"quantified_associations": {"PRODUCTSET": {"products": [], "product_models": []}}}
    )
    _settle(moving)
    assert is_as_a_full_load(moving)


def test_an_optional_link_never_blocks_its_record(small_world: World) -> None:
    small_world.variables["SKIP_RELATED_PRODUCT_PREREQUISITE"] = "true"
    for name, other in (("straw-hat", "mug-white"), ("mug-white", "straw-hat")):
        members = {"products": [product_uuid(other)], "product_models": [], "groups": []}
        small_world.edit.save_product(name, {"associations": {"accessories": members}})
    assert full_load(small_world.engine()).delivered_count("failed", "blocked") == 0
    related = {name: small_world.product(name)["related_products"] for name in ("straw-hat", "mug-white")}
    assert {name: [each["related_sku"] for each in found] for name, found in related.items()} == {
        "straw-hat": ["mug-white"],
        "mug-white": ["straw-hat"],
    }


@pytest.mark.parametrize("target", ["mug-white", "mug-new"], ids=["gets another id", "is created"])
def test_an_id_in_a_formula_follows_the_record(synced: World, target: str) -> None:
    formula = f"ipaas_id('product', '{product_uuid(target)}')"
    mapping = Path(synced.variables["AKENEO_ASSETS_MAPPING"])
    mapping.write_text(f'product: {{custom_fields: {{fields: {{Mug: {{formula: "{formula}"}}}}}}}}', encoding="utf-8")
    remap(synced.engine())
    before = _mug(synced)

    if target == "mug-white":
        _simple_to_variant(synced)
    else:
        synced.edit.save_product(target, {"family": "tableware"})
    # The formula of the mug refers to the mug itself, so that it is sent twice.
    poll(synced.engine())
    _settle(synced)

    (record,) = (each for each in (*synced.ipaas.products(), *synced.ipaas.variants()) if each["sku"] == target)
    assert _mug(synced) == str(record["id"]) != before


def _mug(world: World) -> str | None:
    fields = {each["custom_field_name"]: each["value"] for each in world.product("straw-hat")["custom_fields"]}
    mug: str | None = fields.get("Mug")
    return mug


def test_two_runs_that_leave_the_same_place_release_it_once(synced: World) -> None:
    """Otherwise, the slower one would unlink the record when the faster one has linked it to its new place."""
    variant = synced.variant("linen-shirt-white-s")
    synced.sandbox.ipaas_faults.add("slow", seconds=0.3, action="external.unlink")
    synced.sandbox.ipaas_counters.reset()

    def leave(run: str) -> None:
        engine = synced.engine()
        places = Places(engine.store, TrackedClients(engine.ipaas, run), Targets(engine.store))
        places.leave(entry, moves_within_kind=True)

    (entry,) = synced.engine().store.ledger.holding(str(variant["id"]))
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(leave, ("one", "two")))

    assert synced.sandbox.ipaas_counters.snapshot()["requests"]["external.unlink"] == 1
