"""Windows of source time: the time from which changes must be read, and up to which they were read completely."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timezone, tzinfo
from functools import cached_property
from typing import Final

from akeneo_assets.akeneo.client import AkeneoClient
from akeneo_assets.akeneo.search import Search
from akeneo_assets.akeneo.server_clock import TOLERANCE_SECONDS, Start, zone_of
from akeneo_assets.errors import ConfigurationError
from akeneo_assets.objects import SOURCES
from akeneo_assets.store.records import NO_FAMILY, Window
from akeneo_assets.store.store import Store
from akeneo_assets.sync.read.structure import FAMILIES_WINDOW
from akeneo_assets.sync.read.unreadable import Damages

OVERLAP_SECONDS: Final = 300.0
"""The overlap of a window with the previous one: longer than the usual delay of Akeneo's search index."""

_LOCAL_TIME_SECONDS: Final = 7200.0
"""Added if the server does not use UTC: its offset may have changed, and one hour per year occurs twice."""

_DATES_OF_A_KIND: Final = 20
"""How many dates are examined, because a time zone may equal UTC for a part of the year."""

_DAY_SECONDS: Final = 86_400.0
_THE_BEGINNING: Final = 1.0
"""A time before all edits."""

_ALL: Final = "all"

_log = logging.getLogger(__name__)


class ReadWindows:
    """The windows of the whole catalogue.

    Args:
        akeneo: The Akeneo client.
        store: The state.
        damages: The records that could not be read. If the id of one is unknown, a window does not count as read.
        run_id: The run.
    """

    def __init__(self, akeneo: AkeneoClient, store: Store, damages: Damages, *, run_id: str) -> None:
        self._akeneo = akeneo
        self._store = store
        self._damages = damages
        self._run_id = run_id

    def unread_trees(self) -> list[str]:
        """Return the roots of category trees that were never read completely: new trees whose read failed."""
        read = self._store.windows.latest_by_scope("category")
        return [root for root in self._category_roots() if root not in read]

    def _category_roots(self) -> list[str]:
        return [head.key for page in self._store.mirror.heads("category") for head in page if head.parent is None]

    def begin(self, kind: str, since: float | None) -> float:
        """Return the start of the next window, in source time.

        Args:
            kind: Source kind.
            since: Read changes since this time, if it is earlier than the last complete read.
        """
        until = self.read_until(kind)
        return until if since is None else min(since, until)

    def record(self, kind: str, since: float, start: Start) -> float:
        """Record that the changes of a kind were read completely, and return the end of the window.

        Args:
            kind: Source kind.
            since: The start of the window.
            start: When the read started.
        """
        # Only now, because a new client does not know the server's clock before the first response.
        until = max(since, self._akeneo.passed_at(start))
        if not self._damages.all_named:
            return until
        self._store.windows.record(kind, _ALL, since, until, self._run_id)
        return until

    def read_until(self, kind: str) -> float:
        """Return the source time up to which a kind was read completely.

        Raises:
            ConfigurationError: It was never read completely.
        """
        latest = self._store.windows.latest_by_scope(kind)
        end = self._end(kind, _ALL, latest)
        if end is not None:
            return end
        if kind == "category":
            scopes = [root for root in self._category_roots() if root in latest]
        else:
            families = [head.key for page in self._store.mirror.heads("family") for head in page]
            scopes = [f"family:{family}" for family in (*families, NO_FAMILY)]
        ends = [end for scope in scopes if (end := self._end(kind, scope, latest)) is not None]
        if not scopes or len(ends) < len(scopes):
            raise ConfigurationError(
                "The initial load is not complete yet, so changes cannot be synced. "
                "Run akeneo-assets sync full, or backfill all category trees and families."
            )
        if kind != "category":
            # Families that are newer than that are not known yet, and neither are their records.
            known_until = self._end(*FAMILIES_WINDOW, self._store.windows.latest_by_scope(FAMILIES_WINDOW[0]))
            ends += [] if known_until is None else [known_until]
        return min(ends)

    def _end(self, kind: str, scope: str, latest: Mapping[str, Window]) -> float | None:
        """Return the source time up to which a scope was read; None if it was never read.

        If the time is in the future, a clock was wrong, and edits since the read would be missed. The window is then
        cut back to one day before it was recorded, because no read takes that long.
        """
        window = latest.get(scope)
        while window is not None and self._lies_ahead(window):
            is_known = window.recorded_at <= self._akeneo.now()
            until = window.recorded_at - _DAY_SECONDS if is_known else _THE_BEGINNING
            _log.warning(
                "The last read of %s (%s) ended in the future, so a clock was wrong. It is repeated.", kind, scope
            )
            self._store.windows.cut_back(kind, scope, until)
            window = self._store.windows.latest(kind, scope)
        return None if window is None else window.to_at

    def _lies_ahead(self, window: Window) -> bool:
        clock = self._akeneo.clock
        # Request Akeneo's current time only if the end is later than the last known time.
        return window.to_at > clock.now() + TOLERANCE_SECONDS and window.to_at > self._akeneo.now() + TOLERANCE_SECONDS

    def search(self, kind: str, since: float) -> Search:
        """Return the search for records that changed since a source time, including the overlap.

        Args:
            kind: Source kind.
            since: Epoch seconds.
        """
        zone = self._server_zone
        overlap = OVERLAP_SECONDS if zone == timezone.utc else OVERLAP_SECONDS + _LOCAL_TIME_SECONDS
        moment = datetime.fromtimestamp(max(since - overlap, 0.0), timezone.utc)
        return Search().updated_after(self._akeneo.endpoint_of(kind), moment, zone)

    @cached_property
    def _server_zone(self) -> tzinfo:
        """The time zone that the server uses in dates, and expects in searches for products and models."""
        for kind in SOURCES:
            keys = [head.key for page in self._store.mirror.heads(kind, limit=_DATES_OF_A_KIND) for head in page]
            zone = zone_of(self._store.mirror.documents(kind, keys).values())
            if zone != timezone.utc:
                return zone
        return timezone.utc
