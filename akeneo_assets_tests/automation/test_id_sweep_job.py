"""The jobs ``deliver_due`` and ``id_sweep``."""

from __future__ import annotations

import dagster as dg

from akeneo_assets.definitions import defs
from akeneo_assets.sandbox.catalogue.records import value
from akeneo_assets_tests.runs import execute, failures, materializations
from akeneo_assets_tests.scenarios.world import World


def observed(result: dg.ExecuteInProcessResult, name: str) -> dict[str, int]:
    """Return the counts that a run observed on ``akeneo/<name>``."""
    (metadata,) = [
        event.asset_observation_data.asset_observation.metadata
        for event in result.get_asset_observation_events()
        if event.asset_key == dg.AssetKey(["akeneo", name])
    ]
    return {key: int(str(metadata[key].value)) for key in ("read", "created", "blocked")}


def test_the_id_sweep_finds_deleted_records_and_does_not_disable_them(
    world: World, instance: dg.DagsterInstance
) -> None:
    gone = world.uuid("straw-hat")
    world.edit.delete("product", "straw-hat")

    result = execute("id_sweep", instance)

    assert result.success
    assert observed(result, "products")["blocked"] == 1
    assert observed(result, "categories")["blocked"] == 0
    assert world.product("straw-hat")["status"] != "Disabled", "nothing is deleted or disabled unless it is set"
    assert gone in {key for keys in world.engine().store.mirror.gone_keys("product") for key in keys}


def test_the_id_sweep_reads_records_that_the_mirror_lacks(world: World, instance: dg.DagsterInstance) -> None:
    world.edit.save_product(
        "enamel-mug",
        {"family": "tableware", "values": {"sku": [value("enamel-mug")], "name": [value("Becher", locale="de_DE")]}},
    )

    result = execute("id_sweep", instance)

    assert observed(result, "products")["created"] == 1


def test_the_id_sweep_disables_records_only_if_it_is_set(world: World, instance: dg.DagsterInstance) -> None:
    world.edit.delete("product", "straw-hat")

    assert execute("id_sweep", instance, config={"sweep_ids": {"config": {"disable": True}}}).success

    assert world.product("straw-hat")["status"] == "Disabled"


def test_the_id_sweep_stops_if_too_many_records_are_missing(world: World, instance: dg.DagsterInstance) -> None:
    config = {"sweep_ids": {"config": {"largest_share": 0.0}}}
    world.edit.delete("product", "straw-hat")

    result = execute("id_sweep", instance, config=config)

    assert not result.success
    assert any("check the permissions" in message and "No record was marked" in message for message in failures(result))


def test_the_job_deliver_due_reads_nothing(world: World, instance: dg.DagsterInstance) -> None:
    instance.add_dynamic_partitions("catalog_batches", ["family:clothing"])
    assert not any(
        key.path[0] == "akeneo" for key in defs.resolve_job_def("deliver_due").asset_layer.selected_asset_keys
    )

    result = execute("deliver_due", instance, partition_key="family:clothing")

    assert result.success
    assert set(world.sandbox.akeneo_counters.snapshot()["requests"]) == {"token"}
    assert materializations(result)["ipaas/product_models"]["updated"].value == 0
