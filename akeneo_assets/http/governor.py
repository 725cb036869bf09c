"""The throttle in front of one API, shared by every thread and, through its budget, by every process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from akeneo_assets.http.statistics import RequestStatistics
from akeneo_assets.http.stopping import giving_back, sleep

USUAL_REQUEST_SECONDS = 60.0
LEASE_SECONDS = 75.0
"""How long a slot may be held while no request takes longer than usual: longer than a request takes before it times
out, so only a process that was killed reaches it. Its connections count as open for so long, and the next run waits
for them."""


@dataclass(frozen=True)
class Limits:
    """What an API allows.

    Args:
        requests: Requests in any window.
        seconds: Length of the window in seconds.
        connections: Requests open at the same time.
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
    """The slots of every API: there are ``limits.requests`` of each.

    A slot is busy from acquire to release and free again ``limits.seconds`` after its release. So a slot serves at
    most one request in any window, however long that request travelled, and the API sees at most
    ``limits.requests`` requests arrive in any window.
    """

    def acquire(self, api: str, limits: Limits, lease_seconds: float) -> Slot | float:
        """Return a slot, or the seconds after which to ask again.

        Args:
            api: The API, e.g. ``akeneo``.
            limits: What it allows.
            lease_seconds: After so long the slot counts as released, because its holder must have crashed.
        """
        ...

    def release(self, slot: Slot) -> None:
        """Give ``slot`` back; the window runs from now."""
        ...

    def pause(self, api: str, seconds: float) -> None:
        """Give nobody a slot of ``api`` for so long; of several pauses the one that ends last holds."""
        ...


class Governor:
    """Lets requests to one API through as its limits allow; thread-safe, one per API and process.

    Args:
        api: The API, e.g. ``akeneo``.
        limits: What it allows.
        budget: Where the slots are kept.
        statistics: Takes the time spent waiting.
        request_seconds: How long a request may take.
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
        # The threads of one process queue here, so that only those ask the budget which a connection is left for.
        self._connections = threading.Semaphore(limits.connections)

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Wait until one request may be sent; hold the context until its answer is complete."""
        with self._connections:
            slot = self._acquire()
            with giving_back(lambda: self._budget.release(slot)):
                yield

    def pause(self, seconds: float) -> None:
        """Make everybody wait, in every process, because the API asked for it."""
        self._statistics.paused()
        self._budget.pause(self._api, seconds)

    def _acquire(self) -> Slot:
        waited = 0.0
        while not isinstance(answer := self._budget.acquire(self._api, self.limits, self._lease_seconds), Slot):
            sleep(answer)
            waited += answer
        if waited:
            self._statistics.throttled(waited)
        return answer
