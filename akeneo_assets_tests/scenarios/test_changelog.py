"""The changelog shows for each record what was sent or failed, why, and by which rule, and contains no secrets."""

from __future__ import annotations

import orjson

from akeneo_assets.http.redaction import register_secret
from akeneo_assets.sandbox.catalogue.records import value
from akeneo_assets.store.records import ChangelogEntry
from akeneo_assets.sync.inspect.explain import explain
from akeneo_assets_tests.scenarios.polling import Clock
from akeneo_assets_tests.scenarios.world import World, full_load, load_records


def history(world: World, kind: str, key: str) -> list[ChangelogEntry]:
    return world.engine().store.changelog.of_record([kind], key, 100)


def test_each_send_and_failure_of_a_record_is_logged(loaded_world: World) -> None:
    *_, created = history(loaded_world, "product", loaded_world.uuid("straw-hat"))
    assert (created.status, created.action, created.reason, created.attempts) == ("sent", "create", "new", 1)
    assert created.changes is None
    assert created.exchange is not None
    assert orjson.loads(created.exchange["request"])["sku"] == "straw-hat"
    assert orjson.loads(created.exchange["response"])["id"] == created.ipaas_id
    assert created.seconds_since_edit is not None

    *_, variant = history(loaded_world, "variant", loaded_world.uuid("linen-shirt-white-s"))
    *_, model = history(loaded_world, "product_model", "linen-shirt")
    assert variant.moment == model.moment
    assert variant.exchange == model.exchange, "it was sent with its product model"


def test_an_edit_is_logged_with_its_rule_and_an_unchanged_record_is_not(synced: World, clock: Clock) -> None:
    register_secret("new-registered-secret")
    key = synced.uuid("straw-hat")
    before = len(history(synced, "product", key))
    count = synced.engine().store.sync_log.changelog().shape[0]
    full_load(synced.engine())
    assert synced.engine().store.sync_log.changelog().shape[0] == count, "nothing changed"

    clock.pass_time(60.0)
    synced.edit.save_product("straw-hat", {"values": {"name": [value("new-registered-secret", locale="de_DE")]}})
    clock.pass_time(30.0)
    load_records(synced.engine(), "product", key)

    edited, *earlier = history(synced, "product", key)
    assert len(earlier) == before
    assert (edited.status, edited.action, edited.reason) == ("sent", "update", "value changed")
    assert edited.changes is not None
    assert edited.changes["name"]["rule"] == "property $label"
    assert edited.changes["name"]["to"] == "***"
    assert "new-registered-secret" not in str(edited)
    *_, created = explain(synced.engine(), "product", "straw-hat").history
    assert created.changes is not None
    assert created.changes["name"] == {"from": None, "to": edited.changes["name"]["from"]}, "later changes are undone"
