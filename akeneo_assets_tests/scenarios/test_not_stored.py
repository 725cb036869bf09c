"""What iPaaS.com does not store is visible, is not sent in vain, and is sent when a later probe finds that it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest

from akeneo_assets.assets.ledger_checks import total_of
from akeneo_assets.assets.problem_table import field_rows
from akeneo_assets.documents import JsonObject
from akeneo_assets.objects import OBJECTS
from akeneo_assets.probe.ipaas.own_records import PREFIX
from akeneo_assets.probe.ipaas.probe import IpaasProbe
from akeneo_assets.sandbox.ipaas.switches import CustomFieldForm
from akeneo_assets.store.records import Attempt, Blocked
from akeneo_assets.sync.inspect.explain import explain
from akeneo_assets.sync.inspect.open_now import fields_not_stored
from akeneo_assets.sync.inspect.record_page import record_page
from akeneo_assets_tests.scenarios.polling import Clock, poll
from akeneo_assets_tests.scenarios.test_verify import edit, read_back
from akeneo_assets_tests.scenarios.world import World, full_load, is_as_a_full_load
from akeneo_assets_tests.shell import Shell


def probe(world: World) -> None:
    """Do what ``akeneo-assets probe --write`` does."""
    list(IpaasProbe(world.engine()).run(write=True))
    world.written()


def open_fields(world: World) -> dict[str, int]:
    """Return how many fields are not stored, by object, as the checks count them."""
    store = world.engine().store
    found = {name: total_of(fields_not_stored(store, name)) for name in OBJECTS}
    return {name: total.fields for name, total in found.items() if total is not None}


def synced_content(world: World) -> JsonObject:
    """Return the content of iPaaS.com without the records of probes."""
    content = world.content()
    return {**content, "products": [each for each in content["products"] if not each["sku"].startswith(PREFIX)]}


def is_at_rest(world: World, clock: Clock) -> bool:
    """Whether the repair of what differs and a poll write nothing more."""
    world.written()
    clock.pass_time(120.0)
    assert read_back(world.engine(), repair=True).differ == []
    assert poll(world.engine()).found_nothing
    return world.written() == []


@pytest.mark.parametrize("probed", ["before the load", "during the load"])
def test_related_products_are_sent_when_they_are_stored(
    fresh: World, small_content: JsonObject, clock: Clock, probed: str
) -> None:
    fresh.ipaas.switches.keeps_related_products = False
    engine = fresh.engine()
    probe(fresh)
    loaded = full_load(fresh.engine() if probed == "before the load" else engine)
    assert loaded.problems == {}
    left_out = {each for result in loaded.delivered.values() for each in result.warnings}
    assert any("related products" in each for each in left_out) == (probed == "before the load")

    assert open_fields(fresh) == {"related_products": 1}
    assert is_at_rest(fresh, clock)

    fresh.ipaas.switches.keeps_related_products = True
    engine = fresh.engine()
    probe(fresh)
    assert poll(engine).found_nothing, "a run that began before does not know"
    poll(fresh.engine())
    assert synced_content(fresh) == small_content
    assert open_fields(fresh) == {}
    assert len(fresh.written()) == 1
    assert is_at_rest(fresh, clock)


def relate(world: World, clock: Clock, *skus: str) -> None:
    """Relate a simple product, a model and a variant to products, and sync that."""
    links = {"accessories": {"products": [world.uuid(sku) for sku in skus], "product_models": [], "groups": []}}
    world.written()
    world.edit.save_model("fjord-sofa", {"associations": links})
    for sku in ("mug-white", "linen-shirt-white-s"):
        world.edit.save_product(sku, {"associations": links})
    clock.pass_time(120.0)
    assert poll(world.engine()).loaded.problems == {}


def test_related_products_that_change_are_not_sent_in_vain(synced: World, clock: Clock) -> None:
    synced.ipaas.switches.keeps_related_products = False
    probe(synced)
    assert open_fields(synced) == {"related_products": 1}

    relate(synced, clock, "straw-hat", "tea-towel-white")
    assert synced.written() == []
    assert is_at_rest(synced, clock)
    # The variants of the model have its related products, too.
    assert open_fields(synced) == {"related_products": 1 + 5}
    synced.edit.save_product("tea-towel-white", {"enabled": False})
    clock.pass_time(120.0)
    poll(synced.engine())
    assert [entry.external_id for entry in synced.written()] == [synced.uuid("tea-towel-white")]
    relate(synced, clock)
    assert synced.written() == []
    assert open_fields(synced) == {"related_products": 1}
    relate(synced, clock, "straw-hat")
    assert synced.written() == []
    assert is_at_rest(synced, clock)

    synced.ipaas.switches.keeps_related_products = True
    probe(synced)
    poll(synced.engine())
    assert is_as_a_full_load(synced)
    assert open_fields(synced) == {}
    # A model is sent with its variants.
    assert len(synced.written()) == 4
    assert is_at_rest(synced, clock)


def test_a_blocked_record_does_not_keep_polls_busy(synced: World, clock: Clock) -> None:
    synced.ipaas.switches.keeps_related_products = False
    probe(synced)
    store = synced.engine().store
    attempt = Attempt("family:tableware", "run", store.mirror.moment())
    store.ledger.block([Blocked("product", synced.uuid("dinner-plate-white"), "x", "Fix it.", attempt)])
    synced.ipaas.switches.keeps_related_products = True
    probe(synced)
    clock.pass_time(120.0)

    assert poll(synced.engine()).found_nothing


def test_what_is_not_stored_is_explained(synced: World, shell: Shell) -> None:
    synced.ipaas.switches.keeps_related_products = False
    probe(synced)
    shell.set(synced.environment())

    explained = shell.call("explain", "product", "dinner-plate-white")

    assert explained.code == 0
    assert "Not stored iPaaS.com does not store related products, as the last probe found out." in explained.text
    assert shell.call("explain", "product", "mug-white", "--json").document["not_stored"] == {}
    page = record_page(explain(synced.engine(), "product", "dinner-plate-white"))
    assert "**Not stored** iPaaS.com does not store related products" in page
    assert "related_products of 1 records" in shell.call("status").text


EMPTIED: Final = {
    "mug-white": "ean",
    "linen-shirt-white-s": "ean",
    "linen-shirt": "brand",
    "linen-shirt-white-m": "brand",
}
"""SKU → the custom field that loses its value; that of a model is also one of its variants."""


def empty(world: World, clock: Clock) -> None:
    """Empty an attribute of a simple product, of a variant and of a model."""
    world.edit.save_model("linen-shirt", {"values": {"brand": [{"data": None}]}})
    for sku in ("mug-white", "linen-shirt-white-s"):
        world.edit.save_product(sku, {"values": {"ean": [{"data": None}]}})
    clock.pass_time(120.0)
    assert poll(world.engine()).loaded.problems == {}


def left(world: World) -> set[str]:
    """Return the SKUs of the records that still have a value in the custom field."""
    records = {each["sku"]: each for product in world.ipaas.products() for each in (product, *product["variants"])}
    return {
        sku
        for sku, name in EMPTIED.items()
        if name in (each["custom_field_name"] for each in records[sku]["custom_fields"])
    }


@pytest.mark.parametrize("forms", [("left out", "empty list"), ("null",), ("text",)], ids="-".join)
def test_custom_fields_are_emptied_by_what_empties_them(
    synced: World, clock: Clock, forms: tuple[CustomFieldForm, ...]
) -> None:
    synced.ipaas.put_merges, synced.ipaas.switches.custom_fields_emptied_by = True, frozenset(forms)
    probe(synced)
    assert left(synced) == EMPTIED.keys()

    empty(synced, clock)

    assert left(synced) == set()
    assert open_fields(synced) == {}
    assert is_at_rest(synced, clock)


def test_custom_fields_that_nothing_empties_are_emptied_when_something_does(synced: World, clock: Clock) -> None:
    synced.ipaas.put_merges, synced.ipaas.switches.keeps_related_products = True, False
    probe(synced)
    empty(synced, clock)
    # Each variant has the brand of its model.
    kept = {"products": 1, "product_models": 1, "variants": 1 + 3}
    assert open_fields(synced) == {**kept, "related_products": 1}
    assert is_at_rest(synced, clock)
    (row,) = field_rows(synced.engine(), "products", "family:tableware")
    assert (row["SKU"], row["code"]) == ("mug-white", "not_stored")
    assert row["what to do"].startswith("custom_fields.ean should be empty, but iPaaS.com does not empty it")
    still = {each["custom_field_name"]: each["value"] for each in synced.product("mug-white")["custom_fields"]}
    assert explain(synced.engine(), "product", "mug-white").not_stored == {"custom_fields.ean": still["ean"]}
    # Other edits do not hide it, whether they are sent or not.
    relate(synced, clock, "straw-hat")
    assert open_fields(synced) == {**kept, "related_products": 6}
    synced.edit.save_product("mug-white", {"enabled": False})
    synced.edit.save_product("linen-shirt-white-s", {"enabled": False})
    clock.pass_time(120.0)
    assert poll(synced.engine()).loaded.problems == {}
    assert open_fields(synced) == {**kept, "related_products": 6}
    assert left(synced) == EMPTIED.keys()
    assert is_at_rest(synced, clock)

    synced.ipaas.switches.custom_fields_emptied_by = frozenset({"null"})
    probe(synced)
    poll(synced.engine())

    assert left(synced) == set()
    assert open_fields(synced) == {"related_products": 6}
    assert len(synced.written()) == 2
    assert is_at_rest(synced, clock)


@pytest.mark.parametrize(
    ("switches", "kept"),
    [
        ({}, set()),
        ({"nulls_accepted": False}, {"weight"}),
        ({"emptied_by": frozenset({"text"})}, {"weight"}),
        ({"emptied_by": frozenset()}, {"weight", "barcode"}),
    ],
    ids=["by a null", "nulls are refused", "by an empty text", "by nothing"],
)
def test_fields_are_emptied_by_what_empties_them(
    synced: World, tmp_path: Path, switches: dict[str, Any], kept: set[str]
) -> None:
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text("product: {barcode: ean, weight: {field: weight, unit: KILOGRAM}}", encoding="utf-8")
    synced.variables["AKENEO_ASSETS_MAPPING"] = str(mapping)
    synced.engine().sync_records("product", ["mug-white"])
    assert has(synced, "barcode", "weight") == {"barcode", "weight"}
    synced.ipaas.put_merges = True
    for name, value in switches.items():
        setattr(synced.ipaas.switches, name, value)
    probe(synced)

    synced.edit.save_product("mug-white", {"values": {name: [{"data": None}] for name in ("ean", "weight")}})
    synced.engine().sync_records("product", ["mug-white"])

    assert has(synced, "barcode", "weight") == kept
    assert open_fields(synced) == ({"products": len(kept)} if kept else {})
    synced.written()
    synced.engine().sync_records("product", ["mug-white"])
    assert synced.written() == []

    # Somebody empties them by hand.
    synced.ipaas.put_merges = False
    edit(synced, "mug-white", lambda body: [body.pop(name, None) for name in ("barcode", "weight")])
    synced.ipaas.put_merges = True
    synced.engine().sync_records("product", ["mug-white"], force=True)
    assert open_fields(synced) == {}


def has(world: World, *names: str) -> set[str]:
    """Return which of these fields have a value."""
    mug = world.product("mug-white")
    return {name for name in names if mug.get(name) not in (None, "")}
