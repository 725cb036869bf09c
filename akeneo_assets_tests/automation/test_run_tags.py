"""The tags of runs: a run that uses another mapping than the sensor that started it says so."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import dagster as dg

from akeneo_assets.assets.run_config import tags_of
from akeneo_assets.run_tags import CHANGED_SINCE_TAG, MAPPING_TAG
from akeneo_assets.sync.batches import batch_of
from akeneo_assets_tests.automation.ticks import Ticking
from akeneo_assets_tests.runs import execute, instance
from akeneo_assets_tests.scenarios.world import World
from akeneo_assets_tests.shell import Shell

WARNING = "The mapping of this run differs"


def test_a_run_of_changes_carries_the_start_of_its_window() -> None:
    batch = batch_of("changes:2026-11-23T10", since={"products": 1_795_430_110.0, "product_models": 1_795_430_105.9})
    assert tags_of(batch, "rules")[CHANGED_SINCE_TAG] == "2026-11-23T10:35:05Z"
    assert CHANGED_SINCE_TAG not in tags_of(batch_of("family:shoes"), "rules")


def warnings(opened: dg.DagsterInstance, tags: Mapping[str, str]) -> list[str]:
    """Execute a run that was started with these tags, and return its warnings about the mapping."""
    result = execute("structure", opened, tags=tags)
    assert result.success
    return [entry.message for entry in opened.all_logs(result.run_id) if WARNING in entry.message]


def test_a_run_with_another_mapping_than_its_sensor_says_so(
    world: World, shell: Shell, mapping: Ticking, tmp_path: Path
) -> None:
    path = tmp_path / "mapping.yaml"
    path.write_text("product: {custom_fields: {attributes: [brand]}}\n", encoding="utf-8")
    shell.set({"AKENEO_ASSETS_MAPPING": str(path)})
    (request, *_) = mapping().run_requests or ()
    assert request.tags[MAPPING_TAG] == world.engine(akeneo_assets_mapping=str(path)).rules_fingerprint

    with instance(str(tmp_path)) as opened:
        assert warnings(opened, request.tags) == []
        assert warnings(opened, {}) == []
        path.write_text("product: {custom_fields: {attributes: [material]}}\n", encoding="utf-8")
        (warning,) = warnings(opened, request.tags)
    assert "Deploy the same mapping file" in warning
    # Nothing is lost: the sensor finds the records that the run did not map.
    assert mapping().run_requests
