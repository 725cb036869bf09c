"""``make bench-peers``: reads and syncs one generated catalogue with this project and with other programs.

All are measured in one run, against the same local servers with the same latency, so that only the ratios count.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Final

from akeneo_assets.settings import Settings
from akeneo_assets.sync.batches import STRUCTURE, batch_of
from akeneo_assets.sync.connect import connect
from akeneo_assets_tests.batches import EnginePartitions, steps_of
from benchmarks.loading import full_load
from benchmarks.processes import UNTHROTTLED, RunningSandbox, in_fresh_process, running_sandbox, scratch_folder

LATENCY_SECONDS: Final = 0.05
_PYTHON: Final = Path(".venv-peers/bin/python").absolute()
_PROGRAMS: Final = Path(__file__).with_name("programs.py")


@dataclass(frozen=True)
class Row:
    """One program.

    Attributes:
        name: What it is.
        seconds: How long it took, including its start.
        akeneo: Requests to Akeneo.
        ipaas: Requests to iPaaS.com.
        records: Records that it read or handled.
    """

    name: str
    seconds: float
    akeneo: int
    ipaas: int
    records: int


def main() -> None:
    """Measure and print both tables."""
    parser = argparse.ArgumentParser(prog="benchmarks.peers", description=__doc__)
    parser.add_argument("--products", type=int, default=2_000, help="size of the generated catalogue")
    products = parser.parse_args().products
    with _delayed(products) as sandbox:
        reading = [
            _measured("a loop with requests", sandbox, lambda: _other("requests_loop", sandbox)),
            _measured("httpx, three families at a time", sandbox, lambda: _other("httpx_chains", sandbox)),
            _measured("pyakeneo", sandbox, lambda: _other("pyakeneo", sandbox)),
            _measured("dlt's REST client", sandbox, lambda: _other("dlt_rest_client", sandbox)),
            _measured("akeneo_assets", sandbox, lambda: _own(sandbox, _read)),
        ]
    with _delayed(products) as sandbox:
        naive = [
            _measured(f"look up and put, {which}", sandbox, lambda: _other("naive_sync", sandbox))
            for which in ("first load", "nothing changed")
        ]
    with _delayed(products) as sandbox, scratch_folder() as folder:
        own = [
            _measured(f"akeneo_assets, {which}", sandbox, lambda: _own(sandbox, _load, folder))
            for which in ("first load", "nothing changed")
        ]
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"{datetime.now(timezone.utc):%Y-%m-%d}, {machine}, {1000 * LATENCY_SECONDS:g} ms for each response")
    _print("Reading", reading, f"{products:,} products; the last program also reads categories, models and structure")
    _print("Syncing", [*naive, *own], "products only; akeneo_assets also sends categories, models, variants and links")


@contextmanager
def _delayed(products: int) -> Iterator[RunningSandbox]:
    with running_sandbox(products) as sandbox:
        sandbox.delay("akeneo", LATENCY_SECONDS)
        sandbox.delay("ipaas", LATENCY_SECONDS)
        yield sandbox


def _measured(name: str, sandbox: RunningSandbox, work: Callable[[], int]) -> Row:
    sandbox.reset_counters()
    started = time.monotonic()
    records = work()
    seconds = time.monotonic() - started
    akeneo, ipaas = sandbox.counters("akeneo")["requests"], sandbox.counters("ipaas")["requests"]
    return Row(name, seconds, sum(akeneo.values()), sum(ipaas.values()), records)


def _other(name: str, sandbox: RunningSandbox) -> int:
    environment = {**os.environ, **sandbox.environment}
    found = subprocess.run([_PYTHON, _PROGRAMS, name], env=environment, stdout=subprocess.PIPE, check=True, text=True)
    return int(found.stdout)


def _own(sandbox: RunningSandbox, work: Callable[[], int], folder: str | None = None) -> int:
    if folder is not None:
        return in_fresh_process({**sandbox.environment, **UNTHROTTLED}, folder, work)
    with scratch_folder() as own_folder:
        return in_fresh_process({**sandbox.environment, **UNTHROTTLED}, own_folder, work)


def _print(title: str, rows: list[Row], note: str) -> None:
    fastest = min(row.seconds for row in rows)
    print(f"\n{title} ({note})\n")
    print("| program | records | requests to Akeneo | requests to iPaaS.com | time, relative |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for row in rows:
        print(f"| {row.name} | {row.records:,} | {row.akeneo:,} | {row.ipaas:,} | {row.seconds / fastest:.1f} |")


# In the worker


def _read() -> int:
    with closing(connect(Settings.from_environment(), run_id="bench-peers")) as engine:
        engine.log_in()
        batches = [STRUCTURE]
        read = 0
        while batches:
            batch = batches.pop(0)
            for step in steps_of(engine, batch):
                if step.layer == "akeneo":
                    read += step().counts["read"] if batch != STRUCTURE else step().counts["blocked"]
            if batch == STRUCTURE:
                partitions = EnginePartitions(engine)
                batches += map(batch_of, (*partitions.trees(), *partitions.families()))
        return read


def _load() -> int:
    load = full_load()
    return sum(counts["created"] + counts["updated"] for counts in load.delivered.values()) or load.read.total()
