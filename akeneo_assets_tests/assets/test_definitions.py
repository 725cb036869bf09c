"""What Dagster loads: the asset graph, from every place from which it can be loaded."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest
from dagster._core.workspace.load_target import PyProjectFileTarget, WorkspaceFileTarget

from akeneo_assets.definitions import defs
from akeneo_assets.objects import OBJECTS
from akeneo_assets.resources import AkeneoResource, IpaasResource, StateResource, SyncResource
from akeneo_assets.settings import Settings, StartUpSettings
from akeneo_assets.sync.batches import STRUCTURE, Batch, batch_of

ROOT = Path(__file__).parent.parent.parent

GRAPH = {
    "akeneo/structure": set(),
    "akeneo/categories": {"akeneo/structure"},
    "akeneo/product_models": {"akeneo/structure"},
    "akeneo/products": {"akeneo/structure"},
    "catalog/categories": {"akeneo/structure", "akeneo/categories"},
    "catalog/product_models": {"akeneo/structure", "akeneo/categories", "akeneo/product_models", "akeneo/products"},
    "catalog/products": {"akeneo/structure", "akeneo/categories", "akeneo/products"},
    "catalog/variants": {"akeneo/structure", "akeneo/categories", "akeneo/product_models", "akeneo/products"},
    "catalog/bundles": {"akeneo/structure", "akeneo/categories", "akeneo/products"},
    "catalog/related_products": {"akeneo/structure", "akeneo/product_models", "akeneo/products"},
    "ipaas/categories": {"catalog/categories"},
    "ipaas/product_models": {"catalog/product_models", "ipaas/categories"},
    "ipaas/products": {"catalog/products", "ipaas/categories"},
    "ipaas/variants": {"catalog/variants", "ipaas/product_models"},
    "ipaas/bundles": {"catalog/bundles", "ipaas/product_models", "ipaas/products", "ipaas/variants"},
    "ipaas/related_products": {"catalog/related_products", "ipaas/bundles"},
    "ipaas/in_sync": {f"ipaas/{name}" for name in OBJECTS},
}
"""Each asset with its dependencies."""

KINDS = {"akeneo": {"akeneo"}, "catalog": {"python"}, "ipaas": {"ipaas.com"}}

SPECS = {spec.key.to_user_string(): spec for spec in defs.resolve_all_asset_specs()}


def test_the_definitions_are_loadable() -> None:
    dg.Definitions.validate_loadable(defs)


def test_the_graph_has_three_layers() -> None:
    assert {name: {dep.asset_key.to_user_string() for dep in spec.deps} for name, spec in SPECS.items()} == GRAPH


@pytest.mark.parametrize("name", GRAPH)
def test_every_asset_has_a_description(name: str) -> None:
    spec = SPECS[name]
    layer, object_name = name.split("/")

    assert spec.group_name == layer
    assert spec.kinds == KINDS[layer]
    assert list(spec.owners) == ["team:product-data"]
    assert len(spec.description or "") > 20
    partitions = {"structure": None, "in_sync": None, "categories": "category_trees"}.get(
        object_name, "catalog_batches"
    )
    assert getattr(spec.partitions_def, "name", None) == partitions


def test_the_page_of_an_asset_links_the_module_that_describes_it() -> None:
    for spec in defs.resolve_all_asset_specs():
        references = spec.metadata["dagster/code_references"].code_references
        (module,) = (Path(each.file_path) for each in references)
        assert module.is_file()
        assert module.stem == spec.key.path[-1]


def test_each_setting_of_a_run_is_a_field_of_a_resource() -> None:
    """The UI shows which variable each comes from."""
    fields = [
        (name, field.default, field.description)
        for resource in (AkeneoResource, IpaasResource, StateResource, SyncResource)
        for name, field in resource.model_fields.items()
    ]
    # Dagster needs these before a run exists, and the command line before it starts one.
    of_no_run = {*StartUpSettings.model_fields, "concurrent_batch_executions"}

    assert sorted(fields) == sorted(
        (name, f"{{{{ env.{name.upper()} }}}}", field.description)
        for name, field in Settings.model_fields.items()
        if name not in of_no_run
    )


def test_an_object_depends_on_its_own_partition_and_on_all_partitions_of_other_objects() -> None:
    for spec in SPECS.values():
        for dependency in spec.deps:
            mapping, (layer, name) = dependency.partition_mapping, dependency.asset_key.path
            if name == "structure":
                assert mapping is None
            elif layer == spec.key.path[0] or SPECS[f"{layer}/{name}"].partitions_def != spec.partitions_def:
                assert isinstance(mapping, dg.AllPartitionMapping)
            else:
                assert isinstance(mapping, dg.IdentityPartitionMapping)


def test_every_plan_and_every_delivery_has_checks_of_its_partitions() -> None:
    graph = defs.resolve_asset_graph()
    checks = {
        (key.asset_key.to_user_string(), key.name): graph.get(key).partitions_def for key in graph.asset_check_keys
    }
    # Related products are links of the records of other objects.
    records = [name for name, spec in OBJECTS.items() if spec.kind is not None]

    expected = {(f"catalog/{name}", "nothing_blocked") for name in records}
    expected |= {(f"ipaas/{name}", "all_delivered") for name in records}
    expected |= {(f"ipaas/{name}", check) for name in OBJECTS for check in ("links_complete", "all_stored")}
    expected |= {("ipaas/in_sync", "agrees")}
    assert checks.keys() == expected
    assert all(checks[asset, name] == SPECS[asset].partitions_def for asset, name in expected)


@pytest.mark.parametrize(
    "batch",
    [
        STRUCTURE,
        *(batch_of(key, reads=reads) for key in ("family:shoes", "changes:2026-11-25T15") for reads in (True, False)),
        batch_of("master"),
    ],
    ids=lambda batch: f"{batch.job} {batch.partition_key}",
)
def test_each_job_contains_the_steps_of_its_batches(batch: Batch) -> None:
    """A sensor requests a job, and the command line requests the assets of a batch."""
    layer = defs.resolve_job_def(batch.job).asset_layer

    assert {key.to_user_string() for key in layer.selected_asset_keys} == {"/".join(step) for step in batch.steps}


def test_steps_run_in_the_process_of_their_run() -> None:
    assert defs.resolve_job_def("full_load").executor_def == dg.in_process_executor


def test_both_ways_to_load_find_the_same_location(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    (of_project,) = PyProjectFileTarget("pyproject.toml").create_origins()
    (of_workspace,) = WorkspaceFileTarget(["workspace.yaml"]).create_origins()

    assert of_project.location_name == of_workspace.location_name == "akeneo_assets"
    modules = {
        origin.loadable_target_origin.module_name
        for origin in (of_project, of_workspace)
        if origin.loadable_target_origin is not None
    }
    assert modules == {"akeneo_assets.definitions"}
