"""A state database and a Dagster history of the version before there were subscriptions go on with this one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.selector import InstigatorSelector

from akeneo_assets.cli.instance import open_instance
from akeneo_assets.sandbox.catalogue.records import value
from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets_tests.shell import Shell, writes
from akeneo_assets_tests.subscriptions.archive import RUNS, unpacked


@pytest.fixture
def sandbox(shell: Shell) -> Iterator[Sandbox]:
    """Akeneo and iPaaS.com as they were; the state and the history are in the working directory."""
    with unpacked(shell.folder) as sandbox:
        shell.use(sandbox)
        shell.set({"AKENEO_ASSETS_DATABASE_URL": f"sqlite:///{shell.folder / 'state.db'}"})
        yield sandbox


def _cursors(instance: dg.DagsterInstance, names: tuple[str, ...]) -> dict[str, str]:
    """Return the stored cursors that sensors with these names go on from."""
    found = {}
    for name in names:
        selector = InstigatorSelector(location_name="akeneo_assets", repository_name="__repository__", name=name)
        for state in instance.all_instigator_state():
            data: Any = state.instigator_data
            if state.selector_id == selector.get_id() and data.cursor:
                found[name] = data.cursor
    return found


def test_nothing_is_sent_again_and_history_and_cursors_go_on(shell: Shell, sandbox: Sandbox) -> None:
    with open_instance() as instance:
        assert len(instance.get_runs()) == RUNS
        assert set(_cursors(instance, ("akeneo_changes", "mapping_changes"))) == {"akeneo_changes", "mapping_changes"}
        assert "family:accessories" in instance.get_materialized_partitions(dg.AssetKey(["ipaas", "products"]))

    assert shell.call("sync", "changes").code == 0
    assert writes(sandbox) == {}

    sandbox.akeneo.edit.save_product("straw-hat", {"values": {"name": [value("Strohhut", locale="de_DE")]}})
    assert shell.call("sync", "changes").code == 0
    assert [product["name"] for product in sandbox.ipaas.products()] == ["Strohhut"]
    assert writes(sandbox) == {"product.replace": 1}
    with open_instance() as instance:
        assert len(instance.get_runs()) > RUNS


@pytest.mark.end_to_end
def test_a_backup_of_the_earlier_version_goes_on_in_a_new_place(shell: Shell, sandbox: Sandbox) -> None:
    assert shell.call("db", "backup", "backup.db").code == 0
    shell.set({"AKENEO_ASSETS_DATABASE_URL": f"sqlite:///{shell.folder / 'new.db'}"})
    assert shell.call("db", "restore", "backup.db").code == 0
    assert shell.call("sync", "full").code == 0
    assert writes(sandbox) == {}
