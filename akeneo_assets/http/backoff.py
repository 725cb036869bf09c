"""How often and after which waits a request is sent again."""

from __future__ import annotations

import random
from dataclasses import dataclass

LONGEST_PAUSE_SECONDS = 900.0


@dataclass(frozen=True)
class Backoff:
    """Exponential waits with jitter.

    Args:
        attempts: How often a request is sent at most.
        contact_attempts: How often it is sent at most while nothing has ever answered at the address and the
            connection fails: then the address is more likely wrong than the server down.
        initial_seconds: The wait after the first attempt; it doubles with each further one.
        maximum_seconds: No computed wait is longer.
        longest_pause_seconds: No wait that an API asks for is obeyed longer than this before it is asked again.
    """

    attempts: int = 6
    contact_attempts: int = 4
    initial_seconds: float = 0.5
    maximum_seconds: float = 60.0
    longest_pause_seconds: float = LONGEST_PAUSE_SECONDS

    def seconds(self, attempt: int, retry_after: float | None = None) -> float:
        """Return the wait after the attempt of this number.

        Args:
            attempt: From 1.
            retry_after: The wait that the API asked for.
        """
        if retry_after is not None:
            return min(retry_after, self.longest_pause_seconds)
        wait: float = min(self.initial_seconds * 2 ** (attempt - 1), self.maximum_seconds)
        # Half of the wait is random, so that those who failed together do not come back together.
        return wait * random.uniform(0.5, 1.0)  # noqa: S311  (no secret hangs on it)
