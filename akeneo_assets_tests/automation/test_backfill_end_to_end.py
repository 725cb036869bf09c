"""A real backfill of everything, by the real daemon: objects in order, and two families a run."""

from __future__ import annotations

from typing import Final

import pytest

from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets.sync.batches import batch_of
from akeneo_assets_tests.dagster_dev import running_dagster_dev
from akeneo_assets_tests.shell import Shell, environment_without, keep_families

_SECONDS: Final = 240
_FAMILIES: Final = ["family:accessories", "family:sets", "family:sofas", "family:~none"]


@pytest.mark.exhaustive
@pytest.mark.timeout(600)
def test_a_backfill_of_all_families_sends_each_record_once_in_few_runs(shell: Shell) -> None:
    # It takes two minutes, because the daemon looks for the next stage every thirty seconds.
    with Sandbox() as sandbox:
        keep_families(sandbox, "accessories", "sets", "sofas")
        shell.use(sandbox)
        shell.set({"AKENEO_ASSETS_PARTITIONS_PER_RUN": "2"})
        with running_dagster_dev(shell.folder, environment_without()) as dagster:
            structure = dagster.launch("structure")
            dagster.wait(
                "the structure",
                lambda: any(run.run_id == structure and run.status == "SUCCESS" for run in dagster.runs()) or None,
                _SECONDS,
            )
            everything = ["/".join(step) for step in batch_of(_FAMILIES[0]).steps]
            backfill = dagster.backfill_assets(everything, _FAMILIES)

            dagster.wait("its end", lambda: dagster.backfill_status(backfill) == "COMPLETED_SUCCESS" or None, _SECONDS)

            for asset in everything:
                assert sorted(dagster.materialized(*asset.split("/"))) == _FAMILIES
            runs = [run for run in dagster.runs() if run.tags.get("dagster/backfill") == backfill]
            assert len(runs) == 8, "two for each of the four stages"
            assert {run.status for run in runs} == {"SUCCESS"}
        skus = [product["sku"] for product in sandbox.ipaas.products()]
        assert len(skus) == len(set(skus)) > 0
