"""The Dagster instance that stores the runs of the command line. ``dagster dev`` uses the same instance."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import yaml

from akeneo_assets.errors import ConfigurationError
from akeneo_assets.settings import instance_folder

if TYPE_CHECKING:
    from dagster import DagsterInstance

_FILE: Final = "dagster.yaml"
_PLACES: Final = frozenset({"storage", "local_artifact_storage", "compute_logs"})
_HEADING: Final = (
    "# Settings of the Dagster instance, written by akeneo_assets because this folder had none. You can\n"
    "# change them: the file is never overwritten.\n"
)

# Dagster captures output by redirecting the process's own standard output, which is the user's terminal here.
_OVERRIDES: Final = {
    "compute_logs": {
        "module": "dagster._core.storage.noop_compute_log_manager",
        "class": "NoOpComputeLogManager",
    }
}


@contextmanager
def open_instance() -> Iterator[DagsterInstance]:
    """Open the instance in ``DAGSTER_HOME``, by default the folder ``.dagster`` in the current folder.

    Raises:
        ConfigurationError: The folder cannot be used.
        StateError: Dagster's databases failed, for example because the disk is full.
    """
    from dagster import DagsterInstance
    from dagster._core.instance.ref import InstanceRef

    from akeneo_assets.dagster_history.creation import one_at_a_time
    from akeneo_assets.dagster_history.event_log import sqlite_event_log, with_fast_event_log
    from akeneo_assets.store.failures import history_as_state_errors

    folder = prepared_folder()
    reference = InstanceRef.from_dir(str(folder), config_dir=str(_config_folder(folder)), overrides=_OVERRIDES)
    history = sqlite_event_log(reference)
    with history_as_state_errors(folder):
        with ExitStack() as opening:
            if history is not None:
                with _usable(folder):
                    opening.enter_context(one_at_a_time(Path(history.config_dict["base_dir"])))
            opened = DagsterInstance.from_ref(with_fast_event_log(reference))
        with opened as instance:
            yield instance


def prepared_folder() -> Path:
    """Return the folder of Dagster's state, after creating it and the ``dagster.yaml`` in it if they are missing.

    If ``DAGSTER_HOME`` is set, Dagster looks for that file only there. Without it, Dagster would send telemetry, print
    notices, and monitor no runs.

    Raises:
        ConfigurationError: The folder cannot be used.
    """
    folder = instance_folder()
    with _usable(folder):
        # The history contains record names and errors, and Dagster makes its own files readable by everyone.
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.environ.get("DAGSTER_HOME") and not (folder / _FILE).exists():
            # Write the file atomically, because several processes may do this at the same time.
            draft = folder / f"{_FILE}.{os.getpid()}"
            draft.write_text(_settings_of_home(), encoding="utf-8")
            draft.replace(folder / _FILE)
    return folder


@contextmanager
def _usable(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ConfigurationError(
            f"The folder of Dagster's state, {folder}, cannot be used ({error.strerror}). Set DAGSTER_HOME to "
            "another folder, or make it writable.",
            settings=("DAGSTER_HOME",),
            detail=str(error),
        ) from None


def _settings_of_home() -> str:
    """Return the shipped settings without file locations: in ``DAGSTER_HOME``, Dagster's defaults are right."""
    document = yaml.safe_load((_shipped() / _FILE).read_text(encoding="utf-8"))
    settings = {name: value for name, value in document.items() if name not in _PLACES}
    return f"{_HEADING}{yaml.safe_dump(settings, sort_keys=False)}"


def _config_folder(folder: Path) -> Path:
    """Return the folder of ``dagster.yaml``: ``DAGSTER_HOME``, the current folder, or that of the shipped file."""
    if os.environ.get("DAGSTER_HOME"):
        return folder
    return Path.cwd() if (Path.cwd() / _FILE).is_file() else _shipped()


def _shipped() -> Path:
    package = Path(__file__).parent.parent
    return next(each for each in (package, package.parent) if (each / _FILE).is_file())
