"""What a poll costs: as many requests as there is to know and as many writes as there is to change."""

from __future__ import annotations

import math
from collections import Counter

import pytest

from akeneo_assets.sandbox.catalogue.records import value
from akeneo_assets_tests.scenarios.polling import Clock, poll, remap
from akeneo_assets_tests.scenarios.world import World, content_of_a_full_load

pytestmark = pytest.mark.exhaustive

_KINDS = 3
_DESTINATIONS = ("category", "product_model", "product", "variant")


def _requests(world: World) -> Counter[str]:
    counters = world.sandbox.akeneo_counters
    return Counter({name: counters.requests(name) for name in _LISTS})


_LISTS = ("categories.list", "product-models.list", "products-uuid.list")


def test_a_poll_that_finds_nothing_costs_one_request_a_kind_and_starts_nothing(synced: World) -> None:
    synced.engine().log_in()
    before = synced.sandbox.akeneo_counters.total
    ipaas_before = synced.sandbox.ipaas_counters.total
    for _ in range(3):
        assert poll(synced.engine()).found_nothing
    assert synced.sandbox.akeneo_counters.total - before == 3 * _KINDS
    assert synced.sandbox.ipaas_counters.total == ipaas_before


def test_changed_records_cost_a_read_a_hundred_and_a_write_each(synced: World) -> None:
    changed = 230
    for number in range(changed):
        synced.edit.save_product(f"mug-{number}", {"family": "tableware"})
    synced.engine().log_in()
    before = synced.sandbox.akeneo_counters.total
    poll(synced.engine())
    # The look, the product models, and the request that finds the end: a page that is not full need not be the last.
    a_few = _KINDS + 2
    assert synced.sandbox.akeneo_counters.total - before <= math.ceil(changed / 100) + a_few
    assert len(synced.written()) == changed

    synced.edit.save_product("mug-7", {"enabled": False})
    poll(synced.engine())
    assert [entry.external_id for entry in synced.written()] == [synced.uuid("mug-7")]


def test_polls_do_not_get_dearer_by_what_was_changed_long_ago(synced: World, clock: Clock) -> None:
    for number in range(230):
        synced.edit.save_product(f"mug-{number}", {"family": "tableware"})
    poll(synced.engine())
    clock.pass_time(700.0)
    assert poll(synced.engine()).found_nothing
    before = synced.sandbox.akeneo_counters.total
    assert poll(synced.engine()).found_nothing
    assert synced.sandbox.akeneo_counters.total - before == _KINDS


def test_a_renamed_option_makes_exactly_those_due_that_hold_it(synced: World) -> None:
    synced.edit.save_product("straw-hat", {"values": {"color": [value("sage")]}})
    poll(synced.engine())
    synced.edit.save_option("color", "sage", {"labels": {"de_DE": "Salbeigrün"}})
    engine = synced.engine()
    engine.read_structure()
    due = {kind: {key for keys in engine.store.work.changed_keys(kind) for key in keys} for kind in _DESTINATIONS}
    assert due == {
        "category": set(),
        # By its sub model; it carries the options.
        "product_model": {"linen-shirt"},
        "product": {synced.uuid("straw-hat")},
        "variant": {synced.uuid("linen-shirt-sage-s")},
    }


def test_a_renamed_option_costs_no_read_of_products_and_one_write_for_each_that_shows_it(synced: World) -> None:
    synced.edit.save_product("straw-hat", {"values": {"color": [value("sage")]}})
    poll(synced.engine())
    synced.written()
    before = _requests(synced)
    synced.edit.save_option("color", "sage", {"labels": {"de_DE": "Salbeigrün"}})
    remap(synced.engine())
    read = _requests(synced) - before
    # Once for their number when the structure is read, to be sure of the permissions, and once to look for changes.
    assert read["products-uuid.list"] == read["product-models.list"] == 2
    written = [(entry.action, entry.external_id) for entry in synced.written()]
    assert sorted(written) == sorted(
        [("product.replace", "linen-shirt"), ("product.replace", synced.uuid("straw-hat"))]
    )
    assert synced.content() == content_of_a_full_load(synced)
    assert remap(synced.engine()).found_nothing
    assert poll(synced.engine()).found_nothing
    assert synced.written() == []
