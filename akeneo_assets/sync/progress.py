"""Progress of long-running work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

Progress: TypeAlias = Callable[[str, str, int], None]
"""Called with the step (such as ``read``), the kind or object, and how many records were just done."""

_watchers: list[Progress] = []


@contextmanager
def watch_progress(watcher: Progress) -> Iterator[None]:
    """Report the progress of all engines in this process to ``watcher``, e.g. to show it in a terminal."""
    _watchers.append(watcher)
    try:
        yield
    finally:
        _watchers.remove(watcher)


def report_progress(step: str, subject: str, records: int) -> None:
    """Report progress to all watchers."""
    for watcher in _watchers:
        watcher(step, subject, records)
