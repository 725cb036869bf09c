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
from dagster._core.definitions.events import AssetKeyPartitionKey
from dagster._core.definitions.temporal_context import TemporalContext
from dagster._core.events import DagsterEvent, StepMaterializationData
from dagster._core.execution.asset_backfill import AssetBackfillData, execute_asset_backfill_iteration_inner
from dagster._core.execution.backfill import BulkActionStatus, PartitionBackfill
from dagster._core.storage.tags import ASSET_PARTITION_RANGE_END_TAG, ASSET_PARTITION_RANGE_START_TAG
from dagster._core.test_utils import in_process_test_workspace
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin

from akeneo_assets.automation.own_runs import OwnRuns
from akeneo_assets.automation.settled_hours import remove_settled_hours
from akeneo_assets.build import build_definitions
from akeneo_assets.subscription import Subscription
from akeneo_assets.sync.batches import batch_of
from akeneo_assets_tests.automation.ticks import NAMES, put_run
from akeneo_assets_tests.runs import instance as local_instance

FAMILIES = ("family:hats", "family:shoes")
TREES = ("master", "print")
FAILED, SYNCED = "changes:2026-01-02T03", "changes:2026-01-02T04"

# A warning of Dagster itself.
pytestmark = pytest.mark.filterwarnings("ignore:.* is deprecated and will be removed in 2.0:DeprecationWarning")

PROJECT = LoadableTargetOrigin(module_name="akeneo_assets.definitions")
TWO_PER_RUN = LoadableTargetOrigin(module_name=__name__, attribute="two_per_run")
TEN_PER_RUN = LoadableTargetOrigin(module_name=__name__, attribute="ten_per_run")

_ROUNDS = 8
"""More rounds than any backfill here takes."""

Run = tuple[str, frozenset[str]]

two_per_run = build_definitions(Subscription(partitions_per_run=2))
ten_per_run = build_definitions(Subscription(partitions_per_run=10))


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


def view_of(instance: dg.DagsterInstance, target: LoadableTargetOrigin = PROJECT) -> AssetGraphView:
    with in_process_test_workspace(instance, target) as workspace:
        moment = TemporalContext(effective_dt=datetime.now(timezone.utc), last_event_id=None)
        return AssetGraphView(temporal_context=moment, instance=instance, asset_graph=workspace.asset_graph)


def backfill_of(
    instance: dg.DagsterInstance,
    assets: Sequence[str],
    partitions: Sequence[str] | None,
    started: float = 0.0,
    target: LoadableTargetOrigin = PROJECT,
) -> AssetBackfillData:
    """Return what a backfill of these partitions targets, or of all partitions if there are none."""
    view = view_of(instance, target)
    return AssetBackfillData.from_asset_partitions(
        view.asset_graph,
        partition_names=None if partitions is None else list(partitions),
        asset_selection=[dg.AssetKey(name.split("/")) for name in assets],
        dynamic_partitions_store=view.get_inner_queryer_for_back_compat(),
        backfill_start_timestamp=started,
        all_partitions=partitions is None,
    )


def partitions_of(request: dg.RunRequest) -> list[str]:
    if request.partition_key is not None:
        return [request.partition_key]
    first, last = (request.tags[tag] for tag in (ASSET_PARTITION_RANGE_START_TAG, ASSET_PARTITION_RANGE_END_TAG))
    known = [*FAMILIES, *TREES]
    return known[known.index(first) : known.index(last) + 1]


def rounds_of(
    instance: dg.DagsterInstance,
    assets: Sequence[str],
    partitions: Sequence[str],
    target: LoadableTargetOrigin = PROJECT,
) -> list[list[Run]]:
    """Simulate a backfill whose runs all succeed, and return the runs of each round: partition and assets."""
    started = time.time()
    graph = view_of(instance, target).asset_graph

    def view() -> AssetGraphView:
        moment = TemporalContext(effective_dt=datetime.now(timezone.utc), last_event_id=None)
        return AssetGraphView(temporal_context=moment, instance=instance, asset_graph=graph)

    data = backfill_of(instance, assets, partitions, started, target)
    rounds: list[list[Run]] = []
    for _ in range(_ROUNDS):
        result = execute_asset_backfill_iteration_inner(
            "backfill", data, view(), started, logging.getLogger("backfill"), run_config=None
        )
        data = result.backfill_data.with_run_requests_submitted(result.run_requests, view())
        runs = [
            (" ".join(partitions_of(request)), frozenset(key.to_user_string() for key in request.asset_selection or ()))
            for request in result.run_requests
        ]
        if not runs:
            break
        rounds.append(runs)
        for keys, names in runs:
            for partition in keys.split():
                materialize(instance, names, partition)
    return rounds


