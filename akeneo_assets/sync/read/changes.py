"""Reads the changes in Akeneo since the last complete read.

A window of source time is recorded only after all its pages were merged. Its end is determined before the first
request. Windows overlap, because Akeneo's search index lags behind its database: a record that was saved in one window
may be listed only in the next one. The dates of records are never compared: Akeneo lists a variant as changed when its
model has changed, but the variant keeps its older date.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from akeneo_assets.akeneo.capabilities import OptionalSearch
from akeneo_assets.akeneo.client import AkeneoClient, UnsupportedSearchError
from akeneo_assets.akeneo.damage import Damage
from akeneo_assets.errors import TransientError
from akeneo_assets.objects import SOURCES
from akeneo_assets.store.records import MergeCounts, SourceRecord
from akeneo_assets.store.store import Store
from akeneo_assets.sync.read.reader import Reader
from akeneo_assets.sync.read.windows import ReadWindows
from akeneo_assets.sync.results import StepResult

_QUIET_SECONDS: Final = 600.0
"""After this long without a change, a probe reads all pages and counts as a complete read."""

_DAY_SECONDS: Final = 86_400.0
_LONG_SILENCE_SECONDS: Final = _DAY_SECONDS
"""After a pause of this length, the nightly variant sweep may have been missed, too."""

_PAGE: Final = 100
_PROBED_PAGES: Final = 10

_OPTIONAL: Final[Mapping[str, OptionalSearch]] = {"category": "changed_categories"}
"""The searches for changes that older versions refuse."""

PROBE_REQUESTS: Final = 3
"""How many requests a probe usually makes: one for each kind."""


@dataclass(frozen=True)
class Probe:
    """The first changed records in Akeneo; there may be more.

    Attributes:
        categories: Code → current code of the parent.
        product_models: Codes.
        products: Keys.
        families: The families of these product models and products.
        read_until: Source kind → the time up to which it was read completely, in epoch seconds of Akeneo's clock.
        more_categories: Whether the probe stopped early, because it found no change on many pages or because Akeneo
            did not respond in time.
        more_products: The same for product models and products.
    """

    categories: Mapping[str, str | None]
    product_models: tuple[str, ...]
    products: tuple[str, ...]
    families: frozenset[str]
    read_until: Mapping[str, float]
    more_categories: bool = False
    more_products: bool = False


class ChangeReader:
    """Reads the changes of all families.

    Args:
        reader: Reads the trees of changed records, and retries records that could not be read.
        akeneo: The Akeneo client.
        store: The state.
        run_id: The run, for the windows.
    """

    def __init__(self, reader: Reader, akeneo: AkeneoClient, store: Store, *, run_id: str) -> None:
        self._reader = reader
        self._pages = reader.pages
        self._merger = reader.merger
        self._damages = reader.damages
        self._akeneo = akeneo
        self._store = store
        self._windows = ReadWindows(akeneo, store, reader.damages, run_id=run_id)

    @property
    def found_unknown(self) -> bool:
        """Whether a new or changed record refers to something that the structure does not contain."""
        return self._merger.found_unknown

    def unread_trees(self) -> list[str]:
        """Return the roots of category trees that were never read completely: new trees whose read failed."""
        return self._windows.unread_trees()

    def changed_product_models(self, *, since: float | None = None) -> StepResult:
        """Read changed product models and their variants, which contain the values of the model but keep their dates.

        Args:
            since: Read changes since this time, if it is earlier than the last complete read.
        """
        since, start = self._windows.begin("product_model", since), self._akeneo.clock.start()
        self._read_unreadable("product_model")
        counts = MergeCounts()
        search = self._windows.search("product_model", since)

        def take(records: list[SourceRecord], asked_at: float) -> None:
            nonlocal counts
            # Variants first: a merged model is no longer found as changed, so a killed run would skip its variants.
            changed = self._store.mirror.compare(records).differing
            counts += self._merger.read_below({model.key: model.parent for model in changed})
            counts += self._merger.merge(records, asked_at)

        self._pages.read_long("product_model", search, take)
        return self._windowed(counts, since, self._windows.record("product_model", since, start))

    def changed_products(self, *, since: float | None = None, look_back_days: int, look_back: bool) -> StepResult:
        """Read changed products, and the models of variants that are not in the mirror.

        Args:
            since: Read changes since this time, if it is earlier than the last complete read.
            look_back_days: How many days before the window are read again after a long pause, because Akeneo may list
                the variants of large models days late.
            look_back: Always read these days.
        """
        since, start = self._windows.begin("product", since), self._akeneo.clock.start()
        is_long_silence = self._akeneo.clock.now() - since >= _LONG_SILENCE_SECONDS
        earliest = since - look_back_days * _DAY_SECONDS if look_back or is_long_silence else since
        self._read_unreadable("product")
        counts = MergeCounts()

        def take(records: list[SourceRecord], asked_at: float) -> None:
            nonlocal counts
            counts += self._merger.merge(records, asked_at)
            counts += self._reader.trees_of("product", [record.key for record in records])

        self._pages.read_long("product", self._windows.search("product", earliest), take)
        return self._windowed(counts, earliest, self._windows.record("product", since, start))

    def probe(self) -> Probe:
        """Find out whether anything changed, usually with one request for each kind.

        If Akeneo does not respond in time, this kind and the following ones count as changed, because a read may take
        longer than a probe.
        """
        looks: list[tuple[list[SourceRecord], bool]] = []
        try:
            for kind in SOURCES:
                look = self._first_changes(kind)
                looks.append(look)
        except TransientError as error:
            if not error.timed_out:
                raise
            looks += [([], True)] * (len(SOURCES) - len(looks))
        (categories, more_categories), (models, more_models), (products, more_products) = looks
        return Probe(
            categories={each.key: each.parent for each in categories},
            product_models=tuple(each.key for each in models),
            products=tuple(each.key for each in products),
            families=frozenset(each.family for each in (*models, *products) if each.family is not None),
            read_until={kind: self._windows.read_until(kind) for kind in SOURCES},
            more_categories=more_categories,
            more_products=more_models or more_products,
        )

    def _first_changes(self, kind: str) -> tuple[list[SourceRecord], bool]:
        """Return the changed records of the first page that has any, and whether the probe stopped before one."""
        since, start = self._windows.read_until(kind), self._akeneo.clock.start()
        is_quiet = False
        damages: list[Damage] = []
        for number, (records, is_whole_list) in enumerate(self._changed(kind, since, damages.append), start=1):
            changed = self._store.mirror.compare(records).differing
            is_quiet = self._akeneo.clock.passed_at(start) - since >= _QUIET_SECONDS
            if changed or (number == _PROBED_PAGES and not is_whole_list):
                return changed, not changed
            if len(records) < _PAGE and not is_quiet:
                # Probably the last page; finding out would take another request.
                break
        if unknown := self._newly_unreadable(kind, damages):
            return unknown, False
        is_known = all(self._damages.key_of(kind, each) is not None for each in damages)
        if is_known and self._akeneo.clock.passed_at(start) - since >= _QUIET_SECONDS:
            # Everything equals the mirror, so this was a complete read. Otherwise, the window would grow every hour.
            self._windows.record(kind, since, start)
        return [], False

    def _changed(
        self, kind: str, since: float, damaged: Callable[[Damage], None]
    ) -> Iterator[tuple[list[SourceRecord], bool]]:
        """Yield pages of records that may have changed, and whether they are pages of the whole list."""
        search, optional = self._windows.search(kind, since), _OPTIONAL.get(kind)
        try:
            for records, _ in self._pages.read(kind, search, optional=optional, action="probe", damaged=damaged):
                yield records, False
        except UnsupportedSearchError:
            for records, _ in self._pages.read(kind, action="probe", damaged=damaged):
                yield records, True

    def _newly_unreadable(self, kind: str, damages: Sequence[Damage]) -> list[SourceRecord]:
        """Return the damaged records that are not recorded yet. The recorded ones are retried when they are due."""
        keys = {self._damages.key_of(kind, each): each.record for each in damages}
        return [
            SourceRecord(kind, key, {}, "", parent=record.get("parent"), family=record.get("family"))
            for key, record in keys.items()
            if key is not None and not self._damages.is_remembered(kind, key)
        ]

    def _read_unreadable(self, kind: str) -> None:
        """Retry the records that could not be read, and forget those that Akeneo no longer has."""
        if due := list(self._store.unreadable.due([kind])):
            self._reader.named(kind, due)
            self._damages.settle_missing(kind, due)

    def _windowed(self, counts: MergeCounts, from_at: float, to_at: float) -> StepResult:
        result = self._reader.result(counts)
        result.window = (from_at, to_at)
        return result
