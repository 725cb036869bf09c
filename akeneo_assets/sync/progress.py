"""Progress of long-running work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from akeneo_assets.sync.results import RecordProgress

Progress: TypeAlias = Callable[[str, str, int], None]
"""Called with the step (such as ``read``), the kind or object, and how many records were just done."""

_watchers: list[Progress] = []
_estimate_watchers: list[Callable[[RecordProgress], None]] = []


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


@contextmanager
def watch_estimates(watcher: Callable[[RecordProgress], None]) -> Iterator[None]:
    """Report once a minute to ``watcher`` how far the deliveries of all engines in this process are."""
    _estimate_watchers.append(watcher)
    try:
        yield
    finally:
        _estimate_watchers.remove(watcher)


def report_estimate(progress: RecordProgress) -> None:
    """Report how far a delivery is to all watchers."""
    for watcher in _estimate_watchers:
        watcher(progress)
