"""Which runs a backfill from the UI starts, and in which order: Dagster's own backfill logic, without a daemon."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timezone
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.asset_graph_view.asset_graph_view import AssetGraphView
from dagster._core.definitions.temporal_context import TemporalContext
from dagster._core.events import DagsterEvent, StepMaterializationData
from dagster._core.execution.asset_backfill import AssetBackfillData, execute_asset_backfill_iteration_inner
from dagster._core.test_utils import in_process_test_workspace
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin

from akeneo_assets.sync.batches import batch_of
from akeneo_assets_tests.runs import instance as local_instance

FAMILIES = ("family:hats", "family:shoes")
TREES = ("master", "print")

# A warning of Dagster itself.
pytestmark = pytest.mark.filterwarnings("ignore:.* is deprecated and will be removed in 2.0:DeprecationWarning")

_ROUNDS = 8
"""More rounds than any backfill here takes."""

Run = tuple[str, frozenset[str]]


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    with local_instance(str(tmp_path)) as opened:
        opened.add_dynamic_partitions("category_trees", list(TREES))
        opened.add_dynamic_partitions("catalog_batches", list(FAMILIES))
        yield opened


def materialize(instance: dg.DagsterInstance, names: Iterable[str], partition: str) -> None:
    """Add a successful run of the backfill to the history."""
    run = instance.add_run(
        dg.DagsterRun(job_name="__ASSET_JOB", status=dg.DagsterRunStatus.SUCCESS, tags={"dagster/backfill": "backfill"})
    )
    for name in names:
        made = StepMaterializationData(dg.AssetMaterialization(name.split("/"), partition=partition), [])
        event = DagsterEvent("ASSET_MATERIALIZATION", run.job_name, event_specific_data=made)
        instance.report_dagster_event(event, run.run_id)


def rounds_of(instance: dg.DagsterInstance, assets: Sequence[str], partitions: Sequence[str]) -> list[list[Run]]:
    """Simulate a backfill whose runs all succeed, and return the runs of each round: partition and assets."""
    started = time.time()
    target = LoadableTargetOrigin(module_name="akeneo_assets.definitions")
    with in_process_test_workspace(instance, target) as workspace:
        graph = workspace.asset_graph

    def view() -> AssetGraphView:
        moment = TemporalContext(effective_dt=datetime.now(timezone.utc), last_event_id=None)
        return AssetGraphView(temporal_context=moment, instance=instance, asset_graph=graph)

    data = AssetBackfillData.from_asset_partitions(
        graph,
        partition_names=list(partitions),
        asset_selection=[dg.AssetKey(name.split("/")) for name in assets],
        dynamic_partitions_store=view().get_inner_queryer_for_back_compat(),
        backfill_start_timestamp=started,
        all_partitions=False,
    )
    rounds: list[list[Run]] = []
    for _ in range(_ROUNDS):
        result = execute_asset_backfill_iteration_inner(
            "backfill", data, view(), started, logging.getLogger("backfill"), run_config=None
        )
        data = result.backfill_data.with_run_requests_submitted(result.run_requests, view())
        runs = [
            (str(request.partition_key), frozenset(key.to_user_string() for key in request.asset_selection or ()))
            for request in result.run_requests
        ]
        if not runs:
            break
        rounds.append(runs)
        for partition, names in runs:
            materialize(instance, names, partition)
    return rounds


def test_a_tree_is_one_run_over_the_three_layers(instance: dg.DagsterInstance) -> None:
    layers = ["/".join(step) for step in batch_of("master").steps]

    assert rounds_of(instance, layers, ["master"]) == [[("master", frozenset(layers))]]


def test_an_object_of_two_families_is_two_runs(instance: dg.DagsterInstance) -> None:
    layers = ["akeneo/products", "catalog/products", "ipaas/products"]

    (only,) = rounds_of(instance, layers, FAMILIES)

    assert sorted(only) == [(family, frozenset(layers)) for family in FAMILIES]


def test_everything_is_delivered_object_by_object_over_all_families(instance: dg.DagsterInstance) -> None:
    everything = ["/".join(step) for step in batch_of(FAMILIES[0]).steps]

    rounds = rounds_of(instance, everything, FAMILIES)

    stages = [{(key, name) for key, names in runs for name in names if name.startswith("ipaas/")} for runs in rounds]
    assert stages == [
        {(family, f"ipaas/{name}") for family in FAMILIES for name in names}
        for names in (("product_models", "products"), ("variants",), ("bundles",), ("related_products",))
    ]
