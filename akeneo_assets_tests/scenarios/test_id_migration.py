"""AKENEO_PRODUCT_ID_FORMAT is changed for a deployment in use."""

from __future__ import annotations

import uuid
from contextlib import closing
from typing import Any

import pytest

from akeneo_assets.errors import ConfigurationError
from akeneo_assets.sandbox.catalogue.records import value
from akeneo_assets.settings import ProductIdFormat, Settings
from akeneo_assets.sync.connect import connect
from akeneo_assets.sync.engine import Engine
from akeneo_assets.sync.id_migration import IdMigrator, MigratedIds
from akeneo_assets_tests.scenarios.polling import Calls, Clock, Killed, poll
from akeneo_assets_tests.scenarios.world import World, content_of_a_full_load, full_load

FORMER: dict[ProductIdFormat, ProductIdFormat] = {"UUID": "Identifier", "Identifier": "UUID"}


def migrating(world: World, to: ProductIdFormat) -> Engine:
    values = {name.lower(): content for name, content in world.environment().items()}
    settings = Settings.from_environment(_env_file=None, **values | {"akeneo_product_id_format": to})
    return connect(settings, run_id=uuid.uuid4().hex, any_id_format=True)


def migrate(world: World, to: ProductIdFormat) -> MigratedIds:
    with closing(migrating(world, to)) as engine:
        engine.log_in()
        engine.store.id_migration.begin(to)
        return IdMigrator(engine).migrate()


def use(world: World, id_format: ProductIdFormat) -> None:
    world.variables["AKENEO_PRODUCT_ID_FORMAT"] = id_format


def arrange(world: World) -> str:
    """Associate products and models in every way, with one product that has no identifier; return its uuid."""
    unnamed = str(world.edit.save_product("unnamed", {"family": "tableware"})["uuid"])
    world.edit.save_product(unnamed, {"values": {"sku": [value(None)]}})
    links: Any = {
        "accessories": {"products": [unnamed, world.uuid("mug-white")], "product_models": ["fjord-sofa"], "groups": []}
    }
    world.edit.save_product("straw-hat", {"associations": links})
    of_model = {"accessories": {"products": [world.uuid("straw-hat")], "product_models": [], "groups": []}}
    world.edit.save_model("linen-shirt", {"associations": of_model})
    return unnamed


def external_ids(world: World) -> dict[str, str]:
    """Return the external id of each product and variant by its SKU, product models apart."""
    records = [*world.ipaas.products(), *world.ipaas.variants()]
    return {
        record["sku"]: str(record["external_ids"][0]["external_id"])
        for record in records
        if record["sku"] not in {"linen-shirt", "fjord-sofa"}
    }


@pytest.mark.parametrize("to", ["UUID", pytest.param("Identifier", marks=pytest.mark.exhaustive)])
def test_after_a_migration_nothing_is_due_and_all_records_have_the_new_ids(
    small_world: World, to: ProductIdFormat
) -> None:
    unnamed = arrange(small_world)
    use(small_world, FORMER[to])
    full_load(small_world.engine())
    content = small_world.content()

    for target in (to, FORMER[to]):
        use(small_world, target)
        with pytest.raises(ConfigurationError, match=f"akeneo-assets migrate-ids --to {target}"):
            small_world.engine()
        result = migrate(small_world, target)
        assert result.refused == {}
        assert result.linked >= len(external_ids(small_world)) - 1
        assert result.without_identifier == ([unnamed] if target == "Identifier" else [])
        small_world.written()
        loaded = full_load(small_world.engine())

        written = [(entry.action, entry.external_id) for entry in small_world.written()]
        # Akeneo does not list a product without an identifier by identifier, so it can be new by uuid.
        is_first = target == "UUID" and to == "UUID" and small_world.content() != content
        assert written == [] or (is_first and written[0] == ("product.create", unnamed))
        assert loaded.problems == {}
        skus = external_ids(small_world)
        expected = {sku: sku if target == "Identifier" else small_world.uuid(sku) for sku in skus if sku != unnamed}
        assert {sku: key for sku, key in skus.items() if sku != unnamed} == expected
        assert skus.get(unnamed, unnamed) == unnamed
        content = small_world.content()
        assert target != "UUID" or content == content_of_a_full_load(small_world)


def test_a_migration_continues_where_it_was_killed(synced: World, clock: Clock) -> None:
    # Only the migration may use the state at this time.
    killed = 0
    for at in range(1, 60, 2):
        engine = migrating(synced, "Identifier")
        engine.log_in()
        engine.store.id_migration.begin("Identifier")
        with Calls().watching(engine) as calls:
            calls.kill(at)
            try:
                IdMigrator(engine).migrate()
            except Killed:
                killed += 1
            else:
                break
        engine.close()
        for id_format in FORMER:
            use(synced, id_format)
            with pytest.raises(ConfigurationError, match="not finished"):
                synced.engine()

    assert killed > 8
    use(synced, "Identifier")
    synced.written()
    assert full_load(synced.engine()).problems == {}
    assert synced.written() == []
    assert all(sku == key for sku, key in external_ids(synced).items())
    clock.pass_time(600.0)
    synced.edit.save_product("straw-hat", {"values": {"name": [value("Hut", locale="de_DE")]}})
    poll(synced.engine())
    assert synced.product("straw-hat")["name"] == "Hut"


def test_a_new_database_takes_over_records_linked_by_the_other_ids(small_world: World) -> None:
    full_load(small_world.engine())
    skus = small_world.skus()
    small_world.forget()
    use(small_world, "Identifier")
    assert full_load(small_world.engine()).problems == {}
    assert small_world.skus() == skus
    assert all(sku == key for sku, key in external_ids(small_world).items())


@pytest.mark.exhaustive
def test_a_new_database_can_be_migrated_before_its_first_load(small_world: World) -> None:
    full_load(small_world.engine())
    skus = small_world.skus()
    small_world.forget()
    use(small_world, "Identifier")

    result = migrate(small_world, "Identifier")

    assert result.found == result.linked > 5
    assert full_load(small_world.engine()).problems == {}
    assert small_world.skus() == skus
    assert all(sku == key for sku, key in external_ids(small_world).items())
    assert small_world.engine().store.work.waiting() == {}


def test_a_preview_counts_and_changes_nothing(synced: World) -> None:
    with closing(migrating(synced, "Identifier")) as engine:
        preview = IdMigrator(engine).preview()
    assert synced.written() == synced.written() == []
    use(synced, "UUID")
    assert poll(synced.engine()).found_nothing
    done = migrate(synced, "Identifier")
    assert (preview.products, preview.renamed, preview.linked) == (done.products, done.renamed, done.linked)
