"""The package works installed as a wheel, from any working directory, with only environment variables set."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets_tests.shell import Shell, keep_families, writes

pytestmark = pytest.mark.end_to_end

ROOT: Final = Path(__file__).parent.parent.parent

LOAD: Final = """
import akeneo_assets, dagster
from akeneo_assets.definitions import defs
dagster.Definitions.validate_loadable(defs)
print(akeneo_assets.__file__)
"""


@dataclass
class Installed:
    """The wheel in its own folder."""

    wheel: Path
    folder: Path

    def run(self, *command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": str(self.folder)}
        return subprocess.run(
            list(map(str, command)), cwd=cwd, env=environment, capture_output=True, text=True, check=False
        )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    built, folder = tmp_path_factory.mktemp("wheel"), tmp_path_factory.mktemp("installed")
    for command in (
        ["hatchling", "build", "-t", "wheel", "-d", str(built)],
        ["pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(folder), "--find-links", str(built)],
    ):
        package = ["akeneo_assets"] if command[0] == "pip" else []
        subprocess.run([sys.executable, "-m", *command, *package], cwd=ROOT, check=True, capture_output=True)
    (wheel,) = built.glob("*.whl")
    return Installed(wheel, folder)


WITH_EXTRAS: Final = """
import psycopg2, opentelemetry.trace
from dagster_k8s import K8sRunLauncher
from dagster_postgres import DagsterPostgresStorage
import akeneo_assets
from akeneo_assets.definitions import defs
assert list(defs.resolve_asset_graph().materializable_asset_keys)
print(akeneo_assets.__file__)
"""


def installed_in(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.exhaustive
@pytest.mark.timeout(900)
def test_the_wheel_and_all_extras_install_into_a_new_environment(installed: Installed, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "new")], check=True)
    python = tmp_path / "new" / "bin" / "python"
    wheel = f"{installed.wheel}[postgres,otel,k8s]"
    subprocess.run([python, "-m", "pip", "install", "--quiet", wheel], check=True, cwd=tmp_path)

    loaded = installed_in(tmp_path, str(python), "-c", WITH_EXTRAS)
    shown = installed_in(tmp_path, str(python.with_name("akeneo-assets")), "--version")

    assert loaded.returncode == 0, loaded.stderr
    assert Path(loaded.stdout.strip()).is_relative_to(tmp_path)
    assert (shown.returncode, "akeneo-assets, version" in shown.stdout) == (0, True), shown.stdout


@pytest.fixture
def sandbox(shell: Shell) -> Iterator[Sandbox]:
    """A small sandbox that the environment points to."""
    with Sandbox() as running:
        keep_families(running)
        running.akeneo.edit.delete_category("collections")
        shell.use(running)
        yield running


def test_the_wheel_contains_everything_that_is_read_at_run_time(installed: Installed) -> None:
    with zipfile.ZipFile(installed.wheel) as wheel:
        names = set(wheel.namelist())

    assert {
        "akeneo_assets/dagster.yaml",
        "akeneo_assets/py.typed",
        "akeneo_assets/mapping/default.yaml",
        "akeneo_assets/store/migrations/env.py",
    } <= names
    assert any(name.startswith("akeneo_assets/store/migrations/versions/v0001") for name in names)
    assert not any(name.startswith(("akeneo_assets_tests", "benchmarks")) for name in names)


def test_the_definitions_load(installed: Installed, tmp_path: Path) -> None:
    ran = installed.run(sys.executable, "-c", LOAD, cwd=tmp_path)

    assert ran.returncode == 0, ran.stderr
    assert Path(ran.stdout.strip()).is_relative_to(installed.folder)


def test_check_and_sync_work_anywhere(installed: Installed, shell: Shell, sandbox: Sandbox) -> None:
    home = shell.folder / "home"
    shell.set({"DAGSTER_HOME": str(home)})
    elsewhere = shell.folder / "elsewhere"
    elsewhere.mkdir()
    command = installed.folder / "bin" / "akeneo-assets"

    checked = installed.run(sys.executable, command, "check", "--json", cwd=elsewhere)
    synced = installed.run(sys.executable, command, "sync", "full", "--json", cwd=elsewhere)

    assert checked.returncode == 0, checked.stdout
    assert synced.returncode == 0, synced.stdout + synced.stderr
    document = json.loads(synced.stdout)
    assert document["objects"]["products"]["created"] == 1
    assert document["objects"]["categories"]["created"] == len(sandbox.ipaas.categories())
    assert writes(sandbox)["product.create"] == 1
    # All state is in the folder in the variable.
    assert list(elsewhere.iterdir()) == []
    assert (home / "history" / "runs.db").exists()
    assert len(list(home.glob("akeneo_assets-*.db"))) == 1
