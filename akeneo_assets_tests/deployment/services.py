"""Dagster as it is deployed in production: each process has its own folder, and all share one PostgreSQL database."""

from __future__ import annotations

import os
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final, Literal, TypeAlias

import yaml
from sqlalchemy import create_engine, text

from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets_tests.dagster_dev import DagsterDev
from akeneo_assets_tests.shell import SCRIPTS, is_open, unused_port

ServiceName: TypeAlias = Literal["code", "daemon", "webserver"]

LOCATION: Final = "two_subscriptions"
DATABASE: Final = "STATE_DATABASE_URL"
"""The variable with the address of the database, for Dagster's storage and for our state."""

_SETTINGS: Final = Path(__file__).parent.parent.parent / "dagster.yaml"
_START_SECONDS: Final = 120
_STOP_SECONDS: Final = 60
_ENDED: Final = {"SUCCESS", "FAILURE", "CANCELED"}


def is_quiet(dagster: DagsterDev, sensors: Sequence[str]) -> bool:
    """Return whether no run is in progress, and each sensor has found nothing since the last one ended."""
    runs = dagster.runs()
    if any(run.status not in _ENDED for run in runs):
        return False
    last = max((run.ended or 0.0 for run in runs), default=0.0)
    latest = [next(iter(dagster.ticks(name)), None) for name in sensors]
    return all(tick and tick["status"] == "SKIPPED" and tick["timestamp"] > last for tick in latest)


def accepted_writes(sandbox: Sandbox) -> Counter[tuple[str, str | None]]:
    """Return how often an iPaaS.com accepted a write: action and external id."""
    return Counter((each.action, each.external_id) for each in sandbox.ipaas.journal)


def let_leases_expire(database: str, schema: str) -> None:
    """Let all leases of a state expire, as if two minutes had passed. Runs that are alive renew theirs."""
    engine = create_engine(database)
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE {schema}.run_leases SET held_until = 0, suspected = true"))
    engine.dispose()


class Deployment:
    """The processes of a deployment; each can be killed and started again.

    Args:
        folder: The parent of their folders. The folder ``code`` contains the project.
        environment: Their variables.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = environment
        self._code_port, self._web_port = unused_port(), unused_port()
        self._processes: dict[ServiceName, subprocess.Popen[bytes]] = {}
        for name in ("code", "daemon", "webserver", "shell"):
            self.home(name)
        self.dagster = DagsterDev(f"http://127.0.0.1:{self._web_port}", os.getpid(), self._is_alive, location=LOCATION)

    def home(self, name: str) -> Path:
        """Return the folder of a process, which is its ``DAGSTER_HOME``."""
        folder = self._folder / name
        folder.mkdir(exist_ok=True)
        settings = yaml.safe_load(_SETTINGS.read_text(encoding="utf-8"))
        own = {key: each for key, each in settings.items() if key not in {"local_artifact_storage", "compute_logs"}}
        own["storage"] = {"postgres": {"postgres_url": {"env": DATABASE}}}
        (folder / "dagster.yaml").write_text(yaml.safe_dump(own), encoding="utf-8")
        server = {"host": "127.0.0.1", "port": self._code_port, "location_name": LOCATION}
        (folder / "workspace.yaml").write_text(yaml.safe_dump({"load_from": [{"grpc_server": server}]}), "utf-8")
        return folder

    def environment(self, name: str) -> dict[str, str]:
        """Return the variables of a process."""
        return {**self._environment, "DAGSTER_HOME": str(self.home(name))}

    def start(self, name: ServiceName) -> None:
        """Start a process, and wait until it is ready."""
        with (self._folder / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                [str(SCRIPTS / self._command(name)[0]), *self._command(name)[1:]],
                cwd=self.home(name),
                env=self.environment(name),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # A container of its own: with the process, its runs end.
                start_new_session=True,
            )
        if name == "code":
            self.dagster.wait("the code server", lambda: is_open(self._code_port) or None, _START_SECONDS)
        if name == "webserver":
            self.dagster.wait("the webserver", lambda: self.dagster.is_ready() or None, _START_SECONDS)

    def kill(self, name: ServiceName) -> None:
        """Kill a process and all that it started, as the kernel ends a container."""
        process = self._processes.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(_STOP_SECONDS)

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the project on another machine."""
        return subprocess.run(
            [str(SCRIPTS / command[0]), *command[1:]],
            cwd=self._folder / "code",
            env=self.environment("shell"),
            capture_output=True,
            text=True,
            check=False,
        )

    def stop(self) -> None:
        """Stop all processes."""
        for name in list(self._processes):
            self.kill(name)

    def _command(self, name: ServiceName) -> Sequence[str]:
        if name == "code":
            code = ("-m", f"{LOCATION}.definitions", "--location-name", LOCATION)
            return ("dagster", "api", "grpc", "-h", "127.0.0.1", "-p", str(self._code_port), *code)
        if name == "daemon":
            return ("dagster-daemon", "run", "-w", "workspace.yaml")
        return ("dagster-webserver", "-w", "workspace.yaml", "-h", "127.0.0.1", "-p", str(self._web_port))

    def _is_alive(self) -> bool:
        return all(process.poll() is None for process in self._processes.values())


@contextmanager
def running(folder: Path, environment: Mapping[str, str]) -> Iterator[Deployment]:
    """A context manager: all processes of a deployment.

    Args:
        folder: The parent of their folders. The folder ``code`` contains the project.
        environment: All their variables.
    """
    deployment = Deployment(folder, environment)
    with ExitStack() as cleanup:
        cleanup.callback(deployment.stop)
        for name in ("code", "daemon", "webserver"):
            deployment.start(name)
        yield deployment