def test_a_tree_is_one_run_over_the_three_layers(instance: dg.DagsterInstance) -> None:
    layers = ["/".join(step) for step in batch_of("master").steps]

    assert rounds_of(instance, layers, ["master"]) == [[("master", frozenset(layers))]]


def test_an_object_of_two_families_is_two_runs(instance: dg.DagsterInstance) -> None:
    layers = ["akeneo/products", "catalog/products", "ipaas/products"]

    (only,) = rounds_of(instance, layers, FAMILIES)

    assert sorted(only) == [(family, frozenset(layers)) for family in FAMILIES]


def test_several_families_are_one_run_if_the_setting_says_so(instance: dg.DagsterInstance) -> None:
    layers = ["akeneo/products", "catalog/products", "ipaas/products"]

    assert rounds_of(instance, layers, FAMILIES, TWO_PER_RUN) == [[(" ".join(FAMILIES), frozenset(layers))]]


def test_the_setting_does_not_change_the_order_of_objects(instance: dg.DagsterInstance) -> None:
    everything = ["/".join(step) for step in batch_of(FAMILIES[0]).steps]

    rounds = rounds_of(instance, everything, FAMILIES, TWO_PER_RUN)

    assert [keys for runs in rounds for keys, _ in runs] == [" ".join(FAMILIES)] * 4
    stages = [{name for _, names in runs for name in names if name.startswith("ipaas/")} for runs in rounds]
    assert stages == [
        {f"ipaas/{name}" for name in names}
        for names in (("product_models", "products"), ("variants",), ("bundles",), ("related_products",))
    ]


def test_everything_is_one_run_if_it_fits(instance: dg.DagsterInstance) -> None:
    everything = ["/".join(step) for step in batch_of(FAMILIES[0]).steps]

    # The steps of a run are in the order of the objects.
    assert rounds_of(instance, everything, FAMILIES, TEN_PER_RUN) == [[(" ".join(FAMILIES), frozenset(everything))]]


def test_two_families_target_two_partitions_of_each_layer(instance: dg.DagsterInstance) -> None:
    layers = ["akeneo/products", "catalog/products", "ipaas/products"]
    instance.add_dynamic_partitions("catalog_batches", [FAILED, "family:sofas"])

    targeted = backfill_of(instance, layers, FAMILIES).target_subset

    assert {str(each) for each in targeted.iterate_asset_partitions()} == {
        str(AssetKeyPartitionKey(dg.AssetKey(name.split("/")), family)) for name in layers for family in FAMILIES
    }


def test_a_backfill_of_all_partitions_targets_no_hour_of_changes_that_was_synced(instance: dg.DagsterInstance) -> None:
    instance.add_dynamic_partitions("catalog_batches", [SYNCED, FAILED])
    put_run(instance, "changes", dg.DagsterRunStatus.SUCCESS, SYNCED)
    put_run(instance, "changes", dg.DagsterRunStatus.FAILURE, FAILED)
    materialize(instance, ["ipaas/products"], SYNCED)

    assert remove_settled_hours(OwnRuns(instance, NAMES), limit=1) == 1

    targeted = backfill_of(instance, ["ipaas/products"], None).target_subset
    assert {each.partition_key for each in targeted.iterate_asset_partitions()} == {*FAMILIES, FAILED}
    history = instance.get_materialized_partitions(dg.AssetKey(["ipaas", "products"]))
    assert history == {SYNCED}, "its history is kept"


def test_no_partition_is_removed_during_a_backfill(instance: dg.DagsterInstance) -> None:
    instance.add_dynamic_partitions("catalog_batches", [SYNCED])
    put_run(instance, "changes", dg.DagsterRunStatus.SUCCESS, SYNCED)
    backfill = PartitionBackfill("all", BulkActionStatus.REQUESTED, from_failure=False, tags={}, backfill_timestamp=1.0)
    instance.add_backfill(backfill)

    assert remove_settled_hours(OwnRuns(instance, NAMES)) == 0

    instance.update_backfill(backfill._replace(status=BulkActionStatus.COMPLETED_SUCCESS))
    assert remove_settled_hours(OwnRuns(instance, NAMES)) == 1


def test_everything_is_delivered_object_by_object_over_all_families(instance: dg.DagsterInstance) -> None:
    everything = ["/".join(step) for step in batch_of(FAMILIES[0]).steps]

    rounds = rounds_of(instance, everything, FAMILIES)

    stages = [{(key, name) for key, names in runs for name in names if name.startswith("ipaas/")} for runs in rounds]
    assert stages == [
        {(family, f"ipaas/{name}") for family in FAMILIES for name in names}
        for names in (("product_models", "products"), ("variants",), ("bundles",), ("related_products",))
    ]
