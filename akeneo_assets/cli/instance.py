"""The Dagster instance that the command line's runs are stored in: the one that ``dagster dev`` uses here."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from akeneo_assets.settings import instance_folder

if TYPE_CHECKING:
    from dagster import DagsterInstance

_FILE: Final = "dagster.yaml"

# Dagster captures output by redirecting the process's own standard output, which is the user's terminal here.
_OVERRIDES: Final = {
    "compute_logs": {
        "module": "dagster._core.storage.noop_compute_log_manager",
        "class": "NoOpComputeLogManager",
    }
}


@contextmanager
def open_instance() -> Iterator[DagsterInstance]:
    """Open the instance of ``DAGSTER_HOME``, else the one in ``.dagster`` of the current folder."""
    from dagster import DagsterInstance
    from dagster._core.instance.ref import InstanceRef

    folder = instance_folder()
    # The history names records and quotes errors; Dagster's own files are readable for everybody.
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    reference = InstanceRef.from_dir(str(folder), config_dir=str(_config_folder(folder)), overrides=_OVERRIDES)
    with DagsterInstance.from_ref(reference) as instance:
        yield instance


def _config_folder(folder: Path) -> Path:
    """Return the folder of ``dagster.yaml``: ``DAGSTER_HOME``, the current one, or that of the one shipped with us."""
    if os.environ.get("DAGSTER_HOME"):
        # Dagster looks nowhere else then, and does without the file.
        return folder
    package = Path(__file__).parent.parent
    return next(each for each in (Path.cwd(), package, package.parent) if (each / _FILE).is_file())
