"""One process of the campaign: a sync with a clock, a disk and leases set by the campaign."""

from __future__ import annotations

import argparse
import importlib
import sys
import time
import uuid
from collections.abc import Sequence
from typing import Final

from sqlalchemy import event
from sqlalchemy.engine import Engine as DatabaseEngine

from akeneo_assets.errors import AkeneoAssetsError
from akeneo_assets.settings import Settings
from akeneo_assets.sync.connect import connect
from akeneo_assets_tests.scenarios.polling import poll, remap
from akeneo_assets_tests.scenarios.world import full_load, load_records

REFUSED: Final = 9
"""The exit code of a process that ended with one of the product's own errors."""

_system_time: Final = time.time
_LEASES: Final = ("akeneo_assets.http.governor", "akeneo_assets.store.locks", "akeneo_assets.sync.deliver.deliverer")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--clock", type=float, default=0.0)
    parser.add_argument("--lease", type=float, required=True)
    parser.add_argument("--pages", type=int)
    parser.add_argument("work", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    time.time = lambda: _system_time() + options.clock
    for module in _LEASES:
        setattr(importlib.import_module(module), "LEASE_SECONDS", options.lease)  # noqa: B010 - mypy knows no such name
    if options.pages is not None:
        _fill_the_disk(options.pages)
    command, *arguments = options.work
    return _command_line(arguments) if command == "cli" else _engine(command, arguments)


def _command_line(arguments: Sequence[str]) -> int:
    from akeneo_assets.cli import main as command_line

    command_line(list(arguments))
    return 0


def _engine(command: str, arguments: Sequence[str]) -> int:
    try:
        engine = connect(Settings.from_environment(_env_file=None), run_id=uuid.uuid4().hex)
        try:
            if command == "record":
                load_records(engine, *arguments)
            else:
                {"poll": poll, "remap": remap, "full": full_load}[command](engine)
        finally:
            engine.close()
    except AkeneoAssetsError as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return REFUSED
    return 0


def _fill_the_disk(pages: int) -> None:
    """Limit the growth of every SQLite database to so many pages."""

    @event.listens_for(DatabaseEngine, "connect")
    def limit(connection: object, _: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]  # any driver's
        (used,) = cursor.execute("PRAGMA page_count").fetchone()
        cursor.execute(f"PRAGMA max_page_count = {used + pages}")
        cursor.close()


if __name__ == "__main__":
    sys.exit(main())
