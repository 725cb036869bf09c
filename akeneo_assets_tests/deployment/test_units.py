"""The units in ``deploy/systemd`` as processes, with the commands, variables and signals that the files name."""

from __future__ import annotations

import configparser
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import pytest

from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets_tests.dagster_dev import DagsterDev
from akeneo_assets_tests.deployment.files import DEPLOY, ROOT
from akeneo_assets_tests.deployment.services import accepted_writes, is_quiet
from akeneo_assets_tests.deployment.test_compose import dot_env, edit, expected_write
from akeneo_assets_tests.shell import SCRIPTS, keep_families, processes_below, unused_port

# It takes minutes.
pytestmark = [pytest.mark.exhaustive, pytest.mark.timeout(600)]

_SECONDS: Final = 120


def unit(name: str) -> configparser.SectionProxy:
    """Return what a unit starts, and how."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(DEPLOY / "systemd" / f"akeneo-assets-{name}.service", encoding="utf-8")
    return parser["Service"]


def is_running(process_id: int) -> bool:
    """Return whether a process exists and has not ended."""
    with suppress(OSError):
        return Path(f"/proc/{process_id}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    return False


class Machine:
    """The folders and processes of both units.

    Args:
        folder: Stands for ``/var/lib/dagster``.
        variables: The content of ``/etc/akeneo_assets.env``.
    """

    def __init__(self, folder: Path, variables: Mapping[str, str]) -> None:
        self._units = {name: unit(name) for name in ("daemon", "webserver")}
        self._port = str(unused_port())
        self._folder = folder
        self._variables = variables
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self.dagster = DagsterDev(f"http://127.0.0.1:{self._port}", os.getpid(), self._is_alive)
        shutil.copy(ROOT / "dagster.yaml", folder)

    def run(self, name: str, command: str) -> subprocess.Popen[bytes]:
        """Start a command of a unit, in the environment of the unit and nothing else."""
        variable, _, value = self._units[name]["Environment"].partition("=")
        environment = {"PATH": os.defpath, "PYTHONPATH": str(ROOT), variable: self._mapped(value), **self._variables}
        with (self._folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                self._mapped(command).split(),
                cwd=self._mapped(self._units[name]["WorkingDirectory"]),
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def start(self) -> None:
        """Start both units at once, as systemd does."""
        preparing = [self.run(name, each["ExecStartPre"]) for name, each in self._units.items()]
        assert [process.wait(_SECONDS) for process in preparing] == [0, 0]
        self._processes = {name: self.run(name, each["ExecStart"]) for name, each in self._units.items()}
        self.dagster.wait("the webserver", lambda: self.dagster.is_ready() or None, _SECONDS)

    def stop(self) -> dict[str, int]:
        """Send SIGTERM to all processes of both units.

        Returns:
            The exit code of each unit. All its processes have ended within the time that systemd would wait.
        """
        codes = {}
        for name, process in self._processes.items():
            everything = [process.pid, *processes_below(process.pid)]
            for each in everything:
                with suppress(ProcessLookupError):
                    os.kill(each, signal.SIGTERM)
            end = time.monotonic() + float(self._units[name]["TimeoutStopSec"])
            codes[name] = process.wait(end - time.monotonic())
            while left := [each for each in everything if is_running(each)]:
                assert time.monotonic() < end, left
                time.sleep(0.1)
        self._processes = {}
        return codes

    def clean_up(self) -> None:
        """Kill what a failed test has left."""
        for process in self._processes.values():
            for each in (process.pid, *processes_below(process.pid)):
                with suppress(ProcessLookupError):
                    os.kill(each, signal.SIGKILL)
            process.wait()

    def _mapped(self, text: str) -> str:
        """Return a part of a unit with the folders and the port of this machine."""
        for path, own in (("/opt/akeneo_assets/.venv/bin", SCRIPTS), ("/opt/akeneo_assets", ROOT)):
            text = text.replace(path, str(own))
        return text.replace("/var/lib/dagster", str(self._folder)).replace("3000", self._port)

    def _is_alive(self) -> bool:
        return all(process.poll() is None for process in self._processes.values())


@contextmanager
def machine(folder: Path, variables: Mapping[str, str]) -> Iterator[Machine]:
    """A context manager: both units, which are not started yet."""
    folder.mkdir()
    found = Machine(folder, variables)
    try:
        yield found
    finally:
        found.clean_up()


def test_a_record_that_is_being_sent_while_both_units_stop_is_sent_once(tmp_path: Path) -> None:
    with Sandbox() as sandbox, machine(tmp_path / "dagster", dot_env(sandbox)) as both:
        keep_families(sandbox, "accessories")
        wait = both.dagster.wait
        assert both.run("daemon", "/opt/akeneo_assets/.venv/bin/akeneo-assets sync full").wait(_SECONDS) == 0
        both.start()
        wait("rest", lambda: is_quiet(both.dagster, ["akeneo_changes"]) or None, _SECONDS)
        loaded = accepted_writes(sandbox)

        slow = sandbox.ipaas_faults.add("slow", action="product.replace", seconds=3)
        edit(sandbox, "while both stop")
        wait("the request", lambda: slow.fired or None, _SECONDS)
        assert both.stop() == {"daemon": 0, "webserver": 0}
        assert accepted_writes(sandbox) - loaded == {expected_write(sandbox): 1}

        both.start()
        edit(sandbox, "after the restart")
        wait("the edit", lambda: accepted_writes(sandbox)[expected_write(sandbox)] == 2 or None, _SECONDS)
        wait("rest", lambda: is_quiet(both.dagster, ["akeneo_changes"]) or None, _SECONDS)
        assert accepted_writes(sandbox) - loaded == {expected_write(sandbox): 2}
        assert both.stop() == {"daemon": 0, "webserver": 0}
