"""Whether memory stays constant while the catalogue grows."""

from __future__ import annotations

from typing import Final

from benchmarks.processes import running_sandbox, scratch_folder
from benchmarks.reporting import Figure, Section
from benchmarks.whole_loads import MEGABYTE, MOST_MEGABYTES, measured_load

FACTOR: Final = 5
GROWTH: Final = 1.25
"""Allows for data per family and category, and for variations of Python's allocator."""


def measure(products: int) -> list[Section]:
    """Load a catalogue, and one that is five times smaller."""
    small, large = (_peak(size) for size in (products // FACTOR, products))
    return [
        Section(
            f"Memory of a first load of {products:,} products",
            [
                Figure(f"peak memory, {products // FACTOR:,} products", small, "MB", at_most=MOST_MEGABYTES),
                Figure(f"peak memory, {products:,} products", large, "MB", at_most=MOST_MEGABYTES),
                Figure("growth", large / small, "times", at_most=GROWTH),
            ],
        )
    ]


def _peak(products: int) -> float:
    with running_sandbox(products) as sandbox, scratch_folder() as folder:
        return measured_load(sandbox, folder).load.peak_bytes / MEGABYTE
