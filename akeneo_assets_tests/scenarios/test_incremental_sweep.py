"""The sweep finds what no date shows: records that were deleted in Akeneo, and records missing from its index."""

from __future__ import annotations

import pytest

from akeneo_assets.errors import ConfigurationError
from akeneo_assets_tests.scenarios.polling import Clock, poll
from akeneo_assets_tests.scenarios.world import World, full_load

_SHARE = 0.1


def test_a_deleted_product_is_reported_marked_and_kept(synced: World) -> None:
    hat = synced.uuid("straw-hat")
    synced.edit.delete_product("straw-hat")
    assert poll(synced.engine()).found_nothing
    result = synced.engine().sweep("product", largest_share=_SHARE)
    assert [(each.key, each.code) for each in result.problems] == [(hat, "gone")]
    assert synced.engine().store.mirror.existing("product", [hat]) == set()
    assert synced.product("straw-hat")["status"] == "Active"
    assert synced.engine().sweep("product", largest_share=_SHARE).problems == []
    assert poll(synced.engine()).found_nothing
    assert synced.written() == []


@pytest.mark.parametrize("name", ["straw-hat", "fjord-sofa-sky"])
def test_deleted_products_are_disabled_if_set_and_active_again_when_they_return(synced: World, name: str) -> None:
    def status() -> str:
        record = synced.product(name) if name == "straw-hat" else synced.variant(name)
        return str(record["status"])

    document = synced.sandbox.akeneo.database.get("product", synced.uuid(name))
    assert document is not None
    synced.edit.delete_product(name)
    engine = synced.engine()
    engine.sweep("product", largest_share=_SHARE)
    engine.disable_gone()
    assert status() == "Disabled"
    synced.written()
    again = synced.engine()
    again.disable_gone()
    poll(again)
    if name == "fjord-sofa-sky":
        # The options of a product model follow its variants.
        assert [(entry.action, entry.external_id) for entry in synced.written()] == [("product.replace", "fjord-sofa")]
    assert status() == "Disabled"
    assert poll(synced.engine()).found_nothing
    assert full_load(synced.engine()).delivered_count("failed", "blocked") == 0
    assert synced.written() == []

    patch = {field: document[field] for field in ("family", "parent", "values", "categories", "associations")}
    synced.edit.save_product(str(document["uuid"]), patch)
    poll(synced.engine())
    assert status() == "Active"
    assert poll(synced.engine()).found_nothing


def test_a_record_that_was_hidden_by_permissions_comes_back(synced: World) -> None:
    hat = synced.uuid("straw-hat")
    database = synced.sandbox.akeneo.database
    document = database.get("product", hat)
    assert document is not None
    synced.edit.delete_product("straw-hat")
    engine = synced.engine()
    engine.sweep("product", largest_share=_SHARE)
    engine.disable_gone()
    database.put("product", document)
    synced.sandbox.akeneo.index.rebuild()
    assert synced.engine().sweep("product", largest_share=_SHARE).counts["created"] == 1
    poll(synced.engine())
    assert synced.product("straw-hat")["status"] == "Active"


def test_a_product_that_was_missing_from_the_index_is_found(synced: World, clock: Clock) -> None:
    akeneo = synced.sandbox.akeneo
    akeneo.switches.index_lag_seconds = 1e9
    synced.edit.save_product("mug-new", {"family": "tableware"})
    clock.pass_time(4000.0)
    poll(synced.engine())
    akeneo.reindex()
    assert poll(synced.engine()).found_nothing
    assert synced.engine().sweep("product", largest_share=_SHARE).counts["created"] == 1
    poll(synced.engine())
    assert "mug-new" in synced.skus()


def test_the_sweep_stops_if_too_many_records_are_missing_at_once(synced: World) -> None:
    gone = ("straw-hat", "mug-white", "tea-towel-white")
    keys = {synced.uuid(name) for name in gone}
    for name in gone:
        synced.edit.delete_product(name)
    with pytest.raises(ConfigurationError, match=r"3 of .* permissions"):
        synced.engine().sweep("product", largest_share=_SHARE)
    assert synced.engine().store.mirror.existing("product", keys) == keys
    result = synced.engine().sweep("product", largest_share=0.5)
    assert {each.key for each in result.problems} == keys


def test_a_deleted_model_is_disabled_with_its_variants_and_a_deleted_category_is_not(synced: World) -> None:
    synced.edit.delete_model("fjord-sofa")
    synced.edit.delete_category("mugs")
    engine = synced.engine()
    for kind in ("category", "product_model", "product"):
        engine.sweep(kind, largest_share=0.5)
    disabled = engine.disable_gone()
    assert set(disabled) == {"product_models", "variants"}
    assert synced.product("fjord-sofa")["status"] == "Disabled"
    assert poll(synced.engine()).found_nothing
