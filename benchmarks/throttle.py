"""How much of the throttle's limit several processes use together while there is work."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Final

from akeneo_assets.settings import Settings
from akeneo_assets.sync.connect import connect
from akeneo_assets.sync.engine import Engine
from benchmarks.processes import running_sandbox, scratch_folder, workers
from benchmarks.reporting import Figure, Section

PROCESSES: Final = 3
LATENCY_SECONDS: Final = 0.05


def measure(window_seconds: float) -> list[Section]:
    """Let processes send requests as fast as they can: with a usual limit, and with fewer requests than threads.

    Args:
        window_seconds: Length of the window of the low limit.
    """
    return [_measure(150, 3.0, windows=5), _measure(5, window_seconds, windows=6)]


def _measure(limit: int, window: float, *, windows: int) -> Section:
    settings = {"AKENEO_API_THROTTLE_LIMIT": str(limit), "AKENEO_API_THROTTLE_SECONDS": str(window)}
    with running_sandbox(10) as sandbox, scratch_folder() as folder, ExitStack() as stack:
        pools = [stack.enter_context(workers(1, {**sandbox.environment, **settings}, folder)) for _ in range(PROCESSES)]
        for ready in [pool.submit(_connect) for pool in pools]:
            ready.result()
        sandbox.delay("akeneo", LATENCY_SECONDS)
        # The login also used the limit. After one window, the whole limit is available.
        start = time.time() + window + 0.5
        asked = [pool.submit(_ask, start, start + windows * window) for pool in pools]
        completed = sum(each.result() for each in asked)
        greatest = sandbox.counters("akeneo", window)["maximum_in_window"]
    share = 100 * completed / (limit * windows)
    return Section(
        f"Throttle of {limit} requests in any {window:g} s, shared by {PROCESSES} processes",
        [
            Figure(f"responses in {windows} windows", completed, "requests"),
            Figure("used of the limit", share, "%", at_least=95),
            Figure("most in any window, as the server counts", greatest, "requests", at_most=limit),
        ],
    )


# In the worker

_engines: Final[list[Engine]] = []


def _connect() -> None:
    engine = connect(Settings.from_environment(), run_id="bench-throttle")
    engine.akeneo.log_in()
    _engines.append(engine)


def _ask(start: float, end: float) -> int:
    """Send requests from ``start`` to ``end``; return how many got a response in this time."""
    engine = _engines.pop()

    def ask(_: int) -> int:
        completed = 0
        while time.time() < end:
            engine.akeneo.system_information()
            completed += time.time() < end
        return completed

    time.sleep(max(0.0, start - time.time()))
    threads = engine.settings.akeneo_concurrent_connections
    with ThreadPoolExecutor(threads) as pool:
        completed = sum(pool.map(ask, range(threads)))
    engine.close()
    return completed
