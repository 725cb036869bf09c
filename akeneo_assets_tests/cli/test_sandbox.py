"""``akeneo-assets sandbox`` runs while a command runs, and leaves nothing behind."""

from __future__ import annotations

import json
import signal
import socket
import subprocess

import pytest

from akeneo_assets_tests.shell import Shell, is_open, processes_below, unused_port

PROGRAM = """
import json, os, sys, urllib.request
names = {}
for variable in ("AKENEO_API_URL", "IPAAS_API_URL"):
    with urllib.request.urlopen(os.environ[variable] + "/_sandbox/status") as response:
        names[variable] = json.load(response)["name"]
others = {variable: os.environ[variable] for variable in ("AKENEO_CLIENT_SECRET", "AKENEO_ASSETS_DATABASE_URL")}
print(json.dumps({**names, **others}))
sys.exit(7)
"""


@pytest.fixture
def ports() -> tuple[int, int]:
    return unused_port(), unused_port()


def options(ports: tuple[int, int]) -> list[str]:
    return ["--akeneo-port", str(ports[0]), "--ipaas-port", str(ports[1])]


def test_a_command_gets_the_environment_and_its_exit_code_is_returned(shell: Shell, ports: tuple[int, int]) -> None:
    ran = shell.run("akeneo-assets", "sandbox", *options(ports), "--", "python", "-c", PROGRAM)

    assert ran.code == 7, ran.errors
    found = json.loads(ran.output)
    assert (found["AKENEO_API_URL"], found["IPAAS_API_URL"]) == ("akeneo", "ipaas")
    assert found["AKENEO_CLIENT_SECRET"] == "sandbox-secret"
    assert found["AKENEO_ASSETS_DATABASE_URL"].startswith(f"sqlite:///{shell.folder}/.dagster/")
    assert f"http://127.0.0.1:{ports[0]}" in ran.errors
    assert not any(map(is_open, ports))


def test_the_exit_code_of_a_killed_command_is_that_of_a_shell(shell: Shell, ports: tuple[int, int]) -> None:
    ran = shell.call("sandbox", *options(ports), "--", "sh", "-c", "kill -TERM $$")

    assert ran.code == 128 + signal.SIGTERM


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_and_its_command(number: int, shell: Shell, ports: tuple[int, int]) -> None:
    process = shell.start("akeneo-assets", "sandbox", *options(ports), "--", "sleep", "600")
    assert process.stderr is not None
    assert "Akeneo: " in process.stderr.readline()
    (below,) = _started(process)

    process.send_signal(number)
    process.communicate(timeout=30)

    assert process.returncode == 128 + signal.SIGINT
    assert below not in processes_below(1)
    assert not any(map(is_open, ports))


def _started(process: subprocess.Popen[str]) -> list[int]:
    while not (below := processes_below(process.pid)):
        assert process.poll() is None
    return below


def test_without_a_command_it_runs_until_it_is_interrupted(shell: Shell, ports: tuple[int, int]) -> None:
    process = shell.start("akeneo-assets", "sandbox", *options(ports), "--products", "20", "--folder", "kept")
    assert process.stderr is not None
    assert "Akeneo: " in process.stderr.readline()
    assert "Stop with Ctrl-C" in process.stderr.readline()
    assert all(map(is_open, ports))

    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)

    assert process.returncode == 0
    assert not any(map(is_open, ports))
    assert (shell.folder / "kept" / "akeneo.sqlite").exists()


def test_a_port_in_use_is_reported(shell: Shell, ports: tuple[int, int]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        called = shell.call("sandbox", *options((port, ports[1])), "--", "true")

    assert called.code == 2
    assert f"Akeneo of the sandbox cannot listen on port {port}" in called.errors
    assert "choose other ports with --akeneo-port" in called.text


def test_a_missing_command_is_reported(shell: Shell, ports: tuple[int, int]) -> None:
    called = shell.call("sandbox", *options(ports), "--", "no-such-command")

    assert called.code == 2
    assert "Cannot start the command no-such-command: No such file or directory." in called.errors
    assert not any(map(is_open, ports))
