"""How commands end when they are stopped or crash: real processes, what the user sees, and what is left behind."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from akeneo_assets.cli.instance import open_instance
from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets.settings import Settings
from akeneo_assets_tests.shell import Shell, command_line, keep_families, processes_below

PATIENCE_SECONDS = 90.0

pytestmark = pytest.mark.end_to_end


@pytest.fixture
def sandbox(shell: Shell) -> Iterator[Sandbox]:
    """Two category trees and one family, and an empty iPaaS.com."""
    with Sandbox() as sandbox:
        keep_families(sandbox, "shoes")
        shell.use(sandbox)
        yield sandbox


def wait_for(condition: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found


def workers_of(process: subprocess.Popen[str]) -> list[int]:
    """Return the workers of a command: forks of a server, which is also one of its child processes."""
    servers = [each for each in processes_below(process.pid) if "forkserver" in command_line(each)]
    return [each for server in servers for each in processes_below(server)]


def count(query: str) -> int:
    with closing(sqlite3.connect(Settings.from_environment().database_url.removeprefix("sqlite:///"))) as state:
        (number,) = state.execute(query).fetchone()
    return int(number)


def statuses() -> dict[str, int]:
    with open_instance() as instance:
        runs = instance.get_runs()
    return {status.value: sum(run.status == status for run in runs) for status in {run.status for run in runs}}


def start_slow_sync(shell: Shell, sandbox: Sandbox, seconds: float) -> subprocess.Popen[str]:
    """Start to sync the categories, and return when the first one is being sent to a slow iPaaS.com."""
    slow = sandbox.ipaas_faults.add("slow", method="POST", action="category.*", seconds=seconds, times=None)
    process = shell.start("akeneo-assets", "sync", "categories", "--tree", "master", start_new_session=True)
    wait_for(lambda: slow.fired or process.poll() is not None)
    assert process.poll() is None, process.communicate()
    return process


@pytest.mark.parametrize(
    ("number", "code", "seconds"),
    [(signal.SIGINT, 130, 0.3), (signal.SIGTERM, 143, 0.3), (signal.SIGTERM, 143, 40.0)],
    ids=["Ctrl-C", "SIGTERM", "SIGTERM while a server does not respond"],
)
def test_a_stopped_sync_ends_in_ten_seconds_and_releases_everything(
    shell: Shell, sandbox: Sandbox, number: signal.Signals, code: int, seconds: float
) -> None:
    process = start_slow_sync(shell, sandbox, seconds)
    below = processes_below(process.pid)
    assert workers_of(process)
    started = time.monotonic()

    # Ctrl-C reaches the whole group, as the terminal sends it; `timeout`, cron and systemd signal the command.
    (os.killpg if number == signal.SIGINT else os.kill)(process.pid, number)
    output, errors = process.communicate()

    assert time.monotonic() - started < 10
    assert process.returncode == code
    lines = [line for line in errors.splitlines() if not line.endswith(": done")]
    assert lines == ["Stopped. Nothing is lost: the next sync sends what is left."]
    assert output == ""
    wait_for(lambda: not [each for each in below if Path(f"/proc/{each}").exists()])
    assert count("SELECT count(*) FROM plan WHERE claimed_by IS NOT NULL") == 0
    assert count(f"SELECT count(*) FROM budget_slot WHERE leased_until > {time.time()}") == 0
    ended = statuses()
    assert ended.pop("SUCCESS") == 1
    assert ended == ({"FAILURE": 1} if seconds > 10 else {"CANCELED": 1})

    if seconds < 10:
        # It waited for the response to every request.
        assert count("SELECT count(*) FROM ledger WHERE state = 'sent'") == len(sandbox.ipaas.categories()) > 0


def test_workers_end_when_the_command_is_killed(shell: Shell, sandbox: Sandbox) -> None:
    process = start_slow_sync(shell, sandbox, 0.3)
    below = processes_below(process.pid)

    process.kill()
    process.communicate()

    started = time.monotonic()
    wait_for(lambda: not [each for each in below if Path(f"/proc/{each}").exists()])
    assert time.monotonic() - started < 10
    assert count("SELECT count(*) FROM plan WHERE claimed_by IS NOT NULL") == 0


def test_a_worker_that_is_killed_for_memory_fails_only_its_batch(shell: Shell, sandbox: Sandbox) -> None:
    slow = sandbox.ipaas_faults.add("slow", method="POST", action="category.*", seconds=1.0, times=3)
    process = shell.start("akeneo-assets", "sync", "categories")
    wait_for(lambda: slow.fired)

    (worker,) = workers_of(process)
    os.kill(worker, signal.SIGKILL)  # as the kernel does
    _, errors = process.communicate()

    assert process.returncode == 1
    (message,) = (line for line in errors.splitlines() if "Error: " in line)
    assert message.startswith(
        "Error: categories collections: its process was killed, most likely because the machine ran "
    )
    assert "Lower CONCURRENT_BATCH_EXECUTIONS or add memory, then run the command again." in message
    assert "Traceback" not in errors
    assert "categories master: done" in errors
    with open_instance() as instance:
        (failed,) = instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE]))
        told_in_history = [entry.message for entry in instance.all_logs(failed.run_id)]
    assert any("its process was killed" in message for message in told_in_history)
    assert "STARTED" not in statuses()


def test_an_unexpected_error_is_one_line_with_the_details_in_a_file(shell: Shell, sandbox: Sandbox) -> None:
    del sandbox
    history = shell.folder / ".dagster" / "storage" / "history"
    history.mkdir(parents=True)
    (history / "runs.db").write_text("no database, but Bearer abcdefghijklmnop")

    called = shell.run("akeneo-assets", "sync", "categories")

    assert called.code == 70
    (line,) = (line for line in called.errors.splitlines() if line != "structure: failed")
    assert line.startswith("Error: Unexpected error (DatabaseError: (sqlite3.DatabaseError) file is not a database).")
    details = shell.folder / ".dagster" / "akeneo-assets-errors.log"
    assert str(details) in line
    assert "Traceback" in details.read_text(encoding="utf-8")
    assert stat.S_IMODE(details.stat().st_mode) == 0o600
