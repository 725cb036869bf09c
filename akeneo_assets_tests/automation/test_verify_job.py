"""The check ``agrees``: what it says when all is well, and how it names and repairs what differs."""

from __future__ import annotations

from typing import Any

import dagster as dg
import pytest

from akeneo_assets.sync.deliver.released_records import writable
from akeneo_assets.sync.inspect.proof import sample_size
from akeneo_assets_tests.runs import execute, failures
from akeneo_assets_tests.scenarios.polling import poll
from akeneo_assets_tests.scenarios.world import World

OP = "ipaas__in_sync_agrees"


def verify(instance: dg.DagsterInstance, **config: Any) -> dg.AssetCheckEvaluation:
    """Run the job, and return what the check says."""
    result = execute("verify", instance, config={OP: {"config": {"sample": 100, **config}}})
    assert failures(result) == []
    (evaluation,) = result.get_asset_check_evaluations()
    return evaluation


def test_a_field_changed_by_hand_is_named_and_only_that_record_is_repaired(
    world: World, instance: dg.DagsterInstance
) -> None:
    clean = verify(instance)
    assert (clean.passed, clean.metadata["differ"].value) == (True, 0)
    listed, read = clean.metadata["listed by Akeneo"].value, clean.metadata["read back"].value
    assert clean.description == f"{listed:,} of {listed:,} agree; {read} read back, 0 differ; no edit is waiting."
    ipaas = world.engine().ipaas
    body = writable(ipaas.get_product(str(world.product("mug-white")["id"])))
    ipaas.replace_product(str(body["id"]), {**body, "name": "By hand"})
    world.written()

    found = verify(instance, repair=True)

    assert (found.passed, found.severity) == (False, dg.AssetCheckSeverity.ERROR)
    table = found.metadata["drift"]
    assert isinstance(table, dg.TableMetadataValue)
    (row,) = [dict(each.data) for each in table.records]
    assert (row["SKU"], row["field"], row["found"]) == ("mug-white", "name", '"By hand"')
    assert world.written() == []
    poll(world.engine())
    assert [entry.external_id for entry in world.written()] == [world.uuid("mug-white")]
    assert verify(instance).passed


def test_a_record_that_is_missing_on_either_side_does_not_add_up(world: World, instance: dg.DagsterInstance) -> None:
    world.edit.save_product("new-mug", {"family": "tableware"})
    late = verify(instance, sample=0)
    assert (late.passed, late.severity) == (False, dg.AssetCheckSeverity.WARN)

    world.ipaas.deactivate(world.product("straw-hat")["id"])
    missing = verify(instance, sample=0)

    assert (missing.passed, missing.severity) == (False, dg.AssetCheckSeverity.ERROR)
    table = missing.metadata["external ids"]
    assert isinstance(table, dg.TableMetadataValue)
    sent = {str(each.data["table"]): (each.data["sent"], each.data["iPaaS.com"]) for each in table.records}
    assert sent["product category"][0] == sent["product category"][1]
    assert int(str(sent["product"][0])) == int(str(sent["product"][1])) + 1


def test_without_counts_the_mirror_is_compared(world: World, instance: dg.DagsterInstance) -> None:
    world.sandbox.akeneo.switches.ignored_parameters = frozenset({"with_count"})

    found = verify(instance, sample=0)

    assert found.passed
    assert "listed by Akeneo" not in found.metadata
    table = found.metadata["counts"]
    assert isinstance(table, dg.TableMetadataValue)
    assert {each.data["Akeneo"] for each in table.records} == {"unknown"}


@pytest.mark.parametrize(
    ("records", "largest", "size"), [(12_431, 100, 100), (12_431, 50, 50), (5_000, 100, 42), (200, 100, 5), (0, 0, 0)]
)
def test_the_requests_are_at_most_one_percent_of_a_full_load(records: int, largest: int, size: int) -> None:
    assert sample_size(records, largest) == size
