"""Distinguishes an outage of iPaaS.com from single records that fail."""

from __future__ import annotations

import threading


class Outage:
    """Counts records that fail in a row because iPaaS.com cannot be reached. Thread-safe.

    Args:
        limit: This many failures in a row are an outage.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._failed = 0
        self._lock = threading.Lock()

    def reset(self) -> None:
        """Reset the count: iPaaS.com responded, even if it refused the record."""
        with self._lock:
            self._failed = 0

    def record_failure(self) -> bool:
        """Count one more failed record, and return whether this is an outage."""
        with self._lock:
            self._failed += 1
            return self._failed >= self._limit
