"""What is open stays open through runs that do not touch it, and closes with the run that fixes it."""

from __future__ import annotations

from pathlib import Path

from akeneo_assets.store.open_problems import OpenCounts
from akeneo_assets.store.records import Scope
from akeneo_assets_tests.scenarios.world import World

NOTHING = OpenCounts(0, 0, None)


def test_a_failure_is_open_until_it_is_fixed_whatever_other_runs_do(synced: World, tmp_path: Path) -> None:
    refused = tmp_path / "refused.yaml"
    refused.write_text("product: {status: {static: Sometimes}}", encoding="utf-8")
    synced.engine(akeneo_assets_mapping=str(refused)).sync_records("product", ["mug-white"])
    synced.edit.save_product(synced.uuid("straw-hat"), {"enabled": False})
    synced.engine().sync_records("product", ["straw-hat"])

    problems = synced.engine().store.open_problems

    ((problem,),) = problems.all("products")
    assert (problem.kind, problem.key, problem.sku) == ("product", synced.uuid("mug-white"), "mug-white")
    assert (problem.state, problem.code, problem.attempts) == ("failed", "VALD-1025", 1)
    assert problem.message
    product = synced.sandbox.akeneo.database.get("product", problem.key)
    assert product is not None
    assert problems.counts("products", Scope(family=product["family"])) == OpenCounts(1, 0, problem.failed_at)
    assert problems.counts("products", Scope(family="other")) == NOTHING
    assert problems.counts("bundles") == NOTHING
    assert problems.counts("variants") == NOTHING
    synced.engine().sync_records("product", ["mug-white"])
    assert list(problems.all()) == []
