"""A record that Akeneo lists but cannot deliver never blocks the others, and is read as soon as possible."""

from __future__ import annotations

from akeneo_assets_tests.scenarios.polling import Clock, poll
from akeneo_assets_tests.scenarios.world import World, content_of_a_full_load, full_load, load_records

HALF_AN_HOUR = 1800.0


def failures(world: World) -> list[tuple[str, str, str]]:
    """The failed records in the state: kind, key and code."""
    frame = world.engine().store.reports.failures()
    return sorted(zip(frame["kind"], frame["key"], frame["code"], strict=True))


def test_a_full_load_skips_damaged_records_and_sends_them_once_they_are_readable(fresh: World, clock: Clock) -> None:
    mug, sofa, hats = fresh.uuid("mug-white"), "fjord-sofa", "hats"
    shirt = fresh.uuid("linen-shirt-white-s")
    faults = fresh.sandbox.akeneo_faults
    faults.damage(mug)
    faults.damage(shirt, how="bytes", deep=True)
    faults.damage(sofa, how="surrogate")
    faults.damage(hats, how="bytes")
    full_load(fresh.engine())
    assert failures(fresh) == sorted(
        [
            ("category", hats, "unreadable"),
            ("product", mug, "unreadable"),
            ("product_model", sofa, "unreadable"),
            ("variant", shirt, "unreadable"),
            # They cannot be sent without their model or parent.
            *(("variant", fresh.uuid(sku), "missing_parent") for sku in ("fjord-sofa-sand", "fjord-sofa-sky")),
        ]
    )
    there = fresh.skus()
    assert {"tea-towel-white", "dinner-plate-white", "linen-shirt-white-m", "straw-hat"} <= set(there)
    assert not {"mug-white", "linen-shirt-white-s"} & set(there)

    fresh.sandbox.akeneo_faults.clear()
    assert not poll(fresh.engine()).loaded.delivered, "they are not due yet"
    clock.pass_time(HALF_AN_HOUR)
    poll(fresh.engine())
    assert failures(fresh) == []
    assert fresh.content() == content_of_a_full_load(fresh)
    fresh.written()
    assert poll(fresh.engine()).found_nothing


def test_a_poll_skips_damaged_records(synced: World, clock: Clock) -> None:
    damages = {
        "mug-white": "server_error",
        "tea-towel-white": "bytes",
        "dinner-plate-white": "surrogate",
        "canvas-tote-navy": "shape",
    }
    reported = sorted(("product", synced.uuid(sku), "unreadable") for sku in damages)
    synced.written()
    for sku, how in damages.items():
        synced.edit.save_product(sku, {"enabled": False})
        synced.sandbox.akeneo_faults.damage(synced.uuid(sku), how=how)
    synced.edit.save_product("straw-hat", {"enabled": False})
    poll(synced.engine())
    assert [entry.external_id for entry in synced.written()] == [synced.uuid("straw-hat")]
    assert failures(synced) == reported
    # The window counts as read: nothing is requested until the next retry.
    assert poll(synced.engine()).found_nothing

    clock.pass_time(HALF_AN_HOUR)
    poll(synced.engine())
    assert failures(synced) == reported, "still damaged"
    synced.sandbox.akeneo_faults.clear()
    clock.pass_time(3 * HALF_AN_HOUR)
    poll(synced.engine())
    assert failures(synced) == []
    assert {synced.product(sku)["status"] for sku in damages} == {"Disabled"}
    assert poll(synced.engine()).found_nothing


def test_a_damaged_record_that_becomes_readable_unchanged_is_no_longer_reported(synced: World) -> None:
    synced.written()
    synced.sandbox.akeneo_faults.damage(synced.uuid("mug-white"))
    synced.edit.save_product("straw-hat", {"enabled": False})
    engine = synced.engine()
    engine.read_products("family:tableware")
    assert failures(synced) == [("product", synced.uuid("mug-white"), "unreadable")]
    engine.plan("products", "family:tableware")
    assert failures(synced) == [("product", synced.uuid("mug-white"), "unreadable")], "planning does not solve it"

    synced.sandbox.akeneo_faults.clear()
    engine.store.work.retry_now([synced.uuid("mug-white")])
    poll(synced.engine())
    assert failures(synced) == []
    assert [entry.external_id for entry in synced.written()] == [synced.uuid("straw-hat")]


def test_a_damaged_sub_model_that_is_deleted_is_forgotten(fresh: World, clock: Clock) -> None:
    fresh.sandbox.akeneo_faults.damage("linen-shirt-sage")
    full_load(fresh.engine())
    assert ("product_model", "linen-shirt-sage", "unreadable") in failures(fresh)
    assert {"linen-shirt-white-s", "linen-shirt-white-m"} <= set(fresh.skus())
    fresh.edit.delete_product("linen-shirt-sage-s")
    fresh.edit.delete_model("linen-shirt-sage")
    clock.pass_time(HALF_AN_HOUR)
    poll(fresh.engine())
    assert not [each for each in failures(fresh) if each[2] == "unreadable"]
    assert poll(fresh.engine()).found_nothing


def test_a_damaged_record_with_an_unknown_id_leaves_the_read_incomplete(fresh: World) -> None:
    mug = fresh.uuid("mug-white")
    fresh.sandbox.akeneo_faults.damage(mug, deep=True)
    engine = fresh.engine()
    engine.log_in()
    engine.read_structure()
    result = engine.read_products("family:tableware")
    assert [(each.key, each.code) for each in result.problems] == [("unknown id", "unreadable")]
    assert "does not count as complete" in result.problems[0].message
    assert result.counts["failed"] == 1
    keys = [head.key for page in engine.store.mirror.heads("product") for head in page]
    assert "dinner-plate-white" in engine.store.mirror.identifiers_of_keys(keys).values()
    assert engine.store.windows.latest("product", "family:tableware") is None

    fresh.sandbox.akeneo_faults.clear()
    assert engine.read_products("family:tableware").problems == []
    assert engine.store.windows.latest("product", "family:tableware") is not None


def test_an_outage_does_not_count_as_a_damaged_record(fresh: World) -> None:
    engine = fresh.engine()
    engine.log_in()
    engine.read_structure()
    # As many as exhaust the retries of a page, of its parts, and of its ids.
    fresh.sandbox.akeneo_faults.add("server_error", times=9, action="products-uuid.list")
    result = engine.read_products("family:tableware")
    assert result.problems == []
    assert engine.store.windows.latest("product", "family:tableware") is not None


def test_a_named_record_that_is_damaged_is_not_reported_as_missing(fresh: World) -> None:
    mug = fresh.uuid("mug-white")
    fresh.sandbox.akeneo_faults.damage(mug)
    outcome = load_records(fresh.engine(), "product", "straw-hat", mug)
    assert outcome.missing == []
    assert failures(fresh) == [("product", mug, "unreadable")]
    assert fresh.skus() == ["straw-hat"]
