"""What a poll costs: only the requests that are needed to find changes, and only the writes that change something."""

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


def test_a_poll_without_changes_sends_one_request_per_kind_and_starts_nothing(synced: World) -> None:
    synced.engine().log_in()
    before = synced.sandbox.akeneo_counters.total
    ipaas_before = synced.sandbox.ipaas_counters.total
    for _ in range(3):
        assert poll(synced.engine()).found_nothing
    assert synced.sandbox.akeneo_counters.total - before == 3 * _KINDS
    assert synced.sandbox.ipaas_counters.total == ipaas_before


def test_changed_records_need_one_read_per_hundred_and_one_write_each(synced: World) -> None:
    changed = 230
    for number in range(changed):
        synced.edit.save_product(f"mug-{number}", {"family": "tableware"})
    synced.engine().log_in()
    before = synced.sandbox.akeneo_counters.total
    poll(synced.engine())
    # The poll, the product models, and the request that finds the end: a page that is not full may not be the last.
    a_few = _KINDS + 2
    assert synced.sandbox.akeneo_counters.total - before <= math.ceil(changed / 100) + a_few
    assert len(synced.written()) == changed

    synced.edit.save_product("mug-7", {"enabled": False})
    poll(synced.engine())
    assert [entry.external_id for entry in synced.written()] == [synced.uuid("mug-7")]


def test_old_changes_do_not_make_polls_more_expensive(synced: World, clock: Clock) -> None:
    for number in range(230):
        synced.edit.save_product(f"mug-{number}", {"family": "tableware"})
    poll(synced.engine())
    clock.pass_time(700.0)
    assert poll(synced.engine()).found_nothing
    before = synced.sandbox.akeneo_counters.total
    assert poll(synced.engine()).found_nothing
    assert synced.sandbox.akeneo_counters.total - before == _KINDS


def test_a_renamed_option_makes_exactly_the_records_due_that_use_it(synced: World) -> None:
    synced.edit.save_product("straw-hat", {"values": {"color": [value("sage")]}})
    poll(synced.engine())
    synced.edit.save_option("color", "sage", {"labels": {"de_DE": "Salbeigrün"}})
    engine = synced.engine()
    engine.read_structure()
    due = {kind: {key for keys in engine.store.work.changed_keys(kind) for key in keys} for kind in _DESTINATIONS}
    assert due == {
        "category": set(),
        # Through its sub model, which has the options.
        "product_model": {"linen-shirt"},
        "product": {synced.uuid("straw-hat")},
        "variant": {synced.uuid("linen-shirt-sage-s")},
    }


def test_a_renamed_option_reads_no_products_and_writes_once_each_record_that_shows_it(synced: World) -> None:
    synced.edit.save_product("straw-hat", {"values": {"color": [value("sage")]}})
    poll(synced.engine())
    synced.written()
    before = _requests(synced)
    synced.edit.save_option("color", "sage", {"labels": {"de_DE": "Salbeigrün"}})
    remap(synced.engine())
    read = _requests(synced) - before
    # Once for their number when the structure is read, to check the permissions, and once to poll for changes.
    assert read["products-uuid.list"] == read["product-models.list"] == 2
    written = [(entry.action, entry.external_id) for entry in synced.written()]
    assert sorted(written) == sorted(
        [("product.replace", "linen-shirt"), ("product.replace", synced.uuid("straw-hat"))]
    )
    assert synced.content() == content_of_a_full_load(synced)
    assert remap(synced.engine()).found_nothing
    assert poll(synced.engine()).found_nothing
    assert synced.written() == []
