"""The slots of one process, in memory."""

from __future__ import annotations

import heapq
import threading
import time

from akeneo_assets.http.governor import Limits, Slot

CONNECTION_POLL_SECONDS = 0.005
"""Seconds to wait while every connection is in use, because it is unknown when a response will be complete."""


class _Window:
    """The slots of one API; all times are seconds of the monotonic clock."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.free: list[tuple[float, int]] = [(0.0, number) for number in range(limits.requests)]
        self.busy: dict[int, float] = {}
        self.paused_until = 0.0


class LocalBudget:
    """Implements :class:`akeneo_assets.http.governor.Budget` for the threads of one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._windows: dict[str, _Window] = {}

    def acquire(self, api: str, limits: Limits, lease_seconds: float) -> Slot | float:
        """Return a slot, or the seconds to wait before the next call.

        Raises:
            ValueError: ``limits`` differ from those of the first call for this API.
        """
        with self._lock:
            now = time.monotonic()
            window = self._windows.get(api)
            if window is None:
                window = self._windows[api] = _Window(limits)
            if window.limits != limits:
                raise ValueError(f"The limits of {api} changed from {window.limits} to {limits}")
            for number in [number for number, lease_end in window.busy.items() if lease_end <= now]:
                heapq.heappush(window.free, (window.busy.pop(number) + limits.seconds, number))
            if window.paused_until > now:
                return window.paused_until - now
            if not window.free or len(window.busy) >= limits.connections:
                return CONNECTION_POLL_SECONDS
            free_at, number = window.free[0]
            if free_at > now:
                return free_at - now
            heapq.heappop(window.free)
            window.busy[number] = now + lease_seconds
            return Slot(api, number)

    def release(self, slot: Slot) -> None:
        """Release ``slot``; its window starts now."""
        with self._lock:
            window = self._windows[slot.api]
            # An expired lease has already released the slot.
            if window.busy.pop(slot.number, None) is not None:
                heapq.heappush(window.free, (time.monotonic() + window.limits.seconds, slot.number))

    def pause(self, api: str, seconds: float) -> None:
        """Issue no slots of ``api`` for this long; the pause that ends last applies."""
        with self._lock:
            window = self._windows[api]
            window.paused_until = max(window.paused_until, time.monotonic() + seconds)
