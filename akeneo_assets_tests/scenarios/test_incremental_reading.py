"""No edit is lost, whatever Akeneo's index, its clock and other runs do at the same time."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from akeneo_assets.documents import JsonObject
from akeneo_assets.mapping.catalogue.read_options import COMPLETENESSES
from akeneo_assets.sandbox.catalogue.records import value
from akeneo_assets.sync import programme
from akeneo_assets_tests.batches import EnginePartitions
from akeneo_assets_tests.scenarios.polling import Calls, Clock, Killed, poll, remap
from akeneo_assets_tests.scenarios.small_world import SmallWorld
from akeneo_assets_tests.scenarios.world import Loaded, World, content_of_a_full_load, full_load

_LOCALE = "de_DE"


def _name(world: World, text: str) -> None:
    world.edit.save_product("straw-hat", {"values": {"name": [value(text, locale=_LOCALE)]}})


def _custom_fields(record: JsonObject) -> dict[str, Any]:
    return {field["custom_field_name"]: field["value"] for field in record["custom_fields"]}


def test_a_changed_model_updates_its_variants_although_akeneo_lists_only_the_model(synced: World, clock: Clock) -> None:
    akeneo = synced.sandbox.akeneo
    akeneo.switches.index_lag_seconds = 240.0
    synced.edit.save_model("linen-shirt-sage", {"values": {"tagline": [value("Beta", scope="ecommerce")]}})
    assert poll(synced.engine()).found_nothing
    akeneo.index.schedule("product_model", "linen-shirt-sage", clock())
    poll(synced.engine())
    assert _custom_fields(synced.variant("linen-shirt-sage-s"))["tagline"] == "Beta"
    assert [entry.external_id for entry in synced.written()] != []
    assert synced.content() == content_of_a_full_load(synced)
    clock.pass_time(241.0)
    poll(synced.engine())
    assert synced.written() == []


def test_an_edit_that_is_indexed_late_is_not_lost(synced: World, clock: Clock) -> None:
    synced.sandbox.akeneo.switches.index_lag_seconds = 240.0
    _name(synced, "Late")
    for _ in range(5):
        poll(synced.engine())
        clock.pass_time(59.0)
    poll(synced.engine())
    assert synced.product("straw-hat")["name"] == "Late"


@pytest.mark.parametrize("call", [1, 7, 13])
def test_an_edit_made_while_pages_are_read_is_not_lost(synced: World, call: int) -> None:
    def edit() -> None:
        _name(synced, "Now")
        synced.edit.save_product("linen-shirt-sage-s", {"enabled": False})

    synced.edit.save_product("mug-white", {"enabled": False})
    synced.edit.save_model("linen-shirt", {"values": {"name": [value("Alpha", locale=_LOCALE)]}})
    engine = synced.engine()
    calls = Calls()
    calls.act(call, edit)
    with calls.watching(engine, database=False):
        poll(engine)
    assert calls.count >= call
    poll(synced.engine())
    assert synced.content() == content_of_a_full_load(synced)


def _new_family(world: World) -> None:
    tableware = world.sandbox.akeneo.database.get("family", "tableware")
    assert tableware is not None
    world.edit.save("family", "crockery", tableware | {"code": "crockery"}, {})
    world.edit.save_product("gravy-boat", {"family": "crockery", "values": {"name": [value("Boat", locale=_LOCALE)]}})


def test_the_first_change_after_a_load_may_belong_to_a_new_family(synced: World) -> None:
    _new_family(synced)
    assert synced.skus().count("gravy-boat") == 0
    remap(synced.engine())
    assert synced.product("gravy-boat")["name"] == "Boat"
    assert poll(synced.engine()).found_nothing
    # Like any other family, it is read again if the mapping needs more data.
    assert "crockery" in synced.engine().store.windows.families_read_without(frozenset({COMPLETENESSES}))


@pytest.mark.parametrize("phase", ["structure", "products", "links"])
def test_a_family_created_during_the_load_does_not_make_it_incomplete(fresh: World, phase: str) -> None:
    engine = fresh.engine()
    for each in programme.full(EnginePartitions(engine), engine.store.plan.partitions):
        Loaded().run(engine, each)
        if each.title == phase:
            _new_family(fresh)
        if each.title == "products":
            engine.read_structure()
    poll(fresh.engine())
    poll(fresh.engine())
    assert fresh.product("gravy-boat")["name"] == "Boat"
    assert fresh.content() == content_of_a_full_load(fresh)


@pytest.mark.parametrize("read", ["products", "models"])
def test_an_older_read_does_not_overwrite_a_newer_one(synced: World, read: str) -> None:
    def edit(text: str) -> None:
        values = {"values": {"name": [value(text, locale=_LOCALE)]}}
        if read == "products":
            synced.edit.save_product("straw-hat", values)
        else:
            synced.edit.save_model("linen-shirt", values)

    def edit_and_poll() -> None:
        edit("Newer")
        poll(synced.engine())

    edit("Older")
    slow = synced.engine()
    slow.log_in()
    calls = Calls()
    calls.act(2, edit_and_poll)
    with calls.watching(slow, database=False):
        # The response has arrived, but is merged only after another run has read the later edit.
        if read == "products":
            slow.read_products("changes:2026-01-01T00")
        else:
            slow.read_product_models("changes:2026-01-01T00")
    code = "straw-hat" if read == "products" else "linen-shirt"
    kind, key = ("product", synced.uuid(code)) if read == "products" else ("product_model", code)
    (document,) = slow.store.mirror.documents(kind, [key]).values()
    assert {each["data"] for each in document["values"]["name"] if each["locale"] == _LOCALE} == {"Newer"}
    assert synced.product(code)["name"] == "Newer"
    synced.written()
    poll(synced.engine())
    assert synced.product(code)["name"] == "Newer"
    assert synced.written() == []


def test_removed_two_way_associations_disappear_on_both_sides(synced: World, clock: Clock) -> None:
    # A chain, of which two links are removed at once; the ends get no new date. One end is a model.
    def associate(name: str, *partners: str, models: tuple[str, ...] = ()) -> None:
        members = {"products": list(map(synced.uuid, partners)), "product_models": list(models), "groups": []}
        synced.edit.save_product(name, {"associations": {"substitution": members}})

    associate("mug-white", "straw-hat", models=("fjord-sofa",))
    associate("straw-hat", "mug-white", "tea-towel-white")
    poll(synced.engine())
    assert {each["related_sku"] for each in synced.product("fjord-sofa")["related_products"]} == {"mug-white"}
    # So long that no overlap of windows covers earlier changes.
    clock.pass_time(20_000.0)
    assert poll(synced.engine()).found_nothing

    associate("mug-white")
    associate("straw-hat")
    poll(synced.engine())

    for sku in ("mug-white", "straw-hat", "tea-towel-white", "fjord-sofa"):
        related = synced.product(sku)["related_products"]
        assert [each for each in related if each["related_type"] == "substitution"] == [], sku
    assert synced.content() == content_of_a_full_load(synced)
    assert poll(synced.engine()).found_nothing


def test_a_new_option_is_sent_with_its_label_although_the_structure_is_older(synced: World) -> None:
    synced.edit.save_option("color", "plum", {"labels": {_LOCALE: "Pflaume"}})
    synced.edit.save_product(
        "fjord-sofa-plum",
        {
            "family": "sofas",
            "parent": "fjord-sofa",
            "values": {"sku": [value("fjord-sofa-plum")], "color": [value("plum")]},
        },
    )

    poll(synced.engine())

    # iPaaS.com would not allow to change the value later.
    assert [each["value"] for each in synced.variant("fjord-sofa-plum")["options"]] == ["Pflaume"]


@pytest.mark.parametrize("behind", [-3600.0, 3600.0], ids=["ahead", "behind"])
def test_no_edit_is_lost_if_the_clock_of_the_server_is_wrong(synced: World, clock: Clock, behind: float) -> None:
    clock.pass_time(7200.0)
    synced.sandbox.akeneo.clock = lambda: clock() - behind
    for text in ("Alpha", "Beta", "Gamma"):
        _name(synced, text)
        # Each step is a new process, which has received no response yet.
        synced.engine().read_product_models("changes:2026-01-01T00")
        synced.engine().read_products("changes:2026-01-01T00")
        poll(synced.engine())
        assert synced.product("straw-hat")["name"] == text
        clock.pass_time(400.0)


@pytest.mark.parametrize(
    ("zone", "night"),
    [
        ("Europe/Berlin", datetime(2031, 10, 25, 23, 0, tzinfo=timezone.utc)),
        pytest.param(
            "America/New_York", datetime(2032, 3, 14, 4, 0, tzinfo=timezone.utc), marks=pytest.mark.exhaustive
        ),
    ],
    ids=["Berlin in autumn", "New York in spring"],
)
def test_no_edit_is_lost_in_the_night_when_the_clocks_change(
    synced: World, clock: Clock, zone: str, night: datetime
) -> None:
    synced.sandbox.akeneo.switches.time_zone = zone
    clock.set(night)
    _name(synced, "Evening")
    poll(synced.engine())
    for number in range(9):
        _name(synced, f"Edit {number}")
        poll(synced.engine())
        assert synced.product("straw-hat")["name"] == f"Edit {number}", datetime.fromtimestamp(clock(), timezone.utc)
        clock.pass_time(timedelta(minutes=30).total_seconds())


@pytest.mark.exhaustive
def test_no_edit_is_lost_in_winter_in_a_zone_that_equals_utc_in_summer(tmp_path: Path, clock: Clock) -> None:
    with SmallWorld(tmp_path, clock) as world:
        _load(world, "Atlantic/Azores")
        clock.set(datetime(2031, 7, 1, tzinfo=timezone.utc))
        first = min(world.sandbox.akeneo.database.keys("category"))
        world.edit.save_category(first, {"labels": {_LOCALE: "Summer"}})
        poll(world.engine())
        clock.set(datetime(2031, 12, 1, tzinfo=timezone.utc))
        for number in range(3):
            poll(world.engine())
            clock.pass_time(600.0)
            _name(world, f"Edit {number}")
            poll(world.engine())
            assert world.product("straw-hat")["name"] == f"Edit {number}"


def _load(world: World, zone: str) -> None:
    world.sandbox.akeneo.switches.time_zone = zone
    full_load(world.engine())


def test_a_new_category_tree_whose_read_was_killed_is_read_by_the_next_poll(synced: World) -> None:
    synced.edit.save_category("outlet", {"parent": None, "labels": {_LOCALE: "Outlet"}})
    synced.edit.save_category("hats", {"parent": "outlet"})
    engine = synced.engine()
    calls = Calls()
    calls.kill_when(lambda: bool(synced.engine().store.mirror.existing("category", ["outlet"])))
    with calls.watching(engine), pytest.raises(Killed):
        poll(engine)
    poll(synced.engine())
    assert synced.content() == content_of_a_full_load(synced)
    assert poll(synced.engine()).found_nothing


def test_a_category_outside_every_tree_is_noticed_once(synced: World) -> None:
    synced.edit.save_category("lost", {"parent": "nowhere", "labels": {_LOCALE: "Lost"}})
    poll(synced.engine())
    assert poll(synced.engine()).found_nothing


def test_a_look_back_after_a_long_pause_reads_the_whole_time(synced: World, clock: Clock) -> None:
    _name(synced, "Long ago")
    clock.pass_time(30 * 86_400.0)
    engine = synced.engine()
    engine.read_products("changes:2026-01-01T00", look_back=True)
    poll(synced.engine())
    assert synced.product("straw-hat")["name"] == "Long ago"


def test_emptied_values_and_removed_links_disappear_in_ipaas(synced: World) -> None:
    none: JsonObject = {"products": [], "product_models": [], "groups": []}
    mug = {**none, "products": [synced.uuid("mug-white")]}
    synced.edit.save_product("straw-hat", {"associations": {"accessories": mug}})
    poll(synced.engine())
    hat = synced.product("straw-hat")
    assert len(hat["related_products"]) == 1
    assert "season" in _custom_fields(hat)
    assert len(hat["categories"]) == 2
    assert len(synced.product("tableware-for-two")["kit"]["components"]) >= 2
    assert "tagline" in _custom_fields(synced.variant("linen-shirt-sage-s"))
    synced.edit.save_product(
        "straw-hat",
        {
            "values": {"season": [value(None)]},
            "categories": ["hats"],
            "associations": {"accessories": none},
        },
    )
    plate = {"uuid": synced.uuid("dinner-plate-white"), "quantity": 2}
    synced.edit.save_product(
        "tableware-for-two",
        {"quantified_associations": {"PRODUCTSET": {"products": [plate], "product_models": []}}},
    )
    synced.edit.save_model("linen-shirt-sage", {"values": {"tagline": [value(None, scope="ecommerce")]}})
    poll(synced.engine())
    hat = synced.product("straw-hat")
    assert "season" not in _custom_fields(hat)
    assert len(hat["categories"]) == 1
    assert not hat["related_products"]
    assert [each["quantity"] for each in synced.product("tableware-for-two")["kit"]["components"]] == [2]
    assert "tagline" not in _custom_fields(synced.variant("linen-shirt-sage-s"))
    assert synced.content() == content_of_a_full_load(synced)


def test_the_state_orders_merges_and_reads_by_their_moments(synced: World) -> None:
    """A long merge is later than every read that did not see it."""
    engine, other = synced.engine(), synced.engine()
    moments: list[float] = []
    calls = Calls()
    _name(synced, "Merged")
    calls.act(3, lambda: moments.append(other.store.mirror.moment()))
    with calls.watching(engine):
        engine.read_products("changes:2026-01-01T00")
    (state,) = engine.store.ledger.states("product", [synced.uuid("straw-hat")]).values()
    assert moments[0] < state.changed_at <= time.time()
