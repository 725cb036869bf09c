"""Whether one large family is read with all allowed connections: first into an empty mirror, then unchanged."""

from __future__ import annotations

import math
import time
from typing import Final, Literal

from akeneo_assets.settings import Settings
from akeneo_assets.sync.connect import connect
from benchmarks.processes import RunningSandbox, in_fresh_process, running_sandbox, scratch_folder
from benchmarks.reporting import Check, Figure, Section
from benchmarks.requests_and_cost import PAGE, UNTHROTTLED

LATENCY_SECONDS: Final = 0.1
CONNECTIONS: Final = 4
FAMILY: Final = "family:lamps"

_LISTS: Final[dict[Literal["UUID", "Identifier"], str]] = {"UUID": "products-uuid.list", "Identifier": "products.list"}


def measure(products: int) -> list[Section]:
    """Read the products of a family twice, in both formats of product ids."""
    with running_sandbox(products, one_family=True) as sandbox:
        return [_measure(sandbox, products, id_format) for id_format in _LISTS]


def _measure(sandbox: RunningSandbox, products: int, id_format: Literal["UUID", "Identifier"]) -> Section:
    settings = {
        **sandbox.environment,
        **UNTHROTTLED,
        "AKENEO_CONCURRENT_CONNECTIONS": str(CONNECTIONS),
        "AKENEO_PRODUCT_ID_FORMAT": id_format,
    }
    least = math.ceil(products / PAGE)
    ideal = least * LATENCY_SECONDS / CONNECTIONS
    figures: list[Figure] = []
    checks: list[Check] = []
    with scratch_folder() as folder:
        in_fresh_process(settings, folder, _read_structure)
        sandbox.delay("akeneo", LATENCY_SECONDS)
        for title in ("first read", "second read"):
            sandbox.reset_counters()
            seconds = in_fresh_process(settings, folder, _read_family)
            counters = sandbox.counters("akeneo")
            pages = counters["requests"][_LISTS[id_format]]
            chains = counters["open_seconds"] / seconds
            figures += [Figure(f"{title}: pages", pages, "requests", least), Figure(f"{title}: time", seconds, "s")]
            figures.append(Figure(f"{title}: ideal time", ideal, "s"))
            checks += [
                Check(f"{title}: pages, compared with the least", pages / least, 1.03, "times"),
                Check(f"{title}: requests at a time", chains, 3.5, "requests", at_least=True),
                Check(f"{title}: time, compared with the ideal", seconds / ideal, 1.15, "times"),
            ]
        sandbox.clear_faults("akeneo")
    return Section(
        f"One family of {products} products, by {id_format}, with {CONNECTIONS} connections and a latency of "
        f"{1000 * LATENCY_SECONDS:g} ms",
        figures,
        checks,
    )


# In the worker


def _read_structure() -> None:
    engine = connect(Settings.from_environment(), run_id="bench-structure")
    engine.read_structure()
    engine.close()


def _read_family() -> float:
    """Return the seconds that reading the family takes."""
    engine = connect(Settings.from_environment(), run_id="bench-family")
    engine.log_in()
    start = time.monotonic()
    engine.read_products(FAMILY)
    seconds = time.monotonic() - start
    engine.close()
    return seconds
