"""Whether one large family is read with all allowed connections."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import Final, Literal
from unittest.mock import patch

from akeneo_assets.http.governor import Governor
from akeneo_assets.settings import Settings
from akeneo_assets.sync.connect import connect
from benchmarks.processes import UNTHROTTLED, RunningSandbox, in_fresh_process, running_sandbox, scratch_folder
from benchmarks.reporting import Figure, Section
from benchmarks.whole_loads import PAGE

CONNECTIONS: Final = 4
LATENCY: Final = 100
"""Milliseconds; Akeneo takes longer than this for a full page."""
ROUNDS: Final = 3
"""The fastest of several rounds counts, to ignore other work of the machine."""

_FAMILY: Final = "family:family_1"
_FORMATS: Final[tuple[Literal["UUID", "Identifier"], ...]] = ("UUID", "Identifier")


@dataclass(frozen=True)
class Read:
    """What reading the family cost.

    Attributes:
        requests: Requests for pages.
        seconds: The time of all.
        busy_seconds: The sum of the times of the requests, from their slot of the throttle to the end of the response.
    """

    requests: int
    seconds: float
    busy_seconds: float


def measure(products: int, latency_seconds: float) -> list[Section]:
    """Read the products of a family with one connection and with several, in both formats of product ids.

    Args:
        products: Number of products.
        latency_seconds: How long each response is delayed.
    """
    with running_sandbox(products, families=1) as sandbox:
        sandbox.delay("akeneo", latency_seconds)
        sections = [_measure(sandbox, products, id_format) for id_format in _FORMATS]
    return [
        replace(section, title=f"{section.title}, at a latency of {1000 * latency_seconds:g} ms")
        for section in sections
    ]


def _measure(sandbox: RunningSandbox, products: int, id_format: str) -> Section:
    one = _reads(sandbox, id_format, connections=1, rounds=1)
    several = _reads(sandbox, id_format, connections=CONNECTIONS, rounds=ROUNDS)
    least = math.ceil(products / PAGE)
    figures: list[Figure] = []
    for title, alone, together in zip(("first read", "second read"), one, several, strict=True):
        latency = alone.busy_seconds / alone.requests
        ideal = together.requests * latency / CONNECTIONS
        at_a_time = together.busy_seconds / together.seconds
        figures += [
            Figure(f"{title}: pages, at least {least}", together.requests, "requests"),
            Figure(f"{title}: pages, compared with the least", together.requests / least, "times", at_most=1.03),
            Figure(f"{title}: time with one connection", alone.seconds, "s"),
            Figure(f"{title}: time with {CONNECTIONS} connections", together.seconds, "s"),
            Figure(f"{title}: pages · {1000 * latency:.0f} ms / {CONNECTIONS}", ideal, "s"),
            Figure(f"{title}: time, compared with that", together.seconds / ideal, "times", at_most=1.15),
            Figure(f"{title}: requests at a time, on average", at_a_time, "requests", at_least=3.5),
        ]
    return Section(f"One family of {products:,} products, by {id_format}", figures)


def _reads(sandbox: RunningSandbox, id_format: str, *, connections: int, rounds: int) -> tuple[Read, Read]:
    """Return the fastest first and the fastest second read."""
    settings = {
        **sandbox.environment,
        **UNTHROTTLED,
        "AKENEO_CONCURRENT_CONNECTIONS": str(connections),
        "AKENEO_PRODUCT_ID_FORMAT": id_format,
    }
    reads: list[tuple[Read, Read]] = []
    for _ in range(rounds):
        with scratch_folder() as folder:
            reads.append(in_fresh_process(settings, folder, _read_twice))
    first, second = zip(*reads, strict=True)
    return min(first, key=lambda read: read.seconds), min(second, key=lambda read: read.seconds)


# In the worker


def _read_twice() -> tuple[Read, Read]:
    with closing(connect(Settings.from_environment(), run_id="bench-structure")) as engine:
        engine.read_structure()
    return _read_family(), _read_family()


def _read_family() -> Read:
    with closing(connect(Settings.from_environment(), run_id="bench-family")) as engine, _watched_slots() as busy:
        engine.log_in()
        busy.clear()
        start = time.monotonic()
        engine.read_products(_FAMILY)
        return Read(len(busy), time.monotonic() - start, sum(busy))


@contextmanager
def _watched_slots() -> Iterator[list[float]]:
    """Yield a list that receives the seconds of each request."""
    busy: list[float] = []
    slot = Governor.slot

    @contextmanager
    def watched(governor: Governor) -> Iterator[None]:
        with slot(governor):
            start = time.monotonic()
            yield
            busy.append(time.monotonic() - start)

    with patch.object(Governor, "slot", watched):
        yield busy
