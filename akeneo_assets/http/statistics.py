"""What the requests of a run amount to: how many, of which sort, how often repeated, how long held back."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Outcome: TypeAlias = Literal["answered", "repeated", "failed"]
"""Of one request: its answer was used, it is sent again, or it ended the call with an error."""


@dataclass(frozen=True)
class RetryEvent:
    """A request is about to be sent again.

    Args:
        api: The API, e.g. ``akeneo``.
        action: What the request was for, e.g. ``products-uuid.list``.
        attempt: The number of the attempt that failed, from 1.
        reason: Why it failed, in words.
        wait_seconds: How long nothing is sent before the next attempt.
    """

    api: str
    action: str
    attempt: int
    reason: str
    wait_seconds: float


@dataclass(frozen=True)
class RequestCounts:
    """The requests up to one moment; the difference of two of them is what one stage took.

    Args:
        requests: Requests that were sent, by (API, action); repeated ones count each time.
        retries: Those of them whose answer was not usable, so that they were sent again.
        throttled_seconds: Time that threads spent waiting for the throttle, added up over the threads.
        pauses: How often an API asked everybody to wait.
    """

    requests: Counter[tuple[str, str]] = field(default_factory=Counter)
    retries: int = 0
    throttled_seconds: float = 0.0
    pauses: int = 0

    def total(self, api: str | None = None) -> int:
        """Return how many requests went to ``api``, or to all APIs."""
        return sum(count for (name, _), count in self.requests.items() if api in {None, name})

    def __sub__(self, earlier: RequestCounts) -> RequestCounts:
        return RequestCounts(
            # Counter's own difference leaves out the actions that took no request.
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

    def count(self, api: str, action: str, outcome: Outcome) -> None:
        """Count one request that was sent."""
        with self._lock:
            self._requests[api, action] += 1
            self._retries += outcome == "repeated"

    def retrying(self, event: RetryEvent) -> None:
        """Tell the listener about a request that will be sent again."""
        if self._on_retry is not None:
            self._on_retry(event)

    def throttled(self, seconds: float) -> None:
        """Add the seconds that one thread waited for the throttle."""
        with self._lock:
            self._throttled_seconds += seconds

    def paused(self) -> None:
        """Count one request of an API that everybody wait."""
        with self._lock:
            self._pauses += 1

    def snapshot(self) -> RequestCounts:
        """Return the counts up to now."""
        with self._lock:
            return RequestCounts(Counter(self._requests), self._retries, self._throttled_seconds, self._pauses)
