"""Read what changed in Akeneo since it was last read completely.

A window of source time is recorded only when every page of it was merged. Its end is fixed before the first request,
and it is read with an overlap: Akeneo's index lags behind its database, so that a record saved in one window may be
listed only in the next. No date of a record itself is ever compared: a variant is listed as changed because its model
changed, and keeps an older date.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone, tzinfo
from typing import Final

from akeneo_assets.akeneo.damage import Damage
from akeneo_assets.akeneo.search import Search
from akeneo_assets.akeneo.server_clock import TOLERANCE_SECONDS, Start, zone_of
from akeneo_assets.errors import ConfigurationError, TransientError
from akeneo_assets.store.records import NO_FAMILY, MergeCounts, SourceRecord, Window
from akeneo_assets.sync.progress import announce
from akeneo_assets.sync.reading import IDS_A_REQUEST, Reader
from akeneo_assets.sync.results import StepResult

OVERLAP_SECONDS: Final = 300.0
"""How far back a window is read again: longer than Akeneo's index usually lags."""

_LOCAL_TIME_SECONDS: Final = 7200.0
"""Added where the server is not on UTC: its offset may have changed since, and one hour a year occurs twice."""

_DATES_OF_A_KIND: Final = 20
"""How many dates are looked at: a zone may be as UTC for a part of the year."""

_QUIET_SECONDS: Final = 600.0
"""After so long without a change the look goes on to the very end, and counts as a read."""

_DAY_SECONDS: Final = 86_400.0
_LONG_SILENCE_SECONDS: Final = _DAY_SECONDS
"""A pause after which the nightly look for variants may have been missed, too."""

_THE_BEGINNING: Final = 1.0
"""Before all edits."""

_KINDS: Final = ("category", "product_model", "product")
_ALL: Final = "all"
_PAGE: Final = 100
_PROBED_PAGES: Final = 10


_log = logging.getLogger(__name__)

PROBE_REQUESTS: Final = 3
"""What a look at Akeneo costs as a rule: one a kind."""


@dataclass(frozen=True)
class Probe:
    """What a look at Akeneo found changed: the first changed records, not all of them.

    Attributes:
        categories: Code → code of the parent as it is now.
        product_models: Codes.
        products: Keys.
        families: Of these product models and products.
        read_until: Source kind → until when it was read completely, epoch seconds of Akeneo's clock.
        more_categories: Whether the look broke off: so much was listed without a change among it, or no answer came
            in time.
        more_products: Likewise for product models and products.
    """

    categories: Mapping[str, str | None]
    product_models: tuple[str, ...]
    products: tuple[str, ...]
    families: frozenset[str]
    read_until: Mapping[str, float]
    more_categories: bool = False
    more_products: bool = False


