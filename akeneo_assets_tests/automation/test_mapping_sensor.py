"""The sensor ``mapping_changes``: a changed mapping file re-maps existing records without reading them."""

from __future__ import annotations

import time
from pathlib import Path

import dagster as dg
import pytest

from akeneo_assets.automation.mapping_sensor import MappingCursor
from akeneo_assets_tests.automation.ticks import Ticking, carry_out, put_run
from akeneo_assets_tests.runs import execute, failures, materializations
from akeneo_assets_tests.scenarios.polling import remap
from akeneo_assets_tests.scenarios.world import World
from akeneo_assets_tests.shell import Shell

MAPPING = "product:\n  custom_fields:\n    fields:\n      Source: {static: Akeneo}\n"
AS_BEFORE = "The mapping has not changed."


@pytest.fixture
def changed(shell: Shell, mapping: Ticking) -> Path:
    """A mapping file with a new line since the last tick."""
    mapping()
    path = shell.folder / "mapping.yaml"
    path.write_text(MAPPING, encoding="utf-8")
    shell.set({"AKENEO_ASSETS_MAPPING": str(path)})
    return path


def requests_of(world: World) -> int:
    return sum(
        count
        for action, count in world.sandbox.akeneo_counters.snapshot()["requests"].items()
        if action.startswith(("products", "product-models"))
    )


def test_an_unchanged_mapping_requests_nothing(world: World, mapping: Ticking) -> None:
    assert "All records are mapped" in mapping.skipped()
    before = world.sandbox.akeneo_counters.total

    assert mapping.skipped() == AS_BEFORE
    assert world.sandbox.akeneo_counters.total == before


@pytest.mark.usefixtures("changed")
def test_a_changed_mapping_file_maps_every_family_and_tree_again(world: World, mapping: Ticking) -> None:
    requested = mapping.requested()

    families = {str(key).removeprefix("family:") for job, key in requested if job == "deliver_due"}
    assert {"clothing", "sofas", "accessories"} <= families
    assert {key for job, key in requested if job == "categories"} == set(world.engine().category_roots())


@pytest.mark.usefixtures("changed")
def test_records_that_the_mapping_changes_arrive_without_reading_a_product(world: World, mapping: Ticking) -> None:
    assert ("deliver_due", "family:accessories") in mapping.requested()
    before = requests_of(world)

    result = execute("deliver_due", mapping.instance, partition_key="family:accessories")

    assert result.success, failures(result)
    assert materializations(result)["catalog/products"]["reasons"].value == {"mapping changed": 2}
    assert {"custom_field_name": "Source", "value": "Akeneo"} in world.product("straw-hat")["custom_fields"]
    assert requests_of(world) == before


def test_options_that_a_mapping_newly_needs_are_read_first(world: World, changed: Path, mapping: Ticking) -> None:
    changed.write_text("product: {custom_fields: {fields: {Season: season}}}", encoding="utf-8")

    requested = mapping.requested()

    assert requested == [("structure", None)]
    carry_out(world.engine(akeneo_assets_mapping=str(changed)), requested)
    assert ("deliver_due", "family:accessories") in mapping.requested()


def test_when_the_runs_are_done_nothing_more_is_requested(world: World, changed: Path, mapping: Ticking) -> None:
    assert mapping.requested()
    remap(world.engine(akeneo_assets_mapping=str(changed)))

    mapping.cursor = _pause_over(mapping)
    assert "All records are mapped" in mapping.skipped()
    assert mapping.skipped() == AS_BEFORE


def test_a_family_is_read_again_only_if_the_mapping_needs_more_data(
    world: World, shell: Shell, mapping: Ticking
) -> None:
    mapping()
    path = shell.folder / "mapping.yaml"
    path.write_text("product: {custom_fields: {fields: {P: {field: pictures, form: link}}}}", encoding="utf-8")
    shell.set({"AKENEO_ASSETS_MAPPING": str(path)})
    world.engine(akeneo_assets_mapping=str(path)).read_structure()
    requested = mapping.requested()
    assert ("full_load", "family:accessories") in requested
    assert ("deliver_due", "family:accessories") not in requested

    carry_out(world.engine(akeneo_assets_mapping=str(path)), [("full_load", "family:accessories")])

    link = "https://assets.akeneo.example/product_pictures/file/linen_field.jpg"
    assert {"custom_field_name": "P", "value": link} in world.product("straw-hat")["custom_fields"]
    mapping.cursor = _pause_over(mapping)
    left = mapping.requested()
    assert ("full_load", "family:sofas") in left
    assert "family:accessories" not in {key for _, key in left}


@pytest.mark.usefixtures("changed")
def test_a_tree_that_akeneo_deleted_is_not_requested(mapping: Ticking) -> None:
    mapping.instance.delete_dynamic_partition("category_trees", "collections")

    assert ("categories", "collections") not in mapping.requested()


@pytest.mark.usefixtures("changed")
def test_the_pause_doubles_while_records_keep_outdated_rules(mapping: Ticking) -> None:
    first = mapping.requested()
    put_run(mapping.instance, "deliver_due", dg.DagsterRunStatus.FAILURE, "family:clothing")
    assert "retried later" in mapping.skipped()

    mapping.cursor = _pause_over(mapping)
    assert mapping.requested() == first
    cursor = MappingCursor.parse(mapping.cursor)
    assert cursor.times == 2
    assert cursor.not_before - time.time() > 100


@pytest.mark.usefixtures("changed")
def test_the_sensor_waits_for_a_run_in_progress(mapping: Ticking) -> None:
    put_run(mapping.instance, "deliver_due", dg.DagsterRunStatus.STARTED, "family:shoes")

    assert mapping.skipped() == "A run is in progress."


def test_an_invalid_mapping_is_reported(shell: Shell, mapping: Ticking) -> None:
    path = shell.folder / "mapping.yaml"
    path.write_text("settings:\n  price_attribute: no_such_attribute\n", encoding="utf-8")
    shell.set({"AKENEO_ASSETS_MAPPING": str(path)})

    assert "no_such_attribute" in mapping.skipped()


def test_an_invalid_cursor_is_replaced(mapping: Ticking) -> None:
    mapping.cursor = "a cursor of another version"

    assert "All records are mapped" in mapping.skipped()
    assert mapping.skipped() == AS_BEFORE


def _pause_over(mapping: Ticking) -> str:
    return MappingCursor.parse(mapping.cursor).model_copy(update={"not_before": 0.0}).model_dump_json()
