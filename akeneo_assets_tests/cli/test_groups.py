"""Several small families are one run of the command line, and each of them is still synced and shown by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import dagster as dg
import pytest

from akeneo_assets.cli.groups import LARGEST, grouped
from akeneo_assets.cli.instance import open_instance
from akeneo_assets.run_tags import PARTITIONS_TAG
from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets.sync.batches import Batch, batch_of
from akeneo_assets_tests.shell import Shell, keep_families

HOUR: Final = "changes:2026-11-25T15"
MANY: Final = [f"family:{number:04d}" for number in range(1_000)]


def keys_of(groups: list[tuple[Batch, ...]]) -> list[list[str | None]]:
    return [[batch.partition_key for batch in group] for group in groups]


def test_small_families_share_a_run_and_large_ones_have_their_own() -> None:
    families = ["family:a", "family:b", "family:c", "family:d"]
    records = {"family:b": 9_000}

    found = grouped([batch_of(key) for key in families], families, records, processes=1)

    assert keys_of(found) == [["family:b"], ["family:a"], ["family:c", "family:d"]]


def test_a_run_has_only_partitions_that_dagster_knows_as_a_range() -> None:
    batches = [batch_of("family:c"), batch_of("family:a"), batch_of("family:b")]

    found = grouped(batches, ["family:a", HOUR, "family:b", "family:c"], {}, processes=1)

    assert keys_of(found) == [["family:a"], ["family:b", "family:c"]]


def test_a_run_does_the_same_with_all_its_partitions() -> None:
    batches = [batch_of("family:a"), batch_of("family:b", reads=False)]

    assert len(grouped(batches, ["family:a", "family:b"], {}, processes=1)) == 2


def test_every_process_has_work_and_no_run_is_too_long() -> None:
    for count in (1, 3, 4, 40, 1_000):
        batches = [batch_of(key) for key in MANY[:count]]
        found = grouped(batches, MANY, {}, processes=4)

        assert {key for keys in keys_of(found) for key in keys} == set(MANY[:count])
        assert sum(map(len, found)) == count
        assert len(found) >= min(count, 4)
        assert max(map(len, found)) <= LARGEST


def test_the_first_runs_are_short_so_that_sending_starts_soon() -> None:
    found = grouped([batch_of(key) for key in MANY[:40]], MANY, {}, processes=2)

    assert list(map(len, found[:2])) == [1, 1]
    assert len(found[2]) > 1


def test_a_batch_without_partition_is_a_run() -> None:
    structure = Batch("structure", reads=("structure",))

    assert grouped([structure], [], {}, processes=4) == [(structure,)]


@pytest.mark.end_to_end
def test_if_a_family_fails_the_others_of_its_run_are_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Sandbox() as sandbox:
        keep_families(sandbox, "sets", "shoes", "tableware")
        shell = Shell(tmp_path, monkeypatch)
        shell.use(sandbox)
        sandbox.akeneo_faults.add("server_error", path="shoes", action="products-uuid.list", status=422, times=None)

        called = shell.call("sync", "family", "sets", "shoes", "tableware")

    assert called.code == 1
    assert [line for line in called.errors.splitlines() if line.startswith("full_load")] == [
        "full_load family:sets: done",
        "full_load family:shoes to family:tableware (2 partitions): failed. Each partition is now synced by itself.",
        "full_load family:shoes: failed",
        "full_load family:tableware: done",
    ]
    with open_instance() as instance:
        tags = [run.tags.get(PARTITIONS_TAG) for run in instance.get_runs()]
        assert "family:shoes to family:tableware (2 partitions)" in tags, "the list of runs shows its partitions"
        assert instance.get_materialized_partitions(dg.AssetKey(["ipaas", "products"])) == {
            "family:sets",
            "family:tableware",
        }
