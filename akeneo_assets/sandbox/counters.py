"""What an app of the sandbox received: requests by action and status, their rate, and how many were open at once."""

from __future__ import annotations

import threading
import time
from array import array
from collections import Counter

from akeneo_assets.documents import JsonObject

NO_ACTION = "unknown"
"""Action of a request that matches no route."""


class Counters:
    """Counts of one app; safe to use from several threads.

    An *action* is the name of a route, e.g. ``products-uuid.list``. A *status* is the HTTP status as text, or
    ``reset`` if the connection was broken before a response. An *event* is anything else that an app counts,
    e.g. ``children_recreated``.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._clear()

    def _clear(self) -> None:
        self._requests: Counter[str] = Counter()
        self._statuses: Counter[str] = Counter()
        self._no_op_writes: Counter[str] = Counter()
        self._events: Counter[str] = Counter()
        self._arrivals = array("d")
        self._open = 0
        self._maximum_open = 0

    def arrive(self, action: str) -> None:
        """Count a new request; it is open until :meth:`leave`."""
        with self._lock:
            self._arrivals.append(time.monotonic())
            self._requests[action] += 1
            self._open += 1
            self._maximum_open = max(self._maximum_open, self._open)

    def leave(self, status: str) -> None:
        """Count the response to a request."""
        with self._lock:
            self._statuses[status] += 1
            # A reset in the meantime has removed the arrival.
            self._open = max(0, self._open - 1)

    def no_op_write(self, action: str) -> None:
        """Count a write that changed nothing."""
        with self._lock:
            self._no_op_writes[action] += 1

    def event(self, name: str, amount: int = 1) -> None:
        """Count ``amount`` events; zero adds no entry."""
        if amount:
            with self._lock:
                self._events[name] += amount

    @property
    def total(self) -> int:
        """Number of requests, with any result."""
        return len(self._arrivals)

    @property
    def maximum_open(self) -> int:
        """Greatest number of requests that were open at the same time."""
        return self._maximum_open

    @property
    def arrivals(self) -> list[float]:
        """Arrival times in seconds of the monotonic clock, in order."""
        with self._lock:
            return self._arrivals.tolist()

    def requests(self, action: str) -> int:
        """Return the number of requests of ``action``."""
        return self._requests[action]

    def statuses(self, status: int | str) -> int:
        """Return the number of responses with ``status``."""
        return self._statuses[str(status)]

    def no_op_writes(self, action: str | None = None) -> int:
        """Return the number of writes that changed nothing, of one action or of all."""
        with self._lock:
            return self._no_op_writes[action] if action else sum(self._no_op_writes.values())

    def events(self, name: str) -> int:
        """Return how often ``name`` happened."""
        return self._events[name]

    def maximum_in_window(self, seconds: float) -> int:
        """Return the greatest number of requests that arrived in any window of ``seconds``, both ends included."""
        arrivals = self.arrivals
        first = 0
        greatest = 0
        for last, arrival in enumerate(arrivals):
            while arrival - arrivals[first] > seconds:
                first += 1
            greatest = max(greatest, last - first + 1)
        return greatest

    def snapshot(self, window_seconds: float | None = None) -> JsonObject:
        """Return all counts as one JSON document, with ``maximum_in_window`` if a window is given."""
        with self._lock:
            document: JsonObject = {
                "total": len(self._arrivals),
                "requests": dict(self._requests),
                "statuses": dict(self._statuses),
                "maximum_open": self._maximum_open,
                "no_op_writes": dict(self._no_op_writes),
                "events": dict(self._events),
            }
        if window_seconds is not None:
            document["maximum_in_window"] = self.maximum_in_window(window_seconds)
        return document

    def reset(self) -> None:
        """Forget everything."""
        with self._lock:
            self._clear()
