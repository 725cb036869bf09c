"""The checks show what is open now: red until a record is fixed, by whatever run, and green afterwards."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.instance.ref import InstanceRef

from akeneo_assets.assets.ledger_checks import CHECKS, is_error
from akeneo_assets.settings import Settings
from akeneo_assets.store.records import Attempt, Blocked, Failed, Link, not_stored
from akeneo_assets.sync.inspect.open_now import Open
from akeneo_assets_tests.automation.ticks import REPOSITORY
from akeneo_assets_tests.runs import execute, failures
from akeneo_assets_tests.scenarios.world import World

DELIVERED = dg.AssetCheckKey(dg.AssetKey(["ipaas", "products"]), "all_delivered")
BLOCKED = dg.AssetCheckKey(dg.AssetKey(["catalog", "products"]), "nothing_blocked")
CATEGORIES = dg.AssetCheckKey(dg.AssetKey(["ipaas", "categories"]), "all_delivered")
LINKS = dg.AssetCheckKey(dg.AssetKey(["ipaas", "related_products"]), "links_complete")
STORED = dg.AssetCheckKey(dg.AssetKey(["ipaas", "related_products"]), "all_stored")
PRODUCTS = ("akeneo/products", "catalog/products", "ipaas/products")


def shown(instance: dg.DagsterInstance, key: dg.AssetCheckKey) -> tuple[bool, dict[str, bool]]:
    """Return whether a check passes as Dagster shows it: for the asset as a whole, and by partition."""
    storage = instance.event_log_storage
    partitions = {
        str(info.partition_key): info.latest_execution_status.value == "SUCCEEDED"
        for info in storage.get_asset_check_partition_info([key])
        if info.is_current  # Dagster shows no evaluation that is older than the partition
    }
    latest = storage.get_latest_asset_check_execution_by_key([key])[key]
    assert latest.evaluation is not None
    return latest.evaluation.passed, partitions


def evaluation(instance: dg.DagsterInstance, key: dg.AssetCheckKey) -> dg.AssetCheckEvaluation:
    """Return what Dagster shows for the asset as a whole."""
    found = instance.event_log_storage.get_latest_asset_check_execution_by_key([key])[key].evaluation
    assert found is not None
    return found


def fail(world: World, folder: Path, sku: str) -> None:
    """Let iPaaS.com refuse a product, in a run that Dagster does not know."""
    refused = folder / "refused.yaml"
    refused.write_text("product: {status: {static: Sometimes}}", encoding="utf-8")
    world.engine(akeneo_assets_mapping=str(refused)).sync_records("product", [sku], force=True)


def refresh(instance: dg.DagsterInstance) -> int:
    """Run the job, and return how many checks it evaluated."""
    result = execute("refresh_checks", instance)
    assert failures(result) == []
    return len(result.get_asset_check_evaluations())


def test_a_failed_record_stays_red_until_any_run_fixes_it(
    world: World, loaded_instance: dg.DagsterInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    instance = loaded_instance
    monkeypatch.setenv("AKENEO_RECORD_URL", "https://pim.example.com/{kind}/{id}")
    monkeypatch.setenv("IPAAS_RECORD_URL", "https://portal.example.com/{kind}/{id}?sku={sku}")
    assert execute("full_load", instance, partition_key="family:tableware", assets=PRODUCTS).success
    fail(world, tmp_path, "mug-white")
    assert execute("full_load", instance, partition_key="family:accessories", assets=PRODUCTS).success

    assert shown(instance, DELIVERED) == (False, {"family:accessories": True, "family:tableware": False})
    last = evaluation(instance, DELIVERED)
    assert (last.partition, last.severity) == ("family:tableware", dg.AssetCheckSeverity.WARN)
    table = last.metadata["problems"]
    assert isinstance(table, dg.TableMetadataValue)
    (row,) = [dict(each.data) for each in table.records]
    assert (row["SKU"], row["code"], row["attempts"]) == ("mug-white", "VALD-1025", "1")
    assert row["label"] == "Mug"
    ids = world.uuid("mug-white"), world.product("mug-white")["id"]
    assert row["Akeneo"] == f"https://pim.example.com/product/{ids[0]}"
    assert row["iPaaS.com"] == f"https://portal.example.com/product/{ids[1]}?sku=mug-white"
    assert str(row["since"]) < str(row["next retry"])
    assert refresh(instance) == 0, "everything is shown as it is"

    config = {"sync_named_records": {"config": {"kind": "product", "ids": ["mug-white"]}}}
    assert execute("sync_records", instance, config=config).success
    assert shown(instance, DELIVERED) == (True, {"family:accessories": True, "family:tableware": True})


def test_a_warning_becomes_an_error_and_a_fix_from_the_shell_is_noticed(
    world: World, loaded_instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    instance, store = loaded_instance, world.engine().store
    monkeypatch.setenv("CHECK_ERROR_ATTEMPTS", "2")
    attempt = Attempt("master", "run", store.mirror.moment())
    store.ledger.fail([Failed("category", "mugs", "VALD-1025", "Fix it.", attempt, retry=True)])
    hat = Blocked("product", world.uuid("straw-hat"), "missing_price", "Fix it.", attempt, object="products")
    store.ledger.block([hat])

    assert refresh(instance) == 3
    assert shown(instance, CATEGORIES) == (False, {"master": False})
    assert shown(instance, BLOCKED) == shown(instance, DELIVERED) == (False, {"family:accessories": False})
    assert evaluation(instance, CATEGORIES).severity == dg.AssetCheckSeverity.WARN
    store.ledger.fail([Failed("category", "mugs", "VALD-1025", "Fix it.", attempt, retry=True)])
    assert refresh(instance) == 1
    assert evaluation(instance, CATEGORIES).severity == dg.AssetCheckSeverity.ERROR

    assert requested(instance) == ""
    # A run of the same time may log a failure of a partition that this one has just materialized.
    instance.report_runless_asset_event(dg.AssetMaterialization(DELIVERED.asset_key, partition="family:accessories"))
    world.engine().sync_records("category", ["mugs"], force=True)
    world.engine().sync_records("product", ["straw-hat"], force=True)
    assert requested(instance) == "refresh_checks"
    assert refresh(instance) == 3
    assert [shown(instance, key)[0] for key in (CATEGORIES, BLOCKED, DELIVERED)] == [True, True, True]


def test_a_link_that_waits_for_more_than_a_day_fails_its_check(
    world: World, loaded_instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = world.engine().store
    store.links.keep({("product", world.uuid("straw-hat")): [Link("related", "product", "gone")]}, "family:accessories")
    assert refresh(loaded_instance) == 0

    later = time.time() + 90_000
    monkeypatch.setattr(time, "time", lambda: later)
    assert refresh(loaded_instance) == 1
    assert shown(loaded_instance, LINKS) == (False, {"family:accessories": False})
    assert evaluation(loaded_instance, LINKS).metadata["links"].value == 1


def test_a_field_that_is_not_stored_fails_its_check(world: World, loaded_instance: dg.DagsterInstance) -> None:
    record = ("product", world.uuid("straw-hat"))
    world.engine().store.links.keep({record: [not_stored("related_products")]}, "family:accessories")

    assert refresh(loaded_instance) == 1
    assert shown(loaded_instance, STORED) == (False, {"family:accessories": False})
    assert evaluation(loaded_instance, STORED).metadata["fields"].value == 1
    assert "1 fields not stored" in str(evaluation(loaded_instance, STORED).description)


@pytest.mark.parametrize(
    ("name", "attempts", "hours", "expected"),
    [
        ("all_delivered", 1, 1.0, False),
        ("all_delivered", 5, 0.1, True),
        ("nothing_blocked", 0, 25.0, True),
        ("links_complete", 0, 99.0, False),
    ],
)
def test_what_is_open_for_long_or_was_tried_often_is_an_error(
    name: str, attempts: int, hours: float, *, expected: bool
) -> None:
    (check,) = (each for each in CHECKS if each.name == name)

    assert is_error(check, Open(time.time() - hours * 3600, attempts=attempts), Settings()) is expected


def requested(instance: dg.DagsterInstance) -> str:
    """Return the job that the schedule requests; empty if it requests none."""
    with dg.build_schedule_context(instance=instance, scheduled_execution_time=datetime.now(timezone.utc)) as context:
        # Dagster gives only instances on files to schedules. It opens none while it has one.
        context._instance_ref = InstanceRef.from_dir(instance.root_directory)
        context._instance = instance  # type: ignore[assignment]  # of an attribute that starts as None
        data = REPOSITORY.get_schedule_def("refresh_checks_every_ten_minutes").evaluate_tick(context)
    assert data.run_requests or data.skip_message == "All checks are up to date."
    return "refresh_checks" if data.run_requests else ""
