"""Akeneo's time, from the headers of its responses: searches for changes must use this time, not local time."""

from __future__ import annotations

import functools
import logging
import statistics
import threading
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timezone, tzinfo
from email.utils import parsedate_to_datetime
from typing import Final

from akeneo_assets.documents import JsonObject

_log = logging.getLogger(__name__)

TOLERANCE_SECONDS: Final = 60.0
"""Clocks that differ by less agree: dates have whole seconds, and responses take time to arrive."""

_ENOUGH: Final = 3
"""This many responses outvote a single wrong one."""

_REMEMBERED: Final = 15
"""How many responses to use. Older ones are dropped, because the monotonic clock stops while a machine sleeps."""

_FIRST_POSSIBLE: Final = datetime(2024, 1, 1, tzinfo=timezone.utc).timestamp()
"""Dates before this moment are wrong and are ignored."""


@dataclass(frozen=True)
class Start:
    """When a read began, before its first request.

    Attributes:
        wall: Epoch seconds of this machine, which may be wrong.
        monotonic: Seconds of a monotonic clock.
    """

    wall: float
    monotonic: float


class ServerClock:
    """Tracks the server's time from the ``Date`` headers of its responses; thread-safe.

    Each date is a lower bound of the server's time, extended with a monotonic clock. The lowest bound is used, because
    several servers behind one URL may disagree. A time that is too late for one of them would lose edits; a time that
    is too early only reads some edits again.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._responses = 0
        self._offsets: deque[float] = deque(maxlen=_REMEMBERED)

    def observe(self, date: str | None) -> None:
        """Process the date of a response that was just received.

        Args:
            date: The ``Date`` header; a missing or wrong one is ignored, with one warning per process.
        """
        seconds = _epoch_seconds(date)
        with self._lock:
            self._responses += 1
            if seconds is not None:
                self._offsets.append(seconds - time.monotonic())
            disagree = bool(self._offsets) and max(self._offsets) - min(self._offsets) > TOLERANCE_SECONDS
        if seconds is None:
            _warn("has no usable Date header")
        elif disagree:
            _warn("has a different time than earlier ones")

    @staticmethod
    def start() -> Start:
        """Return the start of a read."""
        return Start(time.time(), time.monotonic())

    def passed_at(self, start: Start) -> float:
        """Return a time that neither this machine's clock nor the server's had passed when a read began.

        Args:
            start: When it began.
        """
        elapsed = time.monotonic() - start.monotonic
        # This machine's clock may have been corrected in the meantime.
        ours = min(start.wall, time.time() - elapsed)
        with self._lock:
            return min(ours, start.monotonic + min(self._offsets)) if self._offsets else ours

    def now(self) -> float:
        """Return the server's time (the median of recent responses), or this machine's time if there are none."""
        with self._lock:
            return time.monotonic() + statistics.median(self._offsets) if self._offsets else time.time()

    @property
    def skew_seconds(self) -> float | None:
        """How far the server's clock is ahead of this machine's, in seconds; None before the first response."""
        with self._lock:
            if not self._offsets:
                return None
        return self.now() - time.time()

    @property
    def is_uncertain(self) -> bool:
        """Whether more responses are needed: there are too few, and the clocks disagree."""
        with self._lock:
            if self._responses >= _ENOUGH:
                return False
        skew = self.skew_seconds
        return skew is None or abs(skew) > TOLERANCE_SECONDS


def zone_of(documents: Iterable[JsonObject]) -> tzinfo:
    """Return the server's time zone, which it also uses for dates in searches for products and product models.

    Args:
        documents: Records with dates. Several are needed, because a zone may equal UTC for a part of the year.
    """
    for document in documents:
        written = datetime.fromisoformat(str(document["updated"]).replace("Z", "+00:00"))
        if offset := written.utcoffset():
            return timezone(offset)
    return timezone.utc


def _epoch_seconds(date: str | None) -> float | None:
    try:
        moment = parsedate_to_datetime(date or "")
        seconds = (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()
    except (ValueError, OverflowError):
        return None
    return seconds if seconds >= _FIRST_POSSIBLE else None


@functools.cache
def _warn(what: str) -> None:
    _log.warning(
        "A response of Akeneo %s. To be safe, some edits may be read again; none are lost. "
        "Run akeneo-assets check to compare the clocks.",
        what,
    )
