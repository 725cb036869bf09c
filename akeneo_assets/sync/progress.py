"""Progress of long-running work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

Progress: TypeAlias = Callable[[str, str, int], None]
"""Told what is done (``read`` or ``deliver``), the kind or object, and how many records were just done."""

_watchers: list[Progress] = []


@contextmanager
def watched_by(watcher: Progress) -> Iterator[None]:
    """Tell ``watcher`` of the progress of all engines of this process, e.g. to draw it in a terminal."""
    _watchers.append(watcher)
    try:
        yield
    finally:
        _watchers.remove(watcher)


def announce(step: str, subject: str, records: int) -> None:
    """Tell everybody who watches."""
    for watcher in _watchers:
        watcher(step, subject, records)
