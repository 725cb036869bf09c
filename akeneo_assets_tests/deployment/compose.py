"""The services of ``deploy/compose.yaml`` as processes, with the commands, variables and order that the files name.

The files are read, not copied. Only three things differ from containers: each service has a folder instead of a root
directory, free ports of this machine instead of a network, and the server of the tests instead of the image of
PostgreSQL. ``tini`` is left out.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from sqlalchemy import URL, create_engine, make_url, text

from akeneo_assets_tests.dagster_dev import DagsterDev
from akeneo_assets_tests.deployment.files import DEPLOY, ROOT, read_image, read_services
from akeneo_assets_tests.shell import SCRIPTS, processes_below, unused_port

SCHEMA: Final = "akeneo_assets"
"""The schema of the state, next to Dagster's tables."""

_PORTS: Final = ("3000", "4000")
_START_SECONDS: Final = 120
_STOP_SECONDS: Final = 60


class ComposeProject:
    """The services of ``compose.yaml``; each can be killed and started again.

    Args:
        folder: The parent of their folders.
        variables: The content of ``.env``.
        server: The PostgreSQL server that the service ``postgres`` stands for; the service has a database of its own.

    Attributes:
        package: The folder of the package that the image contains: that of services that start from now on.
    """

    def __init__(self, folder: Path, variables: Mapping[str, str], server: str) -> None:
        self.package = ROOT
        self._folder = folder
        self._server = make_url(server)
        self._image = read_image((DEPLOY / "Dockerfile").read_text(encoding="utf-8"))
        self.change_variables(variables)
        self._ports = {port: str(unused_port()) for port in _PORTS}
        self._database = folder.name
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self.dagster = DagsterDev(f"http://127.0.0.1:{self._ports['3000']}", os.getpid(), self._is_alive)
        self._create_database()

    def change_variables(self, variables: Mapping[str, str]) -> None:
        """Change the content of ``.env``, for services that start from now on."""
        self._variables = variables
        self._services = read_services(variables)

    def up(self) -> None:
        """Start all services, each after those that it depends on."""
        for name in self._services:
            self._start_with_dependencies(name)
        self.dagster.wait("the webserver", lambda: self.dagster.is_ready() or None, _START_SECONDS)

    def start(self, name: str) -> None:
        """Start a service without those that it depends on, and wait until it is healthy."""
        self._start(name)
        self.wait_until_healthy(name)

    def kill(self, name: str) -> None:
        """Kill a service and all that it started, as the kernel ends a container."""
        process = self._processes.pop(name)
        if process.poll() is not None:
            return
        for each in (process.pid, *processes_below(process.pid)):
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
        process.wait(_STOP_SECONDS)

    def restart_database(self) -> None:
        """Close all connections to the database, as a restart of the service ``postgres`` does."""
        closing = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name")
        engine = create_engine(self._server)
        with engine.begin() as connection:
            connection.execute(closing, {"name": self._database})
        engine.dispose()

    def stop(self) -> None:
        """Kill all services."""
        for name in list(self._processes):
            self.kill(name)

    def run(self, *command: str) -> str:
        """Run a command in a container like that of the code server, as ``docker compose run code`` does.

        Returns:
            Its output.
        """
        result = self._call(command, "code")
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    def home(self, name: str) -> Path:
        """Return the ``DAGSTER_HOME`` of a service."""
        return Path(self.environment(name)["DAGSTER_HOME"])

    def state_url(self) -> str:
        """Return the address of the state database."""
        return self.environment("code")["AKENEO_ASSETS_DATABASE_URL"]

    def environment(self, name: str) -> dict[str, str]:
        """Return the variables of a service: those of the image, of ``env_file`` and of ``environment``."""
        service = self._services[name]
        variables = {**self._image.environment}
        for file in service.get("env_file", ()):
            assert file["path"] == "../.env"
            variables |= self._variables
        variables |= service.get("environment", {})
        mapped = {key: self._mapped_setting(value, name) for key, value in variables.items()}
        # The image contains the package; here it is the one that is tested.
        return {**mapped, "PATH": f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(self.package)}

    def wait_until_healthy(self, name: str) -> None:
        """Wait until the health check of a service succeeds."""
        kind, *command = self._services[name].get("healthcheck", {}).get("test", self._image.healthcheck)
        assert kind == "CMD"
        if name != "postgres":  # the server of the tests runs already
            self.dagster.wait(name, lambda: self._call(command, name).returncode == 0 or None, _START_SECONDS)

    def _start_with_dependencies(self, name: str) -> None:
        if name in self._processes or name == "postgres":
            return
        for dependency, wanted in self._services[name].get("depends_on", {}).items():
            self._start_with_dependencies(dependency)
            if wanted["condition"] == "service_completed_successfully":
                assert self._processes[dependency].wait(_START_SECONDS) == 0, self._log(dependency).read_text("utf-8")
            else:
                assert wanted["condition"] == "service_healthy"
                self.wait_until_healthy(dependency)
        self._start(name)

    def _start(self, name: str) -> None:
        command = self._services[name].get("command", self._image.command)
        with self._log(name).open("ab") as log:
            self._processes[name] = subprocess.Popen(
                self._mapped_command(command, name),
                cwd=self._root(name) / self._image.folder[1:],
                env=self.environment(name),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _call(self, command: Sequence[str], name: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self._mapped_command(command, name),
            cwd=self._root(name) / self._image.folder[1:],
            env=self.environment(name),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def _mapped_command(self, command: Sequence[str], name: str) -> list[str]:
        program, *arguments = command
        return [str(SCRIPTS / program), *(self._mapped(each, name) for each in arguments)]

    def _mapped(self, value: str, name: str) -> str:
        """Return an argument with the ports, addresses and paths of this machine."""
        for port, own in self._ports.items():
            value = value.replace(port, own)
        return self._mapped_setting(value.replace("0.0.0.0", "127.0.0.1"), name)

    def _mapped_setting(self, value: str, name: str) -> str:
        """Return the value of a variable with the database and paths of this machine."""
        if value.startswith("postgresql://"):
            return self._address(make_url(value))
        return value.replace("/opt/dagster", f"{self._root(name)}/opt/dagster")

    def _address(self, url: URL) -> str:
        assert url.host in self._services
        # A socket instead of a host: the server of the tests has no TCP port.
        own = url.set(host=None, database=self._database).update_query_dict(dict(self._server.query))
        return own.render_as_string(hide_password=False)

    def _root(self, name: str) -> Path:
        """Return the folder that stands for the root directory of a container, with the files of the image."""
        root = self._folder / name
        if not root.exists():
            for target, source in self._image.files.items():
                self._put(ROOT / source, root / target[1:], name)
            for volume in self._services[name].get("volumes", ()):
                source, target, _ = volume.split(":")
                shutil.copytree(DEPLOY / source, root / target[1:])
        return root

    def _put(self, source: Path, target: Path, name: str) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        content = source.read_text(encoding="utf-8")
        if source.name == "workspace.yaml":
            content = self._mapped(content, name).replace("host: code", "host: 127.0.0.1")
        target.write_text(content, encoding="utf-8")

    def _create_database(self) -> None:
        """Create what the image of PostgreSQL creates at its first start."""
        wanted = self._services["postgres"]["environment"]
        user, password = wanted["POSTGRES_USER"], wanted["POSTGRES_PASSWORD"]
        engine = create_engine(self._server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            if connection.execute(text(f"SELECT 1 FROM pg_roles WHERE rolname = '{user}'")).first() is None:
                connection.execute(text(f"CREATE ROLE {user} LOGIN PASSWORD '{password}'"))
                # The image wants the password as well, but the server of the tests trusts everyone on its socket.
                hosts = Path(connection.execute(text("SHOW hba_file")).scalar_one())
                hosts.write_text(f"local all {user} scram-sha-256\n{hosts.read_text('utf-8')}", encoding="utf-8")
                connection.execute(text("SELECT pg_reload_conf()"))
            connection.execute(text(f"CREATE DATABASE {self._database} OWNER {user}"))
        engine.dispose()

    def _log(self, name: str) -> Path:
        return self._folder / f"{name}.log"

    def _is_alive(self) -> bool:
        return all(process.poll() in {None, 0} for process in self._processes.values())


@contextmanager
def compose_project(folder: Path, variables: Mapping[str, str], server: str) -> Iterator[ComposeProject]:
    """A context manager: the services of ``compose.yaml``, which are not started yet.

    Args:
        folder: The parent of their folders, which is created.
        variables: The content of ``.env``.
        server: A PostgreSQL server.
    """
    folder.mkdir()
    project = ComposeProject(folder, variables, server)
    try:
        yield project
    finally:
        project.stop()
