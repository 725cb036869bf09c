"""What ``akeneo-assets sync full`` costs, with all of Dagster's processes."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from benchmarks.processes import UNTHROTTLED, RunningSandbox, in_fresh_process, running_sandbox, scratch_folder
from benchmarks.reporting import Figure, Section
from benchmarks.whole_loads import MEGABYTE, MOST_MEGABYTES, MOST_WRITES, sent_records, writes_a_record

CONNECTIONS: Final = 4
LATENCY: Final = 50
"""Milliseconds."""
LONGEST: Final = 1.15
"""Time of a load, compared with the least time of the requests to the side that gets more of them."""
SENT_MILLISECONDS: Final = 4.0
UNCHANGED_MILLISECONDS: Final = 0.5
LARGEST_RATIO: Final = 2.0
SMALL, LARGE = 10, 500
FAMILY_PRODUCTS: Final = 3_000

_SETTINGS: Final = {
    **UNTHROTTLED,
    "AKENEO_CONCURRENT_CONNECTIONS": str(CONNECTIONS),
    "IPAAS_CONCURRENT_CONNECTIONS": str(CONNECTIONS),
}
_COMMAND: Final = (sys.executable, "-c", "from akeneo_assets.cli import main; main()", "sync", "full", "--json")
_SOME_RECORDS_ARE_OPEN: Final = 1
_PR_SET_CHILD_SUBREAPER: Final = 36
"""From Linux's ``prctl.h``."""


@dataclass(frozen=True)
class CommandCost:
    """What one command did and cost.

    Attributes:
        seconds: How long it took.
        cpu_seconds: Processor time of all its processes.
        peak_bytes: Memory of the largest of them.
        read: Records that it read.
        objects: Object → outcome → number of records.
        akeneo: Requests to Akeneo, as the server counted them.
        ipaas: The same for iPaaS.com, by action.
    """

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    read: int
    objects: Mapping[str, Mapping[str, int]]
    akeneo: int = 0
    ipaas: Mapping[str, int] | None = None


def measure(products: int, latency_seconds: float) -> list[Section]:
    """Load a generated catalogue twice, while both servers answer late.

    Args:
        products: Size of the catalogue.
        latency_seconds: How long each response is delayed.
    """
    with running_sandbox(products) as sandbox, scratch_folder() as folder:
        sandbox.delay("akeneo", latency_seconds)
        sandbox.delay("ipaas", latency_seconds)
        first, second = _load(sandbox, folder), _load(sandbox, folder)
    late = f"with {1000 * latency_seconds:g} ms for each response"
    return [
        _first(f"akeneo-assets sync full of {products:,} products, {late}", first, latency_seconds),
        _unchanged("The same command again, without changes", second),
    ]


def measure_families(products: int) -> list[Section]:
    """Load two catalogues of the same size: one of many small families, one of few large ones."""
    costs = {}
    for size in (SMALL, LARGE):
        families = max(1, products // size)
        with running_sandbox(products, families=families) as sandbox, scratch_folder() as folder:
            costs[f"{families:,} times {products // families:,} products"] = _load(sandbox, folder)
    small, large = costs.values()
    return [
        Section(
            f"akeneo-assets sync full of {products:,} products in many small families, and in few large ones",
            [
                *(Figure(f"processor time, {name}", cost.cpu_seconds, "s") for name, cost in costs.items()),
                *(Figure(f"time, {name}", cost.seconds, "s") for name, cost in costs.items()),
                Figure(
                    "processor time, small to large",
                    small.cpu_seconds / large.cpu_seconds,
                    "times",
                    at_most=LARGEST_RATIO,
                ),
            ],
        )
    ]


def _load(sandbox: RunningSandbox, folder: str) -> CommandCost:
    sandbox.reset_counters()
    cost = in_fresh_process({**sandbox.environment, **_SETTINGS}, folder, run_command)
    akeneo, ipaas = (sandbox.counters(app)["requests"] for app in ("akeneo", "ipaas"))
    return CommandCost(
        cost.seconds, cost.cpu_seconds, cost.peak_bytes, cost.read, cost.objects, sum(akeneo.values()), ipaas
    )


def _first(title: str, cost: CommandCost, latency_seconds: float) -> Section:
    sent, ipaas = sent_records(cost.objects), cost.ipaas or {}
    writes = sum(ipaas.values())
    limit = max(cost.akeneo, writes) * latency_seconds / CONNECTIONS
    return Section(
        title,
        [
            Figure("records sent", sum(sent.values()), "records"),
            Figure("requests to Akeneo", cost.akeneo, "requests"),
            Figure("requests to iPaaS.com", writes, "requests"),
            Figure("writes, compared with one per record", writes_a_record(ipaas, sent), "times", at_most=MOST_WRITES),
            Figure(f"limit: the larger number of requests, {CONNECTIONS} at a time", limit, "s"),
            Figure("time", cost.seconds, "s"),
            *([Figure("time, compared with the limit", cost.seconds / limit, "times", LONGEST)] if limit else []),
            *_cost(cost, sum(sent.values()), "sent record", SENT_MILLISECONDS),
        ],
    )


def _unchanged(title: str, cost: CommandCost) -> Section:
    return Section(
        title,
        [
            Figure("records read", cost.read, "records"),
            Figure("requests to Akeneo", cost.akeneo, "requests"),
            Figure("requests to iPaaS.com", sum((cost.ipaas or {}).values()), "requests"),
            Figure("time", cost.seconds, "s"),
            *_cost(cost, cost.read, "unchanged record", UNCHANGED_MILLISECONDS),
        ],
    )


def _cost(cost: CommandCost, records: int, record: str, goal: float) -> list[Figure]:
    return [
        Figure("processor time of all processes", cost.cpu_seconds, "s"),
        Figure(f"processor time per {record}", 1000 * cost.cpu_seconds / records, "ms", at_most=goal),
        Figure("peak memory of the largest process", cost.peak_bytes / MEGABYTE, "MB", at_most=MOST_MEGABYTES),
    ]


# In the worker


def run_command() -> CommandCost:
    """Run the command, and return what it and all processes that it started cost."""
    _adopt_orphans()
    started = time.monotonic()
    done = subprocess.run(_COMMAND, stdout=subprocess.PIPE, check=False)
    seconds = time.monotonic() - started
    if done.returncode not in {0, _SOME_RECORDS_ARE_OPEN}:
        raise RuntimeError(f"akeneo-assets sync full ended with code {done.returncode}")
    _wait_for_orphans()
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    totals = json.loads(done.stdout)
    return CommandCost(
        seconds,
        usage.ru_utime + usage.ru_stime,
        usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
        totals["read"],
        totals["objects"],
    )


def _adopt_orphans() -> None:
    """Become the parent of processes whose parent ends, so that their usage counts, too.

    Workers are children of a fork server, which outlives the command for a moment. Elsewhere, there is no fork server.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _wait_for_orphans() -> None:
    while True:
        try:
            os.wait()
        except ChildProcessError:
            return
