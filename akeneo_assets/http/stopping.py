"""Stop the work of this process gracefully: current tasks are finished, no new ones start, and waits end."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager


class StoppedError(BaseException):
    """This process was asked to stop. This is not a failure: remaining work is still pending."""


_asked = threading.Event()
_held: dict[object, Callable[[], None]] = {}


def ask_to_stop() -> None:
    """Stop all work of this process soon and for good."""
    _asked.set()


def stop_if_asked() -> None:
    """Raise an error if this process was asked to stop; call this before starting new work.

    Raises:
        StoppedError: This process was asked to stop.
    """
    if _asked.is_set():
        raise StoppedError


def sleep(seconds: float) -> None:
    """Wait, unless this process is asked to stop.

    Raises:
        StoppedError: This process was asked to stop, before or during the wait.
    """
    if _asked.wait(seconds):
        raise StoppedError


@contextmanager
def releasing(release: Callable[[], None]) -> Iterator[None]:
    """Release something exactly once: after the block, or in :func:`release_all`."""
    key = object()
    _held[key] = release
    try:
        yield
    finally:
        _release(key)


def release_all() -> None:
    """Release everything that this process holds, if its work does not end in time."""
    for key in list(_held):
        with contextlib.suppress(Exception):
            _release(key)


@contextmanager
def threads(count: int, name: str) -> Iterator[ThreadPoolExecutor]:
    """Open a thread pool; if the block is interrupted, current tasks are finished and pending ones are canceled."""
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


def _release(key: object) -> None:
    release = _held.pop(key, None)
    if release is not None:
        release()
