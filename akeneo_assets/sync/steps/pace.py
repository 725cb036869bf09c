"""Reports how far a long delivery is, and how long it still takes."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final

from akeneo_assets.settings import Settings
from akeneo_assets.sync.progress import report_estimate
from akeneo_assets.sync.results import RecordProgress

_log = logging.getLogger(__name__)

LOG_SECONDS: Final = 60.0
"""How often to report."""

_MINUTE: Final = 60.0


def allowed_a_minute(settings: Settings) -> dict[str, float]:
    """Return how many requests a minute the throttle of each API allows, by API."""
    return {
        "akeneo": settings.akeneo_api_throttle_limit / settings.akeneo_api_throttle_seconds * _MINUTE,
        "ipaas": settings.ipaas_api_throttle_limit / settings.ipaas_api_throttle_seconds * _MINUTE,
    }


class Pace:
    """Watches the progress of one delivery, see :func:`akeneo_assets.sync.progress.watch_progress`.

    Args:
        expected: About how many records are delivered.
        allowed: How many requests a minute the throttle allows.
        clock: Returns a time in seconds that is never set back.
    """

    def __init__(self, expected: int, allowed: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._expected = expected
        self._allowed = allowed
        self._clock = clock
        self._started = self._logged = clock()
        self._done = 0

    def __call__(self, step: str, subject: str, records: int) -> None:
        """Count records, and report once a minute."""
        if step != "deliver":
            return
        self._done += records
        now = self._clock()
        if now - self._logged < LOG_SECONDS:
            return
        self._logged = now
        a_minute = self._done / (now - self._started) * _MINUTE
        expected = max(self._expected, self._done)
        left = (expected - self._done) / a_minute if a_minute else 0.0
        _log.info(
            "%s: %s of about %s records delivered; %s a minute (%s requests are allowed); about %s minutes left",
            subject,
            f"{self._done:,}",
            f"{expected:,}",
            f"{a_minute:,.0f}",
            f"{self._allowed:,.0f}",
            f"{left:,.0f}",
        )
        report_estimate(RecordProgress(self._done, expected, left))
