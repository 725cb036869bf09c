"""Akeneo's time, as its answers tell it: what changed is asked for in that time, not in ours."""

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
"""Clocks that differ by less agree: a date has whole seconds, and an answer takes its time."""

_ENOUGH: Final = 3
"""So many answers outvote a single wrong one."""

_REMEMBERED: Final = 15
"""Not all: a machine that slept counts from an older answer as if no time had passed."""

_FIRST_POSSIBLE: Final = datetime(2024, 1, 1, tzinfo=timezone.utc).timestamp()
"""No server that this program asks answers earlier."""


@dataclass(frozen=True)
class Start:
    """When a read began, before its first request.

    Attributes:
        wall: Epoch seconds of this machine, which may be wrong.
        monotonic: Seconds of a clock that only moves forward.
    """

    wall: float
    monotonic: float


class ServerClock:
    """Learns from the ``Date`` of answers; thread-safe.

    Each date is a lower bound of the server's time, and a clock that only moves forward counts on from it. The lowest
    bound is used, because several servers behind one address may disagree. A date that is too late for any of them
    loses edits; one that is too early only has some of them read again.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers = 0
        self._offsets: deque[float] = deque(maxlen=_REMEMBERED)

    def hear(self, date: str | None) -> None:
        """Learn from an answer that came just now.

        Args:
            date: Its ``Date`` header; one that is missing or wrong is ignored, with one warning a process.
        """
        told = _epoch_seconds(date)
        with self._lock:
            self._answers += 1
            if told is not None:
                self._offsets.append(told - time.monotonic())
            disagree = bool(self._offsets) and max(self._offsets) - min(self._offsets) > TOLERANCE_SECONDS
        if told is None:
            _warn("has no usable Date header")
        elif disagree:
            _warn("tells another time than others before it")

    @staticmethod
    def start() -> Start:
        """Return the start of a read."""
        return Start(time.time(), time.monotonic())

    def passed_at(self, start: Start) -> float:
        """Return a time that, when a read began, neither this machine's nor the server's clock had passed.

        Args:
            start: When it began.
        """
        elapsed = time.monotonic() - start.monotonic
        # This machine's clock may have been set right meanwhile.
        ours = min(start.wall, time.time() - elapsed)
        with self._lock:
            return min(ours, start.monotonic + min(self._offsets)) if self._offsets else ours

    def now(self) -> float:
        """Return the server's time as most answers tell it; this machine's while none did."""
        with self._lock:
            return time.monotonic() + statistics.median(self._offsets) if self._offsets else time.time()

    @property
    def skew_seconds(self) -> float | None:
        """How far the server's clock is ahead of this machine's; None while no answer told."""
        with self._lock:
            if not self._offsets:
                return None
        return self.now() - time.time()

    @property
    def is_in_doubt(self) -> bool:
        """Whether more answers would help: too few were heard, and no two clocks agree."""
        with self._lock:
            if self._answers >= _ENOUGH:
                return False
        skew = self.skew_seconds
        return skew is None or abs(skew) > TOLERANCE_SECONDS


def zone_of(documents: Iterable[JsonObject]) -> tzinfo:
    """Return the zone in which the server writes dates, and reads those of searches for products and models.

    Args:
        documents: Records. A zone may be as UTC for a part of the year, so several dates are looked at.
    """
    for document in documents:
        written = datetime.fromisoformat(str(document["updated"]).replace("Z", "+00:00"))
        if offset := written.utcoffset():
            return timezone(offset)
    return timezone.utc


def _epoch_seconds(date: str | None) -> float | None:
    try:
        moment = parsedate_to_datetime(date or "")
        told = (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()
    except (ValueError, OverflowError):
        return None
    return told if told >= _FIRST_POSSIBLE else None


@functools.cache
def _warn(what: str) -> None:
    _log.warning(
        "An answer of Akeneo %s; it is ignored. Edits are read again rather than lost. "
        "akeneo-assets check shows the clocks.",
        what,
    )
