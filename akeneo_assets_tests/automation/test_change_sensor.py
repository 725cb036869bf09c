"""The sensor ``akeneo_changes``: when it requests runs, which ones, and what a tick costs."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from datetime import datetime, timezone

import dagster as dg
import pytest

from akeneo_assets.automation.change_sensor import ChangesCursor
from akeneo_assets.automation.own_runs import OwnRuns
from akeneo_assets.automation.runs import BackOffCursor, is_over, latest_failure
from akeneo_assets.run_tags import CHANGED_SINCE_TAG
from akeneo_assets.sandbox.catalogue.records import value
from akeneo_assets.settings import Settings
from akeneo_assets.sync import connect as connecting
from akeneo_assets.sync.connect import connect
from akeneo_assets.sync.partition_keys import changes_key
from akeneo_assets_tests.automation.ticks import NAMES, REPOSITORY, Ticking, carry_out, put_run
from akeneo_assets_tests.runs import execute, failures, materializations
from akeneo_assets_tests.scenarios.world import World
from akeneo_assets_tests.shell import Shell

FAILED = dg.DagsterRunStatus.FAILURE
UNDER_WAY = [dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED]
OLD_KEY = "changes:2026-01-02T03"


def current_key() -> str:
    return changes_key(datetime.fromtimestamp(time.time(), timezone.utc))


def rename(world: World, sku: str = "straw-hat") -> str:
    """Rename a product, and return it."""
    name = f"{sku} {time.time_ns()}"
    world.edit.save_product(sku, {"values": {"name": [value(name, locale="de_DE")]}})
    return name


def rename_model(world: World, code: str = "linen-shirt") -> None:
    world.edit.save_model(code, {"values": {"name": [value(f"{code} {time.time_ns()}", locale="de_DE")]}})


def end_pause(changes: Ticking) -> None:
    changes.cursor = BackOffCursor.parse(changes.cursor).model_copy(update={"not_before": 0.0}).model_dump_json()


def test_a_poll_without_changes_sends_one_request_per_kind_and_starts_no_run(world: World, changes: Ticking) -> None:
    changes()
    before = world.sandbox.akeneo_counters.snapshot()["requests"]
    sent = world.sandbox.ipaas_counters.total

    assert changes.skipped() == "Nothing changed."

    after = world.sandbox.akeneo_counters.snapshot()["requests"]
    cost = {action: count - before.get(action, 0) for action, count in after.items() if count != before.get(action, 0)}
    assert cost == {"categories.list": 1, "product-models.list": 1, "products-uuid.list": 1}
    assert world.sandbox.ipaas_counters.total == sent


def test_a_changed_product_requests_one_run_and_is_reported(world: World, changes: Ticking) -> None:
    rename(world)

    data = changes()

    (request,) = data.run_requests or ()
    assert (request.job_name, request.partition_key) == ("changes", current_key())
    assert current_key() in changes.instance.get_dynamic_partitions("catalog_batches")
    (observation,) = (event for event in data.asset_events if event not in changes.beats)
    assert observation.asset_key == dg.AssetKey(["akeneo", "products"])
    assert observation.metadata["changed"].value == world.uuid("straw-hat")


def test_the_requested_run_delivers_the_change_and_can_be_repeated(world: World, changes: Ticking) -> None:
    until = world.engine().find_work().read_until["product"]
    name = rename(world)

    (request,) = changes().run_requests or ()

    config = request.run_config["ops"]
    since = config["akeneo__products"]["config"]["changed_since"]
    assert abs(datetime.fromisoformat(since.replace("Z", "+00:00")).timestamp() - until) < 1.0
    assert request.tags[CHANGED_SINCE_TAG] == since
    result = execute("changes", changes.instance, partition_key=request.partition_key, config=config)
    assert result.success
    assert world.product("straw-hat")["name"] == name
    assert materializations(result)["ipaas/products"]["updated"].value == 1
    assert changes.skipped() == "Nothing changed."

    assert current_key() not in changes.instance.get_dynamic_partitions("catalog_batches")
    again = execute(
        "changes",
        changes.instance,
        tags=result.dagster_run.tags,
        assets=["akeneo/products"],
        config={"akeneo__products": config["akeneo__products"]},
    )
    assert again.success
    for metadata in (materializations(each)["akeneo/products"] for each in (result, again)):
        assert metadata["read"].value >= 1
        assert str(metadata["window"].value).startswith(since.replace("T", " ").removesuffix("Z"))


def test_a_changed_model_and_its_category_request_separate_runs(world: World, changes: Ticking) -> None:
    rename_model(world)
    world.edit.save_category("sofas", {"labels": {"de_DE": f"Sofas {time.time_ns()}"}})

    assert changes.requested() == [("categories", "master"), ("changes", current_key())]


def test_a_changed_category_requests_only_its_tree(world: World, changes: Ticking) -> None:
    world.edit.save_category("sofas", {"labels": {"de_DE": f"Sofas {time.time_ns()}"}})

    requested = changes.requested()

    assert requested == [("categories", "master")]
    carry_out(world.engine(), requested)
    assert changes.skipped() == "Nothing changed."


def test_a_new_tree_requests_the_structure_first(world: World, changes: Ticking) -> None:
    world.edit.save_category("outlet", {"labels": {"de_DE": "Outlet"}})

    requested = changes.requested()

    assert requested == [("structure", None)]
    carry_out(world.engine(), requested, changes.instance)
    requested = changes.requested()
    assert requested == [("categories", "outlet")]
    carry_out(world.engine(), requested)
    assert changes.skipped() == "Nothing changed."
    assert world.category("outlet")


def test_the_structure_is_read_once_for_a_tree_that_akeneo_deleted(world: World, changes: Ticking) -> None:
    changes.instance.delete_dynamic_partition("category_trees", "master")
    world.edit.save_category("sofas", {"labels": {"de_DE": f"Sofas {time.time_ns()}"}})

    assert changes.requested() == [("structure", None)]
    assert changes.skipped() == "Nothing changed."


def test_no_run_is_queued_while_one_is_in_progress(world: World, changes: Ticking) -> None:
    rename(world)
    before = world.sandbox.akeneo_counters.total

    for job, status in zip(("changes", "categories", "structure"), UNDER_WAY, strict=True):
        run_id = put_run(changes.instance, job, status)
        assert "A run is in progress" in changes.skipped()
        changes.instance.delete_run(run_id)
    assert world.sandbox.akeneo_counters.total == before


def test_edits_take_priority_over_loading_and_re_mapping_families(world: World, changes: Ticking) -> None:
    rename(world)
    put_run(changes.instance, "deliver_due", dg.DagsterRunStatus.STARTED, "family:shoes")
    put_run(changes.instance, "full_load", dg.DagsterRunStatus.STARTED, "family:lamps")

    (request,) = changes().run_requests or ()

    assert request.job_name == "changes"
    assert int(request.tags["dagster/priority"]) > 0


def test_changes_during_a_run_are_found_together_afterwards(world: World, changes: Ticking) -> None:
    put_run(changes.instance, "changes", dg.DagsterRunStatus.STARTED, current_key())
    for sku in ("straw-hat", "mug-white"):
        rename(world, sku)
        changes.skipped()
    rename_model(world)
    changes.skipped()
    (run,) = changes.instance.get_runs()
    changes.instance.report_run_canceled(run)

    assert changes.requested() == [("changes", current_key())]


def test_the_pause_grows_with_failures_up_to_half_an_hour_and_ends_with_a_success(instance: dg.DagsterInstance) -> None:
    runs, back_off, now, pauses = OwnRuns(instance, NAMES), BackOffCursor(), time.time(), []
    for _ in range(7):
        put_run(instance, "changes", FAILED, current_key())
        back_off = back_off.after(latest_failure(runs, ["changes", "categories"]), now)
        assert back_off.after(latest_failure(runs, ["changes"]), now + 1) == back_off, "each failure counts once"
        pauses.append(round(back_off.not_before - now))
    assert pauses == [60, 120, 240, 480, 960, 1800, 1800]

    put_run(instance, "changes", dg.DagsterRunStatus.SUCCESS, current_key())
    back_off = back_off.after(latest_failure(runs, ["changes"]), now)
    assert back_off.skip_reason(now) is None
    put_run(instance, "changes", FAILED, current_key())
    assert back_off.after(latest_failure(runs, ["changes"]), now).failures == 1


def test_after_a_failure_nothing_is_requested_until_the_pause_is_over(world: World, changes: Ticking) -> None:
    rename(world)
    put_run(changes.instance, "changes", FAILED, current_key())

    message = changes.skipped()

    assert "in a row). The next retry is at" in message
    assert changes.skipped() == message
    end_pause(changes)
    assert changes.requested() == [("changes", current_key())]


def test_a_failed_tree_pauses_too(world: World, changes: Ticking) -> None:
    world.edit.save_category("sofas", {"labels": {"de_DE": f"Sofas {time.time_ns()}"}})
    put_run(changes.instance, "categories", FAILED, "master")

    assert "The next retry is at" in changes.skipped()


def test_a_renamed_option_arrives_without_reading_a_product(world: World, changes: Ticking) -> None:
    label = f"Salbei {time.time_ns()}"
    world.edit.save_option("color", "sage", {"labels": {"de_DE": label}})
    assert changes.skipped() == "Nothing changed.", "the structure was not read yet"
    world.engine().read_structure()

    requested = changes.requested()

    assert requested == [("deliver_due", current_key())]
    before = world.sandbox.akeneo_counters.total
    carry_out(world.engine(), requested)
    assert world.sandbox.akeneo_counters.total == before
    options = world.product("linen-shirt")["options"]
    assert label in {each["value"] for option in options for each in option["values"]}
    assert changes.skipped() == "Nothing changed."


def test_a_delivery_that_failed_is_left_to_the_retries(world: World, changes: Ticking) -> None:
    world.edit.save_option("color", "sage", {"labels": {"de_DE": f"Salbei {time.time_ns()}"}})
    world.engine().read_structure()
    requested = changes.requested()
    assert requested == [("deliver_due", current_key())]
    put_run(changes.instance, "deliver_due", FAILED, current_key())

    assert changes.skipped() == f"The delivery of {current_key()} failed; the sensor `retries` will retry it."

    carry_out(world.engine(), requested)
    assert changes.skipped() == "Nothing changed."


def test_a_product_of_a_new_family_requests_the_structure(world: World, changes: Ticking) -> None:
    rename(world)
    carry_out(world.engine(), changes.requested())
    edit, database = world.edit, world.sandbox.akeneo.database
    tableware = database.get("family", "tableware")
    assert tableware is not None
    database.put("family", {**tableware, "code": "cutlery"})
    edit.save_product("fork", {"family": "cutlery", "values": {"name": [value("Gabel", locale="de_DE")]}})

    assert changes.requested() == [("changes", current_key()), ("structure", None)]
    carry_out(world.engine(), [("structure", None)], changes.instance)
    requested = changes.requested()
    assert requested == [("changes", current_key())]
    carry_out(world.engine(), requested)
    assert world.product("fork")["name"] == "Gabel"


def test_an_invalid_time_in_the_config_is_reported(world: World, instance: dg.DagsterInstance) -> None:
    del world
    instance.add_dynamic_partitions("catalog_batches", [OLD_KEY])
    config = {"akeneo__products": {"config": {"changed_since": "yesterday"}}}

    result = execute("changes", instance, partition_key=OLD_KEY, config=config)

    assert any("changed_since: 'yesterday' is not a valid time" in message for message in failures(result))


def test_an_invalid_cursor_is_replaced(world: World, changes: Ticking) -> None:
    for cursor in ("", "2026-01-02T03:04:05", '{"version": 0, "failures": "many"}', "[]"):
        assert ChangesCursor.parse(cursor) == ChangesCursor()
    rename(world)
    changes.cursor = "2026-01-02T03:04:05"

    assert changes.requested() == [("changes", current_key())]
    assert BackOffCursor.parse(changes.cursor) == BackOffCursor()


def test_before_the_first_load_it_says_what_to_do(shell: Shell, changes: Ticking) -> None:
    shell.set({"AKENEO_ASSETS_DATABASE_URL": f"sqlite:///{shell.folder / 'empty.db'}"})
    assert "Materialize the asset akeneo/structure first" in changes.skipped()

    carry_out(connect(Settings.from_environment(_env_file=None), run_id="structure"), [("structure", None)])
    assert "Run akeneo-assets sync full, or backfill" in changes.skipped()


def test_an_outage_of_akeneo_is_reported_and_the_sensor_recovers(world: World, changes: Ticking) -> None:
    rename(world)
    # One bad response is skipped; an outage lasts.
    outage = world.sandbox.akeneo_faults.add("server_error", times=None)
    started = time.monotonic()

    message = changes.skipped()

    assert message.startswith("Akeneo could not be reached: ")
    assert outage.fired < 20
    assert time.monotonic() - started < 10, "Dagster gives a sensor a minute"
    world.sandbox.akeneo_faults.clear()
    assert changes.requested() == [("changes", current_key())]


def test_the_run_starts_even_if_akeneo_is_too_slow_for_the_tick(
    world: World, changes: Ticking, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename(world)
    monkeypatch.setattr(connecting, "_FAIL_FAST_SECONDS", (5.0, 0.5))
    world.sandbox.akeneo_faults.add("slow", action="products-uuid.list", seconds=1.0, times=None)

    requested = changes.requested()

    assert requested == [("changes", current_key())]
    carry_out(world.engine(), requested)
    world.sandbox.akeneo_faults.clear()
    assert changes.skipped() == "Nothing changed."


def test_wrong_settings_are_reported(world: World, shell: Shell, changes: Ticking) -> None:
    shell.set({"AKENEO_API_URL": "not an address"})
    assert "AKENEO_API_URL" in changes.skipped()

    shell.set({**world.environment(), "AKENEO_PASSWORD": "wrong"})
    assert "AKENEO_PASSWORD" in changes.skipped()


def test_while_the_throttle_is_exhausted_nothing_is_requested(world: World, shell: Shell, changes: Ticking) -> None:
    # A separate state, because the limit is part of it.
    shared = world.database_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(shared)) as state, closing(sqlite3.connect(shell.folder / "state.db")) as copy:
        state.backup(copy)
        copy.executescript("DELETE FROM budget_slot; DELETE FROM budget;")
    shell.set(
        {
            "AKENEO_ASSETS_DATABASE_URL": f"sqlite:///{shell.folder / 'state.db'}",
            "AKENEO_API_THROTTLE_LIMIT": "3",
            "AKENEO_API_THROTTLE_SECONDS": "2",
        }
    )
    rename(world)
    with closing(connect(Settings.from_environment(_env_file=None), run_id="other")) as other:
        other.akeneo.system_information()
        before = world.sandbox.akeneo_counters.total

        assert "throttle is exhausted" in changes.skipped()
        assert world.sandbox.akeneo_counters.total == before

        while other.is_throttled():
            time.sleep(0.05)
        assert changes.requested() == [("changes", current_key())]


def test_the_default_limit_is_enough_for_a_day_of_polls() -> None:
    from akeneo_assets.sync.read.changes import PROBE_REQUESTS

    settings = Settings.from_environment(_env_file=None)
    interval = float(REPOSITORY.get_sensor_def("akeneo_changes").minimum_interval_seconds or 0)
    share = PROBE_REQUESTS / interval / (settings.akeneo_api_throttle_limit / settings.akeneo_api_throttle_seconds)
    assert share < 0.05


def test_a_pause_that_began_while_the_clock_was_ahead_is_ignored() -> None:
    now = 1_800_000_000.0
    ends = {"began just now": now + 1800.0, "over": now - 1.0, "began an hour ahead": now + 3601.0}
    assert {name: is_over(end, now) for name, end in ends.items()} == {
        "began just now": False,
        "over": True,
        "began an hour ahead": True,
    }
