"""The throttle of one API, shared by all threads and, through the budget, by all processes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from akeneo_assets import metrics
from akeneo_assets.http.statistics import RequestStatistics
from akeneo_assets.http.stopping import releasing, sleep

USUAL_REQUEST_SECONDS = 60.0
LEASE_SECONDS = 75.0
"""How long a slot may be held with the usual timeout. This is longer than the timeout of a request, so only slots of a
killed process expire. Until then, its connections count as open, and the next run waits for them."""


@dataclass(frozen=True)
class Limits:
    """The limits of an API.

    Args:
        requests: Maximum number of requests in any window.
        seconds: Length of the window in seconds.
        connections: Maximum number of concurrent requests.
    """

    requests: int
    seconds: float
    connections: int


@dataclass(frozen=True)
class Slot:
    """The right to send one request to ``api``."""

    api: str
    number: int


class Budget(Protocol):
    """The slots of all APIs: each API has ``limits.requests`` slots.

    A slot is busy from acquire to release, and becomes free ``limits.seconds`` after its release. A slot therefore
    serves at most one request in any window, however long the request takes to arrive, and the API receives at most
    ``limits.requests`` requests in any window.
    """

    def acquire(self, api: str, limits: Limits, lease_seconds: float) -> Slot | float:
        """Return a slot, or the seconds to wait before asking again.

        Args:
            api: The API, e.g. ``akeneo``.
            limits: Its limits.
            lease_seconds: After this time, the slot counts as released, because its holder must have crashed.
        """
        ...

    def release(self, slot: Slot) -> None:
        """Release ``slot``; its window starts now."""
        ...

    def pause(self, api: str, seconds: float) -> None:
        """Grant no slots of ``api`` for ``seconds``; of several pauses, the one that ends last applies."""
        ...


class Governor:
    """Throttles the requests to one API; thread-safe, one for each API and process.

    Args:
        api: The API, e.g. ``akeneo``.
        limits: What it allows.
        budget: Stores the slots.
        statistics: Records the time spent waiting.
        request_seconds: Timeout of a request in seconds.
    """

    def __init__(
        self,
        api: str,
        limits: Limits,
        budget: Budget,
        statistics: RequestStatistics,
        *,
        request_seconds: float = USUAL_REQUEST_SECONDS,
    ) -> None:
        self.limits = limits
        self._api = api
        self._budget = budget
        self._statistics = statistics
        self._lease_seconds = LEASE_SECONDS + max(0.0, request_seconds - USUAL_REQUEST_SECONDS)
        # Threads queue here, so that a thread asks the budget only when a connection is free.
        self._connections = threading.Semaphore(limits.connections)

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Wait until a request may be sent; keep the context open until its response is complete."""
        with self._connections:
            slot = self._acquire()
            with releasing(lambda: self._budget.release(slot)):
                yield

    def pause(self, seconds: float) -> None:
        """Pause all requests in all processes, because the API asked for it."""
        self._statistics.paused()
        self._budget.pause(self._api, seconds)

    def _acquire(self) -> Slot:
        waited = 0.0
        while not isinstance(result := self._budget.acquire(self._api, self.limits, self._lease_seconds), Slot):
            sleep(result)
            waited += result
        if waited:
            self._statistics.throttled(waited)
            metrics.record(metrics.THROTTLE_WAIT, waited, {"side": self._api})
        return result
