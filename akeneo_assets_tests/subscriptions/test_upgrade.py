"""A state database and a Dagster history of the version before there were subscriptions go on with this one."""

from __future__ import annotations

import json
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import dagster as dg
import pytest
from dagster._core.definitions.selector import InstigatorSelector

from akeneo_assets.cli.instance import open_instance
from akeneo_assets.sandbox.catalogue.records import Record, value
from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets_tests.scenarios.world import World, full_load
from akeneo_assets_tests.shell import Shell, writes

_BEFORE: Final = Path(__file__).parent / "before_subscriptions.tar.xz"
"""One product and its categories, after a full load from the shell and an edit that a sensor found."""

_RUNS: Final = 9


@pytest.fixture
def sandbox(shell: Shell, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """Akeneo and iPaaS.com as they were; the state and the history are in the working directory."""
    with tarfile.open(_BEFORE) as archive:
        archive.extractall(shell.folder, filter="data")
    records: dict[str, list[Any]] = json.loads((shell.folder / "records.json").read_text(encoding="utf-8"))
    with Sandbox(catalogue="empty") as sandbox:
        sandbox.akeneo.database.load(Record(kind, each) for kind, documents in records.items() for each in documents)
        sandbox.akeneo.index.rebuild()
        # The records get the ids that they had.
        full_load(World(sandbox, tmp_path_factory.mktemp("load")).engine(ipaas_concurrent_connections=1))
        sandbox.ipaas_counters.reset()
        shell.use(sandbox)
        shell.set({"AKENEO_ASSETS_DATABASE_URL": f"sqlite:///{shell.folder / 'state.db'}"})
        with closing(sqlite3.connect(shell.folder / "state.db")) as state, state:
            # The servers have other ports now.
            for name, api in (("akeneo_url", "AKENEO_API_URL"), ("ipaas_url", "IPAAS_API_URL")):
                state.execute("UPDATE identity SET value = ? WHERE name = ?", (sandbox.environment()[api], name))
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
        assert len(instance.get_runs()) == _RUNS
        assert set(_cursors(instance, ("akeneo_changes", "mapping_changes"))) == {"akeneo_changes", "mapping_changes"}
        assert "family:accessories" in instance.get_materialized_partitions(dg.AssetKey(["ipaas", "products"]))

    assert shell.call("sync", "changes").code == 0
    assert writes(sandbox) == {}

    sandbox.akeneo.edit.save_product("straw-hat", {"values": {"name": [value("Strohhut", locale="de_DE")]}})
    assert shell.call("sync", "changes").code == 0
    assert [product["name"] for product in sandbox.ipaas.products()] == ["Strohhut"]
    assert writes(sandbox) == {"product.replace": 1}
    with open_instance() as instance:
        assert len(instance.get_runs()) > _RUNS