class ChangeReader(Reader):
    """Reads the changes of the whole catalogue, whatever family they belong to."""

    def changed_product_models(self, *, since: float | None = None) -> StepResult:
        """Read changed models, and the variants of each: they carry its values, and keep their own dates.

        Args:
            since: Read what changed since then, where that is earlier than the last complete read.
        """
        since, start = self._begin("product_model", since), self._akeneo.clock.start()
        self._read_unreadable("product_model")
        counts = MergeCounts()
        search = self._updated_since("product-models", since)
        for records, asked_at in self._pages("product_model", "product-models", search):
            # The variants first: once a model is merged it counts as seen, and a killed run would leave them out.
            counts += self._read_below(self._store.mirror.compare(records).differing)
            counts += self._merge(records, asked_at)
        return self._windowed(counts, since, self._record("product_model", since, start))

    def changed_products(self, *, since: float | None = None, look_back_days: int, look_back: bool) -> StepResult:
        """Read changed products, and the models of variants that the mirror lacks.

        Args:
            since: Read what changed since then, where that is earlier than the last complete read.
            look_back_days: Variants of big models may be listed days late. After a long silence so many days before
                the window are read again.
            look_back: Read those days in any case.
        """
        since, start = self._begin("product", since), self._akeneo.clock.start()
        is_long_silence = self._akeneo.clock.now() - since >= _LONG_SILENCE_SECONDS
        earliest = since - look_back_days * _DAY_SECONDS if look_back or is_long_silence else since
        self._read_unreadable("product")
        counts = MergeCounts()
        endpoint = self._akeneo.products_endpoint
        for records, asked_at in self._pages("product", endpoint, self._updated_since(endpoint, earliest)):
            counts += self._merge(records, asked_at)
            counts += self._trees_of("product", [record.key for record in records])
        return self._windowed(counts, earliest, self._record("product", since, start))

    def probe(self) -> Probe:
        """Look whether anything changed: one request a kind, more only if much changed, and once when it was quiet.

        A kind for which Akeneo did not answer in time counts as changed, and so do those after it: reading may take
        longer than a look.
        """
        looks: list[tuple[list[SourceRecord], bool]] = []
        endpoints = {
            "category": "categories",
            "product_model": "product-models",
            "product": self._akeneo.products_endpoint,
        }
        try:
            for kind, endpoint in endpoints.items():
                looks.append(self._first_changes(kind, endpoint))
        except TransientError as error:
            if not error.timed_out:
                raise
            looks += [([], True)] * (len(endpoints) - len(looks))
        (categories, more_categories), (models, more_models), (products, more_products) = looks
        return Probe(
            categories={each.key: each.parent for each in categories},
            product_models=tuple(each.key for each in models),
            products=tuple(each.key for each in products),
            families=frozenset(each.family for each in (*models, *products) if each.family is not None),
            read_until={kind: self._read_until(kind) for kind in _KINDS},
            more_categories=more_categories,
            more_products=more_models or more_products,
        )

    def _first_changes(self, kind: str, endpoint: str) -> tuple[list[SourceRecord], bool]:
        """Return the changed records of the first page that has any, and whether the look broke off before one."""
        since, start = self._read_until(kind), self._akeneo.clock.start()
        is_quiet = False
        search = self._updated_since(endpoint, since)
        damages: list[Damage] = []
        pages = self._pages(kind, endpoint, search, action=f"{endpoint}.probe", damaged=damages.append)
        for number, (records, _) in enumerate(pages, start=1):
            changed = self._store.mirror.compare(records).differing
            is_quiet = self._akeneo.clock.passed_at(start) - since >= _QUIET_SECONDS
            if changed or number == _PROBED_PAGES:
                return changed, not changed
            if len(records) < _PAGE and not is_quiet:
                # Most likely the last page; to be sure costs another request.
                break
        if unknown := self._newly_unreadable(kind, damages):
            return unknown, False
        is_known = all(self._damages.key_of(kind, each) is not None for each in damages)
        if is_known and self._akeneo.clock.passed_at(start) - since >= _QUIET_SECONDS:
            # All of it is as the mirror has it, so it was read. Otherwise the window would grow with every quiet hour.
            self._record(kind, since, start)
        return [], False

    def _newly_unreadable(self, kind: str, damages: Sequence[Damage]) -> list[SourceRecord]:
        """Return the damaged records that nobody knows of yet; the others are read again when their time comes."""
        keys = {self._damages.key_of(kind, each): each.record for each in damages}
        return [
            SourceRecord(kind, key, {}, "", parent=record.get("parent"), family=record.get("family"))
            for key, record in keys.items()
            if key is not None and not self._damages.is_remembered(kind, key)
        ]

    def _read_unreadable(self, kind: str) -> None:
        """Read again what could not be read before; those that Akeneo no longer has are forgotten."""
        if due := list(self._store.unreadable.due([kind])):
            self.named(kind, due)
            self._damages.settle_missing(kind, due)

    def _read_below(self, models: Sequence[SourceRecord]) -> MergeCounts:
        """Read everything that hangs on these models; the cost does not grow with the number of models."""
        counts = MergeCounts()
        roots = sorted(model.key for model in models if model.parent is None)
        parents = {model.key: model.parent for model in models}
        for start in range(0, len(roots), IDS_A_REQUEST):
            search = Search().where("parent", "IN", roots[start : start + IDS_A_REQUEST])
            for records, asked_at in self._pages("product_model", "product-models", search):
                parents.update({record.key: record.parent for record in records})
                counts += self._merge(records, asked_at)
        ordered = sorted(parents)
        for start in range(0, len(ordered), IDS_A_REQUEST):
            chunk = ordered[start : start + IDS_A_REQUEST]
            # One at a time, a root leads to all that is below it, too.
            tops = [code for code in chunk if parents[code] not in parents]
            endpoint = self._akeneo.products_endpoint
            for records, asked_at in self._pages_of("product", endpoint, "parent", chunk, apart=tops):
                counts += self._merge(records, asked_at)
                announce("read", "product", len(records))
        return counts

    # Windows

    def unread_trees(self) -> list[str]:
        """Return the roots of category trees that were never read completely: new ones whose reading broke off."""
        return [root for root in self._category_roots() if self._store.windows.latest("category", root) is None]

    def _category_roots(self) -> list[str]:
        return [head.key for page in self._store.mirror.heads("category") for head in page if head.parent is None]

    def _begin(self, kind: str, since: float | None) -> float:
        """Return from when a window is read."""
        until = self._read_until(kind)
        return until if since is None else min(since, until)

    def _record(self, kind: str, since: float, start: Start) -> float:
        # The server's clock is known only now: a new client has not heard from it before the first answer.
        until = max(since, self._akeneo.passed_at(start))
        if not self._damages.all_named:
            return until
        self._store.windows.record(kind, _ALL, since, until, self._run_id)
        return until

    def _read_until(self, kind: str) -> float:
        """Return until when a kind was read completely, in source time.

        Raises:
            ConfigurationError: It was never read completely, so that nobody knows since when it changed.
        """
        end = self._end(kind, _ALL)
        if end is not None:
            return end
        families = [head.key for page in self._store.mirror.heads("family") for head in page]
        scopes = [f"family:{family}" for family in (*families, NO_FAMILY)]
        if kind == "category":
            unread = self.unread_trees()
            scopes = [root for root in self._category_roots() if root not in unread]
        ends = [end for scope in scopes if (end := self._end(kind, scope)) is not None]
        if not scopes or len(ends) < len(scopes):
            raise ConfigurationError(
                "The initial load is not complete yet, so changes cannot be synced. "
                "Run akeneo-assets sync full, or backfill all category trees and families."
            )
        return min(ends)

    def _end(self, kind: str, scope: str) -> float | None:
        """Return until when a scope was read; None when it never was.

        An end that lies ahead comes from a clock that was wrong, and hides all that was edited since the read. It is
        cut back to a day before the read was recorded: none takes as long.
        """
        while (window := self._store.windows.latest(kind, scope)) is not None and self._lies_ahead(window):
            is_known = window.recorded_at <= self._akeneo.now()
            until = window.recorded_at - _DAY_SECONDS if is_known else _THE_BEGINNING
            _log.warning(
                "The last read of %s (%s) ended in the future, so a clock was wrong. It is repeated.", kind, scope
            )
            self._store.windows.cut_back(kind, scope, until)
        return None if window is None else window.to_at

    def _lies_ahead(self, window: Window) -> bool:
        clock = self._akeneo.clock
        # The first look costs no request: only when the end lies ahead of what is known of the time, Akeneo is asked.
        return window.to_at > clock.now() + TOLERANCE_SECONDS and window.to_at > self._akeneo.now() + TOLERANCE_SECONDS

    def _updated_since(self, endpoint: str, since: float) -> Search:
        zone = self._server_zone()
        overlap = OVERLAP_SECONDS if zone == timezone.utc else OVERLAP_SECONDS + _LOCAL_TIME_SECONDS
        moment = datetime.fromtimestamp(max(since - overlap, 0.0), timezone.utc)
        return Search().updated_after(endpoint, moment, zone)

    def _server_zone(self) -> tzinfo:
        """The offset in which the server writes its dates, and reads those of searches for products and models."""
        for kind in _KINDS:
            keys = [head.key for head in next(self._store.mirror.heads(kind), [])[:_DATES_OF_A_KIND]]
            zone = zone_of(self._store.mirror.documents(kind, keys).values())
            if zone != timezone.utc:
                return zone
        return timezone.utc

    def _windowed(self, counts: MergeCounts, from_at: float, to_at: float) -> StepResult:
        result = self._result(counts)
        result.window = (from_at, to_at)
        return result
