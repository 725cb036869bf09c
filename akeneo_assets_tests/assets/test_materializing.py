"""What a data engineer sees when assets are materialized: a dry run, numbers, tables, checks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
import pytest

from akeneo_assets.objects import PRODUCT_OBJECTS
from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets.sync.results import StepReport
from akeneo_assets.sync.steps import pace
from akeneo_assets_tests.runs import execute, failures, materializations
from akeneo_assets_tests.shell import Shell, writes

_PACE = {"throttled_seconds", "seconds", "requests_a_minute", "requests_a_minute_allowed"}
_PROGRESS = {"records_expected", "records_done"}
NUMBERS = {
    "akeneo": {"read", "created", "updated", "unchanged", "blocked", "requests_akeneo", *_PACE},
    "catalog": {"created", "updated", "unchanged", "blocked", "requests_forecast"},
    "ipaas": {"created", "updated", "blocked", "failed", "requests_ipaas", "requests_forecast", *_PROGRESS, *_PACE},
}
NEVER = {"akeneo": {"failed", "requests_ipaas"}, "catalog": {"read", "failed", "requests_akeneo"}, "ipaas": {"read"}}
READ = ("akeneo/product_models", "akeneo/products")
PLAN = tuple(f"catalog/{name}" for name in PRODUCT_OBJECTS)
SHOES = "family:shoes"
SPARE_PARTS = "family:spare_parts"


@pytest.fixture(scope="module")
def module_shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    with pytest.MonkeyPatch.context() as patch:
        yield Shell(tmp_path_factory.mktemp("materializing"), patch)


@pytest.fixture(scope="module")
def sandbox(module_shell: Shell) -> Iterator[Sandbox]:
    with Sandbox() as running:
        module_shell.use(running)
        yield running


@pytest.fixture(scope="module")
def instance(sandbox: Sandbox) -> Iterator[dg.DagsterInstance]:
    """An instance with the structure read and the categories delivered."""
    del sandbox
    with dg.DagsterInstance.ephemeral() as opened:
        assert failures(execute("structure", opened)) == []
        for root in opened.get_dynamic_partitions("category_trees"):
            assert failures(execute("categories", opened, partition_key=root)) == []
        yield opened


@pytest.fixture(scope="module")
def delivered(instance: dg.DagsterInstance) -> dg.DagsterInstance:
    """The instance after the spare parts were delivered."""
    assert execute("full_load", instance, partition_key=SPARE_PARTS).success
    return instance


def values(metadata: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.value for name, value in metadata.items() if hasattr(value, "value")}


def rows(table: dg.MetadataValue[Any]) -> list[dict[str, Any]]:
    assert isinstance(table, dg.TableMetadataValue)
    return [dict(record.data) for record in table.records]


def passed(result: dg.ExecuteInProcessResult) -> dict[str, bool]:
    return {
        f"{evaluation.asset_key.to_user_string()}/{evaluation.check_name}": evaluation.passed
        for evaluation in result.get_asset_check_evaluations()
    }


def test_the_structure_adds_the_partitions_of_the_catalogue(sandbox: Sandbox, instance: dg.DagsterInstance) -> None:
    families = {f"family:{family['code']}" for family in sandbox.akeneo.database.all("family")}

    assert set(instance.get_dynamic_partitions("category_trees")) == {"master", "collections"}
    assert set(instance.get_dynamic_partitions("catalog_batches")) == families | {"family:~none"}


def test_the_structure_says_what_a_first_load_needs(sandbox: Sandbox, instance: dg.DagsterInstance) -> None:
    records = sum(len(list(sandbox.akeneo.database.all(kind))) for kind in ("product", "product_model"))

    forecast = values(materializations(execute("structure", instance))["akeneo/structure"])["forecast"]

    assert re.match(
        rf"A first load, besides structure and categories: at most {records} records; about \d+ requests to Akeneo "
        rf"\(.*\) and {records} requests to iPaaS.com \(less than a minute at .*\)",
        forecast,
    ), forecast


def test_a_plan_alone_is_a_dry_run_that_shows_records_and_reasons(
    sandbox: Sandbox, instance: dg.DagsterInstance
) -> None:
    sent = writes(sandbox)

    result = execute("full_load", instance, partition_key=SHOES, assets=(*READ, *PLAN))

    assert result.success
    assert writes(sandbox) == sent
    plans = materializations(result)
    assert set(plans) == {*READ, *PLAN}
    models = plans["catalog/product_models"]
    due = values(models)["created"]
    assert due > 0
    assert models["reasons"].value == {"new": due}
    table = rows(models["plan"])
    assert len(table) == due
    assert {(row["action"], row["reason"]) for row in table} == {("create", "new")}
    assert all(row["record"].startswith("product_model ") for row in table)
    # As often as it is requested.
    again = materializations(execute("full_load", instance, partition_key=SHOES, assets=PLAN))
    assert values(again["catalog/product_models"])["created"] == due


@pytest.mark.parametrize(("partition", "name"), [(SHOES, "product_models"), (SPARE_PARTS, "products")])
def test_every_materialization_has_counts(
    partition: str, name: str, sandbox: Sandbox, instance: dg.DagsterInstance
) -> None:
    before = writes(sandbox).get("product.create", 0)

    result = execute("full_load", instance, partition_key=partition)

    assert failures(result) == []
    materialized = materializations(result)
    assert set(materialized) == {*READ, *PLAN, *(each.replace("catalog", "ipaas") for each in PLAN)}
    for asset, metadata in materialized.items():
        layer = asset.partition("/")[0]
        assert NUMBERS[layer] <= set(values(metadata)), asset
        assert not NEVER[layer] & set(values(metadata)), asset
        assert {key for key in metadata if not key.startswith("dagster/")} <= StepReport.__annotations__.keys()
    read, plan, delivery = (values(materialized[f"{layer}/{name}"]) for layer in ("akeneo", "catalog", "ipaas"))
    assert read["read"] == plan["created"] == delivery["created"] == 3
    assert writes(sandbox)["product.create"] == before + 3
    assert read["requests_akeneo"] > 0
    assert "requests_ipaas" not in plan
    assert delivery["requests_ipaas"] >= delivery["requests_forecast"] == plan["requests_forecast"] == 3
    assert delivery["records_expected"] == delivery["records_done"] == 3
    seconds = 60 * delivery["requests_ipaas"] / delivery["requests_a_minute"]
    assert seconds == pytest.approx(delivery["seconds"], abs=0.006), "it is shown in hundredths"
    assert delivery["requests_a_minute_allowed"] == 60_000
    checks = passed(result)
    assert all(checks.values())
    # Related products are links of the records of other objects.
    assert {check.rpartition("/")[0] for check in checks} == materialized.keys() - {*READ, "catalog/related_products"}


def test_a_long_delivery_is_observed_while_it_works(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "LOG_SECONDS", 0.0)

    result = execute("full_load", instance, partition_key="family:tableware")

    observations = (event.asset_observation_data.asset_observation for event in result.get_asset_observation_events())
    observed = [
        values(each.metadata)
        for each in observations
        if (each.asset_key.to_user_string(), each.partition) == ("ipaas/products", "family:tableware")
    ]
    delivery = values(materializations(result)["ipaas/products"])
    assert observed[-1]["records_done"] == observed[-1]["records_expected"] == delivery["records_done"] > 0
    assert observed[-1]["minutes_left"] == 0.0
    assert observed[-1]["requests_a_minute"] > 0
    assert observed[-1]["requests_a_minute_allowed"] == 60_000


def test_nothing_is_due_the_second_time(sandbox: Sandbox, delivered: dg.DagsterInstance) -> None:
    sent = writes(sandbox)

    result = execute("full_load", delivered, partition_key=SPARE_PARTS)

    assert writes(sandbox) == sent
    plan = values(materializations(result)["catalog/products"])
    assert (plan["created"], plan["updated"], plan["unchanged"]) == (0, 0, 3)


def test_forced_records_are_sent_although_nothing_changed(sandbox: Sandbox, delivered: dg.DagsterInstance) -> None:
    before = writes(sandbox).get("product.replace", 0)

    config = {"catalog__products": {"config": {"force": True}}}
    result = execute("full_load", delivered, partition_key=SPARE_PARTS, config=config)

    assert values(materializations(result)["ipaas/products"])["updated"] == 3
    assert writes(sandbox)["product.replace"] == before + 3


def test_an_edit_is_planned_with_the_fields_that_differ(sandbox: Sandbox, delivered: dg.DagsterInstance) -> None:
    product = next(each for each in sandbox.akeneo.database.all("product") if each["family"] == "spare_parts")
    sandbox.akeneo.edit.save_product(product["uuid"], {"enabled": not product["enabled"]})

    result = execute("full_load", delivered, partition_key=SPARE_PARTS, assets=(*READ, "catalog/products"))

    plan = materializations(result)["catalog/products"]
    assert values(plan)["updated"] == 1
    (row,) = rows(plan["plan"])
    assert (row["record"], row["action"]) == (f"product {product['uuid']}", "update")
    assert "status" in row["differs"]


def test_a_failed_record_is_in_a_table_and_fails_its_check(
    module_shell: Shell, sandbox: Sandbox, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    mapping = module_shell.folder / "mapping.yaml"
    mapping.write_text("product: {status: {static: Sometimes}}", encoding="utf-8")
    monkeypatch.setenv("AKENEO_ASSETS_MAPPING", str(mapping))
    (card,) = (each for each in sandbox.akeneo.database.all("product") if each["family"] == "gift_cards")

    result = execute("full_load", instance, partition_key="family:gift_cards")

    assert result.success, "a bad record does not fail the run"
    delivered = materializations(result)["ipaas/products"]
    assert values(delivered)["failed"] == 1
    (problem,) = rows(delivered["problems"])
    assert problem["record"] == f"product {card['uuid']}"
    assert problem["code"] == "VALD-1025"
    assert "'Active', 'Disabled'" in problem["what to do"]
    assert "mapping file" in problem["what to do"]
    (evaluation,) = (each for each in result.get_asset_check_evaluations() if not each.passed)
    assert (evaluation.asset_key.to_user_string(), evaluation.check_name) == ("ipaas/products", "all_delivered")
    assert not evaluation.passed
    assert evaluation.severity == dg.AssetCheckSeverity.WARN
    assert evaluation.metadata["failed"].value == 1
    delivery = values(materializations(result)["ipaas/products"])
    assert delivery["records_expected"] == delivery["records_done"] == 1

    monkeypatch.delenv("AKENEO_ASSETS_MAPPING")
    cured = execute("full_load", instance, partition_key="family:gift_cards")
    assert values(materializations(cured)["ipaas/products"])["created"] == 1
    assert all(passed(cured).values())


def test_a_blocked_record_is_reported_by_its_plan(sandbox: Sandbox, instance: dg.DagsterInstance) -> None:
    # Each is the parent of the other: both are in no tree, and can only be read by code.
    sandbox.akeneo.edit.save_category("first", {"parent": "second"})
    sandbox.akeneo.edit.save_category("second", {"parent": "first"})

    config = {"sync_named_records": {"config": {"kind": "category", "ids": ["first"]}}}
    result = execute("sync_records", instance, config=config)

    assert result.success
    plan = next(
        event.asset_observation_data.asset_observation
        for event in result.get_asset_observation_events()
        if event.asset_observation_data.asset_observation.asset_key == dg.AssetKey(["catalog", "categories"])
    )
    assert plan.metadata["blocked"].value == 2
    problems = rows(plan.metadata["problems"])
    assert {problem["record"] for problem in problems} == {"category first", "category second"}
    sandbox.akeneo.edit.delete("category", "first")


def test_a_new_tree_becomes_a_partition(sandbox: Sandbox, instance: dg.DagsterInstance) -> None:
    sandbox.akeneo.edit.save_category("autumn")
    sandbox.akeneo.edit.save_category("leaves", {"parent": "autumn"})
    assert execute("structure", instance).success
    assert "autumn" in instance.get_dynamic_partitions("category_trees")

    result = execute("categories", instance, partition_key="autumn")

    assert values(materializations(result)["ipaas/categories"])["created"] == 2
    assert passed(result) == {
        "catalog/categories/nothing_blocked": True,
        "ipaas/categories/all_delivered": True,
        "ipaas/categories/links_complete": True,
        "ipaas/categories/all_stored": True,
    }
