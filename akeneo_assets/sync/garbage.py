"""Python's search for unreachable cycles, which a sync makes hardly any of."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_THRESHOLDS: Final = (20_000, 20, 20)

_lock: Final = threading.Lock()
_before: list[tuple[int, int, int]] = []
"""The thresholds before each block that is active now; only the first ones were set by the user."""


@contextmanager
def rarely_searched() -> Iterator[None]:
    """Search less often in this block, which may overlap with the blocks of other threads.

    Python searches after every 700 new objects by default. A page of records has tens of thousands, so the searches
    would take an eighth of an engine's processor time. This costs about 5 MB of memory.
    """
    with _lock:
        _before.append(before := gc.get_threshold())
        if 0 < before[0] < _THRESHOLDS[0]:  # else the user already searches less often, or never
            gc.set_threshold(*_THRESHOLDS)
    try:
        yield
    finally:
        with _lock:
            last = _before.pop()
            if not _before:
                gc.set_threshold(*last)
