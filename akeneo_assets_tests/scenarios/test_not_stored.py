"""What iPaaS.com does not store is visible, is not sent in vain, and is sent when a later probe finds that it is."""

from __future__ import annotations

import pytest

from akeneo_assets.assets.ledger_checks import total_of
from akeneo_assets.documents import JsonObject
from akeneo_assets.objects import OBJECTS
from akeneo_assets.probe.ipaas.own_records import PREFIX
from akeneo_assets.probe.ipaas.probe import IpaasProbe
from akeneo_assets.store.records import Attempt, Blocked
from akeneo_assets.sync.inspect.explain import explain
from akeneo_assets.sync.inspect.open_now import fields_not_stored
from akeneo_assets.sync.inspect.record_page import record_page
from akeneo_assets_tests.scenarios.polling import Clock, poll
from akeneo_assets_tests.scenarios.test_verify import read_back
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
    """Whether polls and the repair of what differs write nothing more."""
    world.written()
    for _ in range(2):
        clock.pass_time(120.0)
        assert read_back(world.engine(), repair=True).differ == []
        assert poll(world.engine()).found_nothing
    return world.written() == []


@pytest.mark.parametrize("probed", ["before the load", "during the load", "after the load"])
def test_related_products_are_sent_when_they_are_stored(
    fresh: World, small_content: JsonObject, clock: Clock, probed: str
) -> None:
    fresh.ipaas.switches.keeps_related_products = False
    engine = fresh.engine()
    if probed != "after the load":
        probe(fresh)
    loaded = full_load(fresh.engine() if probed == "before the load" else engine)
    assert loaded.problems == {}
    left_out = {each for result in loaded.delivered.values() for each in result.warnings}
    assert any("related products" in each for each in left_out) == (probed == "before the load")
    if probed == "after the load":
        assert open_fields(fresh) == {}
        probe(fresh)

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
    assert world.written() == []


def test_related_products_that_change_are_not_sent_in_vain(synced: World, clock: Clock) -> None:
    synced.ipaas.switches.keeps_related_products = False
    probe(synced)
    assert open_fields(synced) == {"related_products": 1}

    relate(synced, clock, "straw-hat", "tea-towel-white")
    assert is_at_rest(synced, clock)
    # The variants of the model have its related products, too.
    assert open_fields(synced) == {"related_products": 1 + 5}
    synced.edit.save_product("tea-towel-white", {"enabled": False})
    clock.pass_time(120.0)
    poll(synced.engine())
    assert [entry.external_id for entry in synced.written()] == [synced.uuid("tea-towel-white")]
    relate(synced, clock)
    assert open_fields(synced) == {"related_products": 1}
    relate(synced, clock, "straw-hat")
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
    assert "Not stored related_products: iPaaS.com accepts this and does not store it" in explained.text
    assert shell.call("explain", "product", "mug-white", "--json").document["not_stored"] == []
    page = record_page(explain(synced.engine(), "product", "dinner-plate-white"))
    assert "**Not stored** related\\_products" in page
    assert "related_products of 1 records" in shell.call("status").text
