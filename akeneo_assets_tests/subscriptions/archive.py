"""A state database and a Dagster history that an earlier version wrote, with Akeneo and iPaaS.com as they were."""

from __future__ import annotations

import json
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from akeneo_assets.sandbox.catalogue.records import Record
from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets_tests.scenarios.world import World, full_load

RUNS: Final = 9
"""How many runs the history contains."""

STATE_VERSION: Final = "0011"
"""The version of the tables."""

_ARCHIVE: Final = Path(__file__).parent / "before_subscriptions.tar.xz"
"""One product and its categories, after a full load from the shell and an edit that a sensor found."""


@contextmanager
def unpacked(folder: Path) -> Iterator[Sandbox]:
    """A context manager: the sandbox of the archive; ``folder`` contains ``state.db`` and the history."""
    with tarfile.open(_ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    records: dict[str, list[Any]] = json.loads((folder / "records.json").read_text(encoding="utf-8"))
    with Sandbox(catalogue="empty") as sandbox:
        sandbox.akeneo.database.load(Record(kind, each) for kind, documents in records.items() for each in documents)
        sandbox.akeneo.index.rebuild()
        # The records get the ids that they had.
        (folder / "load").mkdir()
        with closing(World(sandbox, folder / "load")) as world:
            full_load(world.engine(ipaas_concurrent_connections=1))
        sandbox.ipaas_counters.reset()
        with closing(sqlite3.connect(folder / "state.db")) as state, state:
            # The servers have other ports now.
            for name, api in (("akeneo_url", "AKENEO_API_URL"), ("ipaas_url", "IPAAS_API_URL")):
                state.execute("UPDATE identity SET value = ? WHERE name = ?", (sandbox.environment()[api], name))
        yield sandbox
