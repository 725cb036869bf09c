"""How often a request is retried, and the waits in between."""

from __future__ import annotations

import random
from dataclasses import dataclass

LONGEST_PAUSE_SECONDS = 900.0


@dataclass(frozen=True)
class Backoff:
    """Exponential waits with jitter.

    Args:
        attempts: Maximum number of attempts of a request.
        contact_attempts: Maximum number of attempts while the connection fails and there has never been a response:
            the URL is then more likely wrong than the server down.
        initial_seconds: The wait after the first attempt; it doubles with each attempt.
        maximum_seconds: The longest computed wait.
        longest_pause_seconds: The longest wait if an API asks for one; after that, the request is sent again.
    """

    attempts: int = 6
    contact_attempts: int = 4
    initial_seconds: float = 0.5
    maximum_seconds: float = 60.0
    longest_pause_seconds: float = LONGEST_PAUSE_SECONDS

    def seconds(self, attempt: int, retry_after: float | None = None) -> float:
        """Return the wait in seconds after an attempt.

        Args:
            attempt: The number of the attempt, from 1.
            retry_after: The wait that the API asked for.
        """
        if retry_after is not None:
            return min(retry_after, self.longest_pause_seconds)
        wait: float = min(self.initial_seconds * 2 ** (attempt - 1), self.maximum_seconds)
        # Half of the wait is random, so that requests that failed together are not retried together.
        return wait * random.uniform(0.5, 1.0)  # noqa: S311  (not used for security)


DEFAULT_BACKOFF = Backoff()
"""How requests are retried."""
