"""What a probe found out saves requests or prevents failures; without it, the safe defaults hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from akeneo_assets.documents import JsonObject
from akeneo_assets.ipaas.capabilities import FORMAT, NOTHING_KNOWN, Capabilities
from akeneo_assets.ipaas.client import IPAAS
from akeneo_assets.ipaas.errors import IpaasError
from akeneo_assets.objects import OBJECTS
from akeneo_assets.sandbox.ipaas.catalog_bodies import ProductBody
from akeneo_assets.sandbox.ipaas.identifiers import PRODUCT
from akeneo_assets.sync.inspect.open_now import fields_not_stored
from akeneo_assets_tests.scenarios.polling import Clock, poll
from akeneo_assets_tests.scenarios.world import (
    World,
    full_load,
    is_as_a_full_load,
    load_families,
    load_records,
    problems_of,
)


def know(world: World, **found: Any) -> None:
    """Store what a probe would have found out."""
    engine = world.engine()
    engine.store.capabilities.save(IPAAS.name, found, {"format": FORMAT})
    engine.close()


def edited(world: World, clock: Clock) -> dict[str, Any]:
    """Make one edit of each sort, poll, and return what failed."""
    world.edit.save_product("straw-hat", {"categories": ["mugs"], "values": {"name": [{"data": None}]}})
    world.edit.save_product("fjord-sofa-sand", {"enabled": False})
    world.edit.save_category("mugs", {"labels": {"de_DE": "Becher"}})
    clock.pass_time(120.0)
    return poll(world.engine()).loaded.problems


@pytest.mark.parametrize("ids", ["number", "text"])
def test_ids_are_sent_as_they_are_accepted(fresh: World, small_content: JsonObject, clock: Clock, ids: str) -> None:
    know(fresh, ids=ids)
    fresh.ipaas.switches.ids = ids  # type: ignore[assignment]
    assert full_load(fresh.engine()).problems == {}
    assert fresh.content() == small_content
    assert edited(fresh, clock) == {}


def test_numbers_that_are_not_known_to_be_needed_fail_with_the_reason(world: World) -> None:
    world.ipaas.switches.ids = "number"
    engine = world.engine()
    with pytest.raises(IpaasError, match="The JSON value of parent_id could not be converted"):
        engine.ipaas.create_category({"name": "Shoes", "parent_id": "1001"})


@pytest.mark.parametrize("path", ["product", "variant"])
def test_a_variant_is_written_at_its_path(synced: World, clock: Clock, path: str) -> None:
    know(synced, variant_path=path)
    synced.ipaas.switches.variant_path = path  # type: ignore[assignment]
    synced.written()

    synced.edit.save_product("fjord-sofa-sand", {"enabled": False})
    synced.edit.save_product("linen-shirt-new", {"parent": "linen-shirt-sage", "values": {"size": [{"data": "m"}]}})
    clock.pass_time(120.0)

    assert poll(synced.engine()).loaded.problems == {}
    assert is_as_a_full_load(synced)
    assert synced.sandbox.ipaas_counters.events("children_recreated") == 0
    actions = [entry.action for entry in synced.written()]
    assert sorted(actions) == (["variant.save"] * 2 if path == "product" else ["product.replace", "variant.save"])


@pytest.mark.parametrize(("put", "merges"), [("replaces", False), ("merges", True)])
@pytest.mark.parametrize("nulls_accepted", [True, False])
def test_a_field_that_is_not_sent_any_more_is_emptied(
    world: World, tmp_path: Path, put: str, merges: bool, nulls_accepted: bool
) -> None:
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text("product: {barcode: ean}", encoding="utf-8")
    world.variables["AKENEO_ASSETS_MAPPING"] = str(mapping)
    world.edit.save_product("mug-white", {"values": {"ean": [{"data": "4006381333931"}]}})
    load_families(world.engine(), "tableware")
    assert world.product("mug-white")["barcode"] == "4006381333931"
    know(world, put=put, nulls_accepted=nulls_accepted)
    world.ipaas.put_merges, world.ipaas.switches.nulls_accepted = merges, nulls_accepted
    world.edit.save_product("mug-white", {"values": {"ean": [{"data": None}]}, "enabled": False})

    assert load_families(world.engine(), "tableware").problems == {}

    mug = world.product("mug-white")
    assert mug["status"] == "Disabled"
    # Nothing can empty a field if a write merges and nulls are refused.
    assert ("barcode" in mug) == (merges and not nulls_accepted)


def test_a_custom_field_is_emptied_by_a_null_although_other_nulls_are_left_out() -> None:
    emptied = {"custom_fields": [{"custom_field_name": "Brand", "value": None}]}
    assert Capabilities(put="replaces").written({**emptied, "barcode": None}) == emptied


def test_a_custom_field_that_was_never_sent_is_not_kept(world: World) -> None:
    world.ipaas.custom_field_definitions_allowed = False
    load_families(world.engine(), "accessories")
    know(world, put="merges", custom_fields_emptied_by="nothing")
    world.ipaas.put_merges = True
    world.edit.save_product("straw-hat", {"family": None})
    world.written()

    loaded = load_records(world.engine(), "product", "straw-hat")

    assert problems_of(loaded.delivered.values()) == {}
    assert ("product.replace", world.uuid("straw-hat")) in {(each.action, each.external_id) for each in world.written()}
    assert all(fields_not_stored(world.engine().store, name) == {} for name in OBJECTS)


@pytest.mark.parametrize("known", [None, True])
def test_no_related_product_is_sent_in_vain(world: World, known: bool | None) -> None:
    know(world, related_targets_checked=known)
    world.edit.save_product(
        "mug-white", {"associations": {"X_SELL": {"products": [world.uuid("straw-hat")], "product_models": []}}}
    )
    loaded = load_families(world.engine(skip_related_product_prerequisite=True), "tableware")
    assert loaded.problems == {}
    assert (world.sandbox.ipaas_counters.statuses(400) > 0) == (known is None)


@pytest.mark.parametrize("known", [None, False])
def test_no_custom_field_is_defined_in_vain(world: World, known: bool | None) -> None:
    know(world, custom_fields_definable=known)
    world.ipaas.custom_field_definitions_allowed = False
    load_families(world.engine(), "accessories")
    assert (world.sandbox.ipaas_counters.requests("custom_field.define") > 0) == (known is None)
    assert world.product("straw-hat")["custom_fields"] == []


@pytest.mark.parametrize(("known", "products"), [(None, 2), (False, 1)])
def test_a_record_is_looked_up_before_it_is_created_if_duplicates_are_accepted(
    world: World, known: bool | None, products: int
) -> None:
    know(world, refuses_duplicates=known)
    world.ipaas.switches.unique_skus = "never"
    own = {"sku": "straw-hat", "name": "Hat", "type": "Physical", "tracking_method": "Product", "status": "Active"}
    world.ipaas.product_records.save(ProductBody.model_validate({**own, "default_price": 1}))

    assert load_families(world.engine(), "accessories").problems == {}

    assert len(world.ipaas.product_records.hits(PRODUCT, "straw-hat")) == products


@pytest.mark.parametrize("known", [True, False])
def test_records_are_linked_afterwards_if_a_write_does_not_link_them(
    fresh: World, small_content: JsonObject, clock: Clock, known: bool
) -> None:
    know(fresh, links_on_write=known)
    fresh.ipaas.switches.keeps_external_ids = known
    assert full_load(fresh.engine()).problems == {}
    assert fresh.content() == small_content

    fresh.edit.save_product("linen-shirt-new", {"parent": "linen-shirt-sage", "values": {"size": [{"data": "m"}]}})
    clock.pass_time(120.0)
    assert poll(fresh.engine()).loaded.problems == {}
    (linked,) = fresh.variant("linen-shirt-new")["external_ids"]
    assert linked["external_id"] == fresh.uuid("linen-shirt-new")


@pytest.mark.parametrize("lookup", ["marked", "plain", "missing"])
@pytest.mark.parametrize("sku", ["straw-hat", "fjord-sofa"])
def test_a_deactivated_record_is_reactivated_however_it_is_found(
    synced: World, clock: Clock, lookup: str, sku: str
) -> None:
    synced.ipaas.switches.deactivated_lookup = lookup  # type: ignore[assignment]
    before = synced.product(sku)["id"]
    synced.ipaas.deactivate(before)
    if sku == "straw-hat":
        synced.edit.save_product(sku, {"categories": ["mugs"]})
    else:
        synced.edit.save_model(sku, {"categories": ["mugs"]})
    clock.pass_time(120.0)

    assert poll(synced.engine()).loaded.problems == {}
    assert synced.product(sku)["id"] == before
    assert is_as_a_full_load(synced)


def test_an_empty_response_to_a_change_is_handled(synced: World, clock: Clock) -> None:
    synced.ipaas.switches.returns_changed_records = False
    assert edited(synced, clock) == {}
    assert is_as_a_full_load(synced)


@pytest.mark.parametrize(("size", "requests"), [(None, 2), (1000, 1), (50, 3)])
def test_a_list_is_read_in_the_largest_pages(world: World, size: int | None, requests: int) -> None:
    know(world, page_size=size)
    world.ipaas.switches.largest_page = size or 100
    world.ipaas.define_custom_fields(f"field {number}" for number in range(120))
    assert len(world.engine().ipaas.list_custom_fields()) == 120
    assert world.sandbox.ipaas_counters.requests("custom_field.list") == requests


@pytest.mark.parametrize(("document", "stored_with"), [({"page_size": 5}, "0"), ({"put": "guesses"}, FORMAT)])
def test_what_another_release_stored_is_ignored(world: World, document: JsonObject, stored_with: str) -> None:
    engine = world.engine()
    engine.store.capabilities.save(IPAAS.name, document, {"format": stored_with})
    assert world.engine().ipaas.capabilities == NOTHING_KNOWN
