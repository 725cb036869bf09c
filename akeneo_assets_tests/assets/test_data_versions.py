"""What Dagster shows as out of date: nothing after a load, and what differs after an edit."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence

import dagster as dg
import pytest
from dagster._core.definitions.data_version import CachingStaleStatusResolver, StaleStatus
from dagster._core.loader import LoadingContextForTest

from akeneo_assets.definitions import defs
from akeneo_assets_tests.runs import execute
from akeneo_assets_tests.scenarios.polling import Clock
from akeneo_assets_tests.scenarios.small_world import SmallWorld, loaded_state
from akeneo_assets_tests.scenarios.world import World
from akeneo_assets_tests.shell import Shell

FAMILIES = ("family:sets", "family:tableware")
TREE = "master"
HOUR = "changes:2026-01-02T03"
READ = ("akeneo/product_models", "akeneo/products")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A small catalogue with everything delivered, and the settings that point to it."""
    folder = tmp_path_factory.mktemp("versions") / "world"
    shutil.copytree(loaded_state(shows_all=False), folder)
    with pytest.MonkeyPatch.context() as patch, SmallWorld(folder, Clock(), shows_all=False) as world:
        Shell(folder, patch).set(world.environment())
        yield world


@pytest.fixture(scope="module")
def instance(world: World) -> Iterator[dg.DagsterInstance]:
    """An instance in which everything was loaded by the jobs; a test that makes something stale loads it again."""
    del world
    with dg.DagsterInstance.ephemeral() as opened:
        load(opened, "structure")
        load_all(opened)
        yield opened


def load_all(instance: dg.DagsterInstance) -> None:
    """Load two families and a tree, in an order in which each materialization is followed by one of its sources."""
    for family in FAMILIES:
        load(instance, "full_load", family)
    load(instance, "categories", TREE)


def load(instance: dg.DagsterInstance, job: str, key: str | None = None, assets: Sequence[str] = ()) -> None:
    assert execute(job, instance, partition_key=key, assets=assets).success


def out_of_date(instance: dg.DagsterInstance, *, hours: Sequence[str] = ()) -> set[str]:
    """Return the loaded assets and partitions that Dagster shows as missing or stale."""
    graph = defs.resolve_asset_graph()
    resolver = CachingStaleStatusResolver(instance, graph, LoadingContextForTest(instance))
    keys = {"catalog_batches": (*FAMILIES, *hours), "category_trees": (TREE,), None: (None,)}
    return {
        " ".join((asset.to_user_string(), *filter(None, [key])))
        for asset in graph.materializable_asset_keys
        for key in keys[getattr(graph.get(asset).partitions_def, "name", None)]
        if resolver.get_status(asset, key) != StaleStatus.FRESH
    }


def test_nothing_is_out_of_date_after_a_load_in_any_order(instance: dg.DagsterInstance) -> None:
    assert out_of_date(instance) == set()


def test_what_did_not_change_makes_nothing_stale(instance: dg.DagsterInstance) -> None:
    load(instance, "structure")
    load(instance, "categories", TREE, ["akeneo/categories"])
    load(instance, "full_load", FAMILIES[0], [*READ, "catalog/bundles"])

    assert out_of_date(instance) == set()


def test_an_edit_makes_only_the_plans_of_its_family_stale(world: World, instance: dg.DagsterInstance) -> None:
    world.edit.save_product(world.uuid("mug-white"), {"enabled": False})

    load(instance, "full_load", "family:tableware", READ)

    made_from_products = ("products", "product_models", "variants", "bundles", "related_products")
    assert out_of_date(instance) == {f"catalog/{name} family:tableware" for name in made_from_products}
    load(instance, "full_load", "family:tableware")
    assert out_of_date(instance) == set()


def test_a_run_of_changes_makes_no_family_stale(world: World, instance: dg.DagsterInstance) -> None:
    world.edit.save_product(world.uuid("mug-white"), {"enabled": True})
    instance.add_dynamic_partitions("catalog_batches", [HOUR])

    load(instance, "changes", HOUR)

    assert out_of_date(instance, hours=[HOUR]) == set()


def test_an_edited_option_makes_nothing_stale_because_the_ledger_knows_what_to_send(
    world: World, instance: dg.DagsterInstance
) -> None:
    world.edit.save_option("color", "white", {"labels": {"de_DE": "Schneeweiß"}})
    instance.add_dynamic_partitions("catalog_batches", [HOUR])

    load(instance, "structure")
    assert out_of_date(instance) == set()
    load(instance, "deliver_due", HOUR)

    assert "Schneeweiß" in str(world.ipaas.products())
    assert out_of_date(instance, hours=[HOUR]) == set()


def test_a_changed_channel_makes_everything_stale(world: World, instance: dg.DagsterInstance) -> None:
    world.edit.save("channel", "ecommerce", {}, {"locales": ["de_DE", "en_US"]})

    load(instance, "structure")

    assert {name.split("/")[0] for name in out_of_date(instance)} == {"akeneo", "catalog"}
    load_all(instance)
    assert out_of_date(instance) == set()
