"""Whether memory stays constant while the catalogue grows."""

from __future__ import annotations

from typing import Final

from benchmarks.processes import running_sandbox, scratch_folder
from benchmarks.reporting import Check, Figure, Section
from benchmarks.requests_and_cost import MEGABYTE, measured_load

SIZES: Final = (10_000, 50_000)
GROWTH: Final = 1.25
"""Allows for data per family and category, and for variations of Python's allocator."""


def measure() -> list[Section]:
    """Load catalogues of several sizes."""
    peaks = [_peak(products) for products in SIZES]
    return [
        Section(
            "Memory of a first load",
            [
                Figure(f"peak memory, {products} products", peak, "MB")
                for products, peak in zip(SIZES, peaks, strict=True)
            ],
            [
                Check("growth from the smallest to the largest catalogue", peaks[-1] / peaks[0], GROWTH, "times"),
                Check("peak memory", max(peaks), 400.0, "MB"),
            ],
        )
    ]


def _peak(products: int) -> float:
    with running_sandbox(products) as sandbox, scratch_folder() as folder:
        return measured_load(sandbox, folder).load.peak_bytes / MEGABYTE
