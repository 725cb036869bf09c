"""``akeneo-assets sandbox``, and the sandbox of ``akeneo-assets demo``."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from akeneo_assets.cli.display import errors
from akeneo_assets.cli.instance import prepared_folder
from akeneo_assets.errors import ConfigurationError
from akeneo_assets.sandbox.catalogue_choice import CatalogueChoice
from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets.settings import AUTOMATION_SETTING, DATABASE_SETTING, default_database_url


def run_sandbox(
    akeneo_port: int,
    ipaas_port: int,
    *,
    folder: Path | None,
    catalogue: CatalogueChoice,
    command: Sequence[str],
) -> int:
    """Run the sandbox until Ctrl-C, or while a command runs.

    Returns:
        The command's exit code.
    """
    if folder is not None:
        # Most likely inside Dagster's folder, which only its owner may read.
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with running_sandbox(folder, akeneo_port, ipaas_port, catalogue) as sandbox:
        errors.print(f"Akeneo: {sandbox.akeneo_url}   iPaaS.com: {sandbox.ipaas_url}")
        if command:
            # Edits in the sandbox are synced automatically, unless the user turned automation off.
            prepared_folder()
            automation = {AUTOMATION_SETTING: os.environ.get(AUTOMATION_SETTING, "1")}
            return _run_command(command, {**environment(sandbox), **automation})
        _wait_for_interrupt("The default settings point to the default ports. Stop with Ctrl-C.")
        return 0


def environment(sandbox: Sandbox) -> dict[str, str]:
    """Return the settings that point to the sandbox and keep its state apart from any other."""
    return {**sandbox.environment(), DATABASE_SETTING: default_database_url(sandbox.akeneo_url)}


@contextmanager
def running_sandbox(
    folder: Path | None, akeneo_port: int, ipaas_port: int, catalogue: CatalogueChoice, *, reset: bool = False
) -> Iterator[Sandbox]:
    """Context manager: run the sandbox.

    Args:
        folder: Folder of its state; None keeps it in memory.
        akeneo_port: Port of the local Akeneo.
        ipaas_port: Port of the local iPaaS.com.
        catalogue: What an empty one is filled with.
        reset: First delete the data of an earlier one, after checking that none is running.

    Raises:
        ConfigurationError: A port is in use.
    """
    try:
        if reset:
            with Sandbox(None, akeneo_port, ipaas_port, "empty") as probe:
                _delete_state(folder, probe)
        sandbox = Sandbox(folder, akeneo_port, ipaas_port, catalogue)
    except OSError as error:
        raise ConfigurationError(
            f"{error.strerror}. Stop the process on this port (another sandbox?), or choose other ports with "
            "--akeneo-port … and --ipaas-port …"
        ) from error
    with sandbox:
        yield sandbox


def _delete_state(folder: Path | None, sandbox: Sandbox) -> None:
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)
    database = Path(default_database_url(sandbox.akeneo_url).removeprefix("sqlite:///"))
    for suffix in ("", "-wal", "-shm"):
        database.with_name(database.name + suffix).unlink(missing_ok=True)


def _run_command(command: Sequence[str], environment: dict[str, str]) -> int:
    stopped = threading.Event()
    started: list[subprocess.Popen[bytes]] = []

    def stop(*_: object) -> None:
        stopped.set()
        for process in started:
            process.send_signal(signal.SIGINT)

    # Before the command starts, so that every signal reaches it.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    try:
        # Shells start background jobs with signals ignored, and Dagster's child processes would inherit that.
        process = subprocess.Popen(  # noqa: S603 - the user's own command
            list(command),
            env={**os.environ, **environment},
            preexec_fn=_restore_signals,  # noqa: PLW1509 - no thread of ours holds a lock here
        )
    except OSError as error:
        raise ConfigurationError(f"Cannot start the command {command[0]}: {error.strerror}.") from error
    started.append(process)
    if stopped.is_set():
        process.send_signal(signal.SIGINT)
    code = process.wait()
    # As in a shell: 128 plus the number of the signal that ended the command.
    return code if code >= 0 else 128 - code


def _restore_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


def _wait_for_interrupt(message: str) -> None:
    """Print a message, and return when the user asks to stop. Signals are handled before the message is printed."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    errors.print(message)
    stop.wait()
