"""Tell an outage of iPaaS.com from single records that fail."""

from __future__ import annotations

import threading


class Outage:
    """Counts records that fail in a row because iPaaS.com is out of reach; thread-safe.

    Args:
        limit: So many in a row are an outage.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._failed = 0
        self._lock = threading.Lock()

    def end(self) -> None:
        """Start to count again: iPaaS.com answered, even if it refused the record."""
        with self._lock:
            self._failed = 0

    def is_met(self) -> bool:
        """Count one more record that failed, and return whether there is an outage now."""
        with self._lock:
            self._failed += 1
            return self._failed >= self._limit
