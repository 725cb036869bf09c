"""The command line as a user calls it, in its own folder and with its own variables."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from akeneo_assets.cli import main
from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets.settings import Settings

SCRIPTS = Path(sys.executable).parent
"""The folder of the commands of this environment."""

_READS = frozenset({"unknown", "list", "get", "lookup", "missing", "login", "refresh", "change_company", "companies"})


@dataclass(frozen=True)
class Called:
    """The result of a command."""

    code: int
    output: str
    errors: str

    @property
    def document(self) -> Any:
        """The JSON in standard output, which contains nothing else."""
        return json.loads(self.output)

    @property
    def text(self) -> str:
        """Everything that the user sees, independent of the width of the terminal."""
        return " ".join(f"{self.output} {self.errors}".split())


class Shell:
    """Calls commands.

    Args:
        folder: The working directory, which also contains the state.
        patch: Reverts the changes.
    """

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self._patch = patch
        for name in (*(field.upper() for field in Settings.model_fields), "DAGSTER_HOME"):
            patch.delenv(name, raising=False)
        patch.chdir(folder)

    def set(self, variables: Mapping[str, str]) -> None:
        """Set environment variables."""
        for name, value in variables.items():
            self._patch.setenv(name, value)

    def use(self, sandbox: Sandbox) -> None:
        """Point the settings to a sandbox, with a throttle that does not slow down tests."""
        # A short window instead of a high limit: each allowed request takes a row in a new state.
        limits = {
            f"{api}_API_THROTTLE_{name}": value
            for api in ("AKENEO", "IPAAS")
            for name, value in (("LIMIT", "1000"), ("SECONDS", "1"))
        }
        self.set({**sandbox.environment(), **limits, "CONCURRENT_BATCH_EXECUTIONS": "1"})

    def call(self, *arguments: str) -> Called:
        """Call ``akeneo-assets`` in this process; only its runs have their own processes."""
        result = CliRunner().invoke(main, arguments)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Called(result.exit_code, result.stdout, result.stderr)

    def start(self, *command: str, **options: Any) -> subprocess.Popen[str]:
        """Start a command of this environment."""
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(
            [str(SCRIPTS / command[0]), *command[1:]], cwd=self.folder, text=True, **{**pipes, **options}
        )

    def run(self, *command: str) -> Called:
        """Run a command of this environment to its end."""
        process = self.start(*command)
        output, errors = process.communicate()
        return Called(process.returncode, output, errors)


def keep_families(sandbox: Sandbox, *codes: str) -> None:
    """Reduce the sample: each family costs a sync several runs."""
    edit, database = sandbox.akeneo.edit, sandbox.akeneo.database
    for product in list(database.all("product")):
        if product["family"] is not None and product["family"] not in codes:
            edit.delete_product(product["uuid"])
    for model in list(database.all("product_model")):
        if model["parent"] is None and model["family"] not in codes:
            edit.delete_model(model["code"])
    for family in list(database.all("family")):
        if family["code"] not in codes:
            edit.delete("family", family["code"])


def unused_port() -> int:
    """Return a port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def is_open(port: int) -> bool:
    """Return whether something listens on a port."""
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0


def writes(sandbox: Sandbox) -> dict[str, int]:
    """Return by action how many requests changed iPaaS.com or tried to."""
    requests = sandbox.ipaas_counters.snapshot()["requests"]
    return {action: count for action, count in requests.items() if action.rpartition(".")[2] not in _READS}


def processes_below(process_id: int) -> list[int]:
    """Return the ids of all running descendants of a process."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                status = (entry / "stat").read_text(encoding="utf-8")
            except OSError:
                continue  # ended in the meantime
            state, parent, *_ = status.rpartition(")")[2].split()
            if state != "Z":
                children.setdefault(int(parent), []).append(int(entry.name))
    found: list[int] = []
    waiting = [process_id]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def command_line(process_id: int) -> str:
    """Return the command line of a process."""
    return (Path("/proc") / str(process_id) / "cmdline").read_text(encoding="utf-8").replace("\0", " ")


def environment_without(*names: str) -> dict[str, str]:
    """Return the environment of this process without some variables."""
    return {name: value for name, value in os.environ.items() if name not in names}
