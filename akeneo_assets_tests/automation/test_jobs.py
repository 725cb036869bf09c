"""The job that syncs named records, and the update of partitions from the catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
import pytest

from akeneo_assets.definitions import defs
from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets_tests.runs import execute, failures
from akeneo_assets_tests.shell import Shell, writes


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox() as running, pytest.MonkeyPatch.context() as patch:
        Shell(tmp_path_factory.mktemp("jobs"), patch).use(running)
        yield running


@pytest.fixture(scope="module")
def instance(sandbox: Sandbox) -> Iterator[dg.DagsterInstance]:
    """An instance in which the structure was read."""
    del sandbox
    with dg.DagsterInstance.ephemeral() as opened:
        assert failures(execute("structure", opened)) == []
        yield opened


def records(instance: dg.DagsterInstance, *ids: str, **options: Any) -> dg.ExecuteInProcessResult:
    config = {"kind": "product", "ids": list(ids), **options}
    return execute("sync_records", instance, config={"sync_named_records": {"config": config}})


def observed(result: dg.ExecuteInProcessResult) -> dict[str, Mapping[str, Any]]:
    observations = [event.asset_observation_data.asset_observation for event in result.get_asset_observation_events()]
    return {each.asset_key.to_user_string(): each.metadata for each in observations}


def test_a_dry_run_reports_the_plan_and_sends_nothing(sandbox: Sandbox, instance: dg.DagsterInstance) -> None:
    before = writes(sandbox)

    result = records(instance, "straw-hat", dry_run=True)

    assert result.success
    assert writes(sandbox) == before
    assert observed(result)["catalog/products"]["created"].value == 1
    assert not any(name.startswith("ipaas/") for name in observed(result))


def test_an_unknown_id_is_reported_and_does_not_block_the_others(
    sandbox: Sandbox, instance: dg.DagsterInstance
) -> None:
    sandbox.ipaas_counters.reset()

    result = records(instance, "straw-hat", "no-such-product")

    assert not result.success
    assert "Akeneo does not list product no-such-product." in failures(result)[0]
    observations = observed(result)
    assert observations["ipaas/products"]["created"].value == 1
    assert "straw-hat" in {product["sku"] for product in sandbox.ipaas.products()}
    # Each request is counted once, although several assets are observed.
    assert len(observations) > 1
    counts = [metadata["requests_ipaas"].value for metadata in observations.values() if "requests_ipaas" in metadata]
    assert 0 < sum(counts) <= sandbox.ipaas_counters.total


def test_an_unknown_kind_is_refused_before_anything_runs(instance: dg.DagsterInstance) -> None:
    with pytest.raises(dg.DagsterInvalidConfigError, match="kind not in enum type RecordKind got widget"):
        records(instance, "straw-hat", kind="widget")


def test_the_launchpad_explains_the_config() -> None:
    (op,) = defs.resolve_job_def("sync_records").graph.node_defs
    assert isinstance(op, dg.OpDefinition)
    config = op.config_field
    assert config is not None
    fields = config.config_type.fields  # type: ignore[attr-defined]  # of a shape, which Dagster makes of our class

    assert {name: bool(field.description) for name, field in fields.items()} == dict.fromkeys(
        ("kind", "ids", "force", "dry_run"), True
    )
    assert not [name for name, field in fields.items() if field.is_required], "it opens valid, with an example"


def test_a_record_is_explained_as_markdown(instance: dg.DagsterInstance, sandbox: Sandbox) -> None:
    key = sandbox.akeneo.product_uuid("linen-shirt-white-s")
    assert records(instance, key).success

    config = {"explain_named_record": {"config": {"kind": "variant", "id": "linen-shirt-white-s"}}}
    result = execute("explain_record", instance, config=config)

    (output,) = (event for event in result.all_events if event.event_type_value == "STEP_OUTPUT")
    page = str(output.step_output_data.metadata["record"].value)
    assert page.startswith(f"# variant {key}")
    assert "| iPaaS.com id |" in page
    assert "| property $label" in page
    assert "| sent | create | new | 1 |" in page


def test_a_probe_reports_both_sides_as_markdown(instance: dg.DagsterInstance, sandbox: Sandbox) -> None:
    written = len(sandbox.ipaas.journal)

    result = execute("probe", instance)

    assert failures(result) == []
    (output,) = (event.step_output_data for event in result.all_events if event.is_successful_output)
    report = str(output.metadata["report"].value)
    assert " facts: " in report.splitlines()[0]
    marks = [line[2] for line in report.splitlines()[4:]]
    assert marks == sorted(marks, key="✘≠?✔".index), "differences come first"
    assert "| ≠ | Categories are listed after their parents |" in report
    assert "endpoints" in report, "the last fact about iPaaS.com"
    assert len(sandbox.ipaas.journal) == written
