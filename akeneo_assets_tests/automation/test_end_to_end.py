"""A real ``dagster dev``: edits in Akeneo arrive in iPaaS.com automatically, and then no more runs start."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Final

import pytest

from akeneo_assets.sandbox.catalogue.records import value
from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets_tests.dagster_dev import DagsterDev, Run, running_dagster_dev
from akeneo_assets_tests.scenarios.polling import Clock
from akeneo_assets_tests.scenarios.small_world import SmallWorld, loaded_state
from akeneo_assets_tests.shell import Shell, environment_without

# Speed is measured by benchmarks/freshness.py; this test must also pass on a busy machine.
_SECONDS: Final = 120
_ENDED: Final = {"SUCCESS", "FAILURE", "CANCELED"}


def edit(sandbox: Sandbox) -> None:
    """Edit a product, a model and an option."""
    name = {"values": {"name": [value("Neuer Name", locale="de_DE")]}}
    sandbox.akeneo.edit.save_product("straw-hat", name)
    sandbox.akeneo.edit.save_model("linen-shirt", name)
    sandbox.akeneo.edit.save_option("color", "sage", {"labels": {"de_DE": "Salbeigrün"}})


def names(sandbox: Sandbox) -> dict[str, str]:
    return {product["sku"]: product["name"] for product in sandbox.ipaas.products()}


def labels(sandbox: Sandbox) -> set[str]:
    options = [option for product in sandbox.ipaas.products() for option in product.get("options") or ()]
    return {each["value"] for option in options for each in option["values"]}


def true(condition: Callable[[], bool]) -> Callable[[], bool | None]:
    return lambda: condition() or None


def quiet(dagster: DagsterDev) -> list[Run] | None:
    """Return all runs, once none is in progress and the sensors have found nothing more to do."""
    runs = dagster.runs()
    if any(run.status not in _ENDED for run in runs):
        return None
    last = max(run.ended or 0.0 for run in runs)
    changes, mapping = (
        [tick["status"] for tick in dagster.ticks(name) if tick["timestamp"] > last]
        for name in ("akeneo_changes", "mapping_changes")
    )
    return runs if changes[:1] == mapping[:1] == ["SKIPPED"] else None


@pytest.mark.end_to_end
@pytest.mark.timeout(600)
def test_edits_arrive_automatically_and_then_no_run_starts(shell: Shell) -> None:
    folder = shell.folder / "world"
    shutil.copytree(loaded_state(), folder)
    with SmallWorld(folder, Clock()) as world:
        sandbox = world.sandbox
        shell.set(world.environment())
        # As a user turns it on: Dagster reads the file for itself and everything that it starts.
        (shell.folder / ".env").write_text("AKENEO_ASSETS_AUTOMATION=1\n", encoding="utf-8")
        with running_dagster_dev(shell.folder, environment_without("AKENEO_ASSETS_AUTOMATION")) as dagster:
            assert set(dagster.switches().values()) == {"RUNNING"}
            edit(sandbox)
            # The structure is read every ten minutes, or on request.
            dagster.launch("structure")

            dagster.wait("the names", true(lambda: names(sandbox)["straw-hat"] == "Neuer Name"), _SECONDS)
            dagster.wait("the names", true(lambda: names(sandbox)["linen-shirt"] == "Neuer Name"), _SECONDS)
            dagster.wait("the label", true(lambda: "Salbeigrün" in labels(sandbox)), 2 * _SECONDS)

            runs = dagster.wait("rest", lambda: quiet(dagster), 2 * _SECONDS)
            assert {run.status for run in runs} == {"SUCCESS"}
            assert {run.job for run in runs} <= {"structure", "changes", "deliver_due", "categories"}
            # One run for all edits; a second one if the hour changed or a label was edited in between.
            keys = [run.partition_key for run in runs if run.job == "changes"]
            assert 1 <= len(keys) <= 2
            # Its partition is removed once it is synced, so that backfills target families only.
            is_removed = true(lambda: set(keys).isdisjoint(dagster.materialized("ipaas", "products")))
            dagster.wait("the removal of the hour", is_removed, _SECONDS)
