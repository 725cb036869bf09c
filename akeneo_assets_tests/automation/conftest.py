from __future__ import annotations

import shutil
import socketserver
from collections.abc import Iterator
from http.server import HTTPServer
from pathlib import Path

import dagster as dg
import pytest

from akeneo_assets.settings import DATABASE_SETTING, AlertSettings
from akeneo_assets.store.store import Store
from akeneo_assets_tests.automation.alert_servers import Hook, Mail, serving
from akeneo_assets_tests.automation.ticks import REPOSITORY, Ticking, add_partitions
from akeneo_assets_tests.scenarios.polling import Clock
from akeneo_assets_tests.scenarios.small_world import SmallWorld, loaded_state
from akeneo_assets_tests.scenarios.world import World
from akeneo_assets_tests.shell import Shell
from akeneo_assets_tests.state import put_empty_state


@pytest.fixture
def world(tmp_path: Path, shell: Shell) -> Iterator[World]:
    """A part of the sample catalogue with everything delivered, and the settings that point to it."""
    folder = tmp_path / "world"
    shutil.copytree(loaded_state(shows_all=False), folder)
    with SmallWorld(folder, Clock(), shows_all=False) as world:
        shell.set(world.environment())
        yield world


@pytest.fixture(scope="package")
def _instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as opened:
        yield opened


@pytest.fixture
def instance(_instance: dg.DagsterInstance) -> dg.DagsterInstance:
    """An instance without any run."""
    _instance.wipe()
    return _instance


@pytest.fixture
def loaded_instance(world: World, instance: dg.DagsterInstance) -> dg.DagsterInstance:
    """An instance with the partitions of the sample catalogue."""
    add_partitions(world.engine(), instance)
    return instance


@pytest.fixture
def changes(loaded_instance: dg.DagsterInstance) -> Ticking:
    """The sensor of changes."""
    return Ticking(REPOSITORY.get_sensor_def("akeneo_changes"), loaded_instance)


@pytest.fixture
def mapping(loaded_instance: dg.DagsterInstance) -> Ticking:
    """The sensor of mapping changes."""
    return Ticking(REPOSITORY.get_sensor_def("mapping_changes"), loaded_instance)


@pytest.fixture
def retrying(loaded_instance: dg.DagsterInstance) -> Ticking:
    """The sensor of retries."""
    return Ticking(REPOSITORY.get_sensor_def("retries"), loaded_instance)


@pytest.fixture
def store(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """An empty state, without any channel for alerts."""
    for name in AlertSettings.model_fields:
        if "alert" in name:
            monkeypatch.delenv(name.upper(), raising=False)
    put_empty_state(shell.folder / "state.db")
    url = f"sqlite:///{shell.folder / 'state.db'}"
    shell.set({DATABASE_SETTING: url})
    opened = Store.open(url)
    yield opened
    opened.close()


@pytest.fixture
def alerting(store: Store, instance: dg.DagsterInstance) -> Ticking:
    """The sensor of alerts."""
    del store
    return Ticking(REPOSITORY.get_sensor_def("alerts"), instance)


@pytest.fixture
def hook() -> Iterator[tuple[type[Hook], str]]:
    """A webhook, and its URL."""
    handler = type("_Hook", (Hook,), {"bodies": [], "status": 200, "accepted": "/secret-path"})
    with serving(HTTPServer(("127.0.0.1", 0), handler)) as address:
        yield handler, f"http://{address}/secret-path"


@pytest.fixture
def mail() -> Iterator[tuple[type[Mail], str]]:
    """A mail server without users, and its URL."""
    handler = type("_Mail", (Mail,), {"texts": [], "logins": [], "password": None, "tls": None})
    with serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler)) as address:
        yield handler, f"smtp://{address}"
