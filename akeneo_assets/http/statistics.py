"""Statistics of the requests of a run: counts by action, retries, and time spent throttled."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from akeneo_assets import metrics

Outcome: TypeAlias = Literal["completed", "repeated", "failed"]
"""The outcome of a request: its response was used, it is retried, or it failed for good."""


@dataclass(frozen=True)
class RetryEvent:
    """A request is about to be retried.

    Args:
        api: The API, e.g. ``akeneo``.
        action: The name of the request, e.g. ``products-uuid.list``.
        attempt: The number of the attempt that failed, from 1.
        reason: Why it failed.
        wait_seconds: The wait before the next attempt.
    """

    api: str
    action: str
    attempt: int
    reason: str
    wait_seconds: float


@dataclass(frozen=True)
class Contact:
    """The result of the latest request to an API.

    Args:
        at: When it ended, in epoch seconds.
        problem: Why there was no usable response; None if there was one.
    """

    at: float
    problem: str | None


@dataclass(frozen=True)
class RequestCounts:
    """The counts up to one moment; the difference of two is what happened in between.

    Args:
        requests: Requests sent, by API and action; retries are counted, too.
        retries: Requests that failed and were retried.
        throttled_seconds: Time spent waiting for the throttle, summed over all threads.
        pauses: How often an API asked to pause all requests.
    """

    requests: Counter[tuple[str, str]] = field(default_factory=Counter)
    retries: int = 0
    throttled_seconds: float = 0.0
    pauses: int = 0

    def total(self, api: str | None = None) -> int:
        """Return the number of requests to ``api``, or to all APIs."""
        return sum(count for (name, _), count in self.requests.items() if api in {None, name})

    def __sub__(self, earlier: RequestCounts) -> RequestCounts:
        return RequestCounts(
            # The difference of Counters leaves out actions without requests.
            self.requests - earlier.requests,
            self.retries - earlier.retries,
            self.throttled_seconds - earlier.throttled_seconds,
            self.pauses - earlier.pauses,
        )


class RequestStatistics:
    """Counts the requests of all clients and threads of a process.

    Args:
        on_retry: Called in the requesting thread, before each wait for another attempt.
    """

    def __init__(self, on_retry: Callable[[RetryEvent], None] | None = None) -> None:
        self._on_retry = on_retry
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, str]] = Counter()
        self._retries = 0
        self._throttled_seconds = 0.0
        self._pauses = 0
        self._contacts: dict[str, Contact] = {}

    def count(self, api: str, action: str, outcome: Outcome, problem: str | None = None) -> None:
        """Count one request that was sent.

        Args:
            api: The API.
            action: The name of the request.
            outcome: What became of it.
            problem: Why there was no usable response; None if there was one, also if it refused the request.
        """
        with self._lock:
            self._contacts[api] = Contact(time.time(), problem)
            self._requests[api, action] += 1
            self._retries += outcome == "repeated"
        metrics.record(metrics.REQUESTS, 1, {"side": api, "action": action, "outcome": outcome})

    def retrying(self, event: RetryEvent) -> None:
        """Notify the listener of a retry."""
        if self._on_retry is not None:
            self._on_retry(event)

    def throttled(self, seconds: float) -> None:
        """Add the seconds that a thread waited for the throttle."""
        with self._lock:
            self._throttled_seconds += seconds

    def paused(self) -> None:
        """Count one pause that an API asked for."""
        with self._lock:
            self._pauses += 1

    def contacts(self) -> dict[str, Contact]:
        """Return the latest contact with each API that was called."""
        with self._lock:
            return dict(self._contacts)

    def snapshot(self) -> RequestCounts:
        """Return the counts up to now."""
        with self._lock:
            return RequestCounts(Counter(self._requests), self._retries, self._throttled_seconds, self._pauses)
