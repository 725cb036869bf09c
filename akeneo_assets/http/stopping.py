"""Bring the work of this process to an end: what is in hand is finished, nothing new is begun, nobody waits."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager


class StoppedError(BaseException):
    """The work ends here because this process was told to stop. No error: whatever is left is still due."""


_asked = threading.Event()
_held: dict[object, Callable[[], None]] = {}


def ask_to_stop() -> None:
    """Let all work of this process end soon, for good."""
    _asked.set()


def stop_if_asked() -> None:
    """Call this before something new is begun.

    Raises:
        StoppedError: This process was told to stop.
    """
    if _asked.is_set():
        raise StoppedError


def sleep(seconds: float) -> None:
    """Wait.

    Raises:
        StoppedError: This process was told to stop, before or meanwhile.
    """
    if _asked.wait(seconds):
        raise StoppedError


@contextmanager
def giving_back(give_back: Callable[[], None]) -> Iterator[None]:
    """Give something back, once: after the block, or when the process ends before that."""
    key = object()
    _held[key] = give_back
    try:
        yield
    finally:
        _give_back(key)


def give_all_back() -> None:
    """Give back what this process holds, for work that does not end in time."""
    for key in list(_held):
        with contextlib.suppress(Exception):
            _give_back(key)


@contextmanager
def threads(count: int, name: str) -> Iterator[ThreadPoolExecutor]:
    """Open a pool of threads that ends soon when the block is interrupted: tasks in hand are finished, no others."""
    pool = ThreadPoolExecutor(count, thread_name_prefix=name)
    try:
        yield pool
    except Exception:
        pool.shutdown(cancel_futures=True)
        raise
    except BaseException:
        # An interrupt by Dagster or Ctrl-C reaches only the main thread.
        was_asked = _asked.is_set()
        _asked.set()
        try:
            pool.shutdown(cancel_futures=True)
        finally:
            if not was_asked:
                _asked.clear()
        raise
    pool.shutdown()


def _give_back(key: object) -> None:
    give_back = _held.pop(key, None)
    if give_back is not None:
        give_back()
