"""The fields in iPaaS.com and the attributes that they come from, as Dagster's UI shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.metadata import TableMetadataSet

from akeneo_assets.definitions import defs
from akeneo_assets.objects import OBJECTS
from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets_tests.runs import execute, failures, materializations
from akeneo_assets_tests.shell import Shell, keep_families

LINES = """\
settings: {price_attribute: price}
category: {description: headline}
product:
  description: {formula: "coalesce(description, name)"}
  custom_fields: {attributes: [material, "care_*"]}
variant: {barcode: ean}
inventory: [{location: {static: Main}, qty_on_hand: stock_quantity}]
"""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Mapping[str, Any]]]:
    """The metadata of all assets, by layer and object."""
    with (
        pytest.MonkeyPatch.context() as patch,
        Sandbox() as sandbox,
        dg.DagsterInstance.ephemeral() as instance,
    ):
        keep_families(sandbox, "clothing", "sets")
        shell = Shell(tmp_path_factory.mktemp("lineage"), patch)
        shell.use(sandbox)
        path = shell.folder / "mapping.yaml"
        path.write_text(LINES, encoding="utf-8")
        shell.set({"AKENEO_ASSETS_MAPPING": str(path)})
        assert failures(execute("structure", instance)) == []
        tree = instance.get_dynamic_partitions("category_trees")[0]
        results = [
            execute("categories", instance, partition_key=tree),
            execute("full_load", instance, partition_key="family:clothing"),
        ]
        for result in results:
            assert failures(result) == []
        yield {name: metadata for result in results for name, metadata in materializations(result).items()}


@pytest.fixture(scope="module")
def planned(loaded: dict[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """The metadata of the catalog assets, by object."""
    return {name: loaded[f"catalog/{name}"] for name in OBJECTS}


def lineage(metadata: Mapping[str, Any]) -> dict[str, set[str]]:
    """Return the columns with their sources, as Dagster reads the metadata of an asset."""
    known = TableMetadataSet.extract(metadata).column_lineage
    assert known is not None
    return {
        column: {f"{dep.asset_key.to_user_string()}.{dep.column_name}" for dep in deps}
        for column, deps in known.deps_by_column.items()
    }


def columns(metadata: Mapping[str, Any]) -> dict[str, str]:
    schema = TableMetadataSet.extract(metadata).column_schema
    assert schema is not None
    return {column.name: column.type for column in schema.columns}


def test_a_field_comes_from_the_attributes_that_the_mapping_names(planned: dict[str, Mapping[str, Any]]) -> None:
    found = lineage(planned["products"])

    assert found["description"] == {"akeneo/products.description", "akeneo/products.name"}
    assert found["default_price"] == {"akeneo/products.price"}
    assert found["sku"] == {"akeneo/products.sku", "akeneo/products.uuid"}
    assert found["status"] == {"akeneo/products.enabled"}
    assert found["custom_fields.Family"] == {"akeneo/products.family"}
    assert found["custom_fields.material"] == {"akeneo/products.material"}
    assert found["custom_fields.care_instructions"] == {"akeneo/products.care_instructions"}
    assert found["inventory.qty_on_hand"] == {"akeneo/products.stock_quantity"}
    assert "type" not in found
    assert lineage(planned["bundles"]).keys() - found.keys() == {"kit.sku"}


def test_other_objects_come_from_their_own_assets(planned: dict[str, Mapping[str, Any]]) -> None:
    assert lineage(planned["categories"]) == {
        "description": {"akeneo/categories.headline"},
        "name": {"akeneo/categories.code", "akeneo/categories.labels"},
    }
    models, variants = lineage(planned["product_models"]), lineage(planned["variants"])
    assert models["default_price"] == {"akeneo/product_models.price"}
    assert models["sku"] == {"akeneo/product_models.code"}
    assert lineage(planned["related_products"]) == {"related_type": {"akeneo/products.associations"}}
    assert variants["barcode"] == {"akeneo/products.ean"}
    assert {"akeneo/products.color", "akeneo/products.size"} <= models["options"]
    assert models["options"] == variants["options"]


@pytest.mark.parametrize("name", OBJECTS)
def test_every_column_of_the_lineage_is_in_the_schema(name: str, planned: dict[str, Mapping[str, Any]]) -> None:
    assert lineage(planned[name]).keys() <= columns(planned[name]).keys()


def test_the_schema_has_the_fields_without_an_attribute(planned: dict[str, Mapping[str, Any]]) -> None:
    found = columns(planned["products"])

    assert (found["status"], found["default_price"], found["custom_fields.Family"]) == ("text", "number", "text")
    assert columns(planned["related_products"]) == {"related_type": "text"}


def test_a_column_is_described_by_the_rule_that_fills_it(planned: dict[str, Mapping[str, Any]]) -> None:
    schema = TableMetadataSet.extract(planned["products"]).column_schema
    assert schema is not None
    rules = {column.name: column.description for column in schema.columns}

    assert (rules["sku"], rules["default_price"], rules["type"]) == ("property $sku", "property $price", "static")


def test_the_assets_of_the_lineage_are_upstream(planned: dict[str, Mapping[str, Any]]) -> None:
    upstream = {
        spec.key.path[-1]: {dep.asset_key.to_user_string() for dep in spec.deps}
        for spec in defs.resolve_all_asset_specs()
        if spec.key.path[0] == "catalog"
    }
    for name, metadata in planned.items():
        named = {source.rpartition(".")[0] for sources in lineage(metadata).values() for source in sources}
        assert named <= upstream[name]


@pytest.mark.parametrize("name", OBJECTS)
def test_columns_in_ipaas_come_from_the_columns_of_the_plan(name: str, loaded: dict[str, Mapping[str, Any]]) -> None:
    plan, delivered = loaded[f"catalog/{name}"], loaded[f"ipaas/{name}"]

    assert columns(delivered) == columns(plan)
    assert lineage(delivered) == {column: {f"catalog/{name}.{column}"} for column in columns(plan)}
    if name == "products":
        assert "custom_fields.material" in lineage(delivered)
