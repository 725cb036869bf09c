"""Read what changed in Akeneo since it was last read completely.

A window of source time is recorded only when every page of it was merged. Its end is fixed before the first request,
and it is read with an overlap: Akeneo's index lags behind its database, so that a record saved in one window may be
listed only in the next. No date of a record itself is ever compared: a variant is listed as changed because its model
changed, and keeps an older date.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from akeneo_assets.akeneo.client import AkeneoClient
from akeneo_assets.akeneo.damage import Damage
from akeneo_assets.akeneo.search import Search
from akeneo_assets.errors import TransientError
from akeneo_assets.store.records import MergeCounts, SourceRecord
from akeneo_assets.store.store import Store
from akeneo_assets.sync.progress import report_progress
from akeneo_assets.sync.read.reader import Reader
from akeneo_assets.sync.read.record_pages import IDS_A_REQUEST
from akeneo_assets.sync.read.windows import SOURCE_KINDS, ReadWindows
from akeneo_assets.sync.results import StepResult

_QUIET_SECONDS: Final = 600.0
"""After so long without a change the look goes on to the very end, and counts as a read."""

_DAY_SECONDS: Final = 86_400.0
_LONG_SILENCE_SECONDS: Final = _DAY_SECONDS
"""A pause after which the nightly look for variants may have been missed, too."""

_PAGE: Final = 100
_PROBED_PAGES: Final = 10

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


class ChangeReader:
    """Reads the changes of the whole catalogue, whatever family they belong to.

    Args:
        reader: Reads their trees, and records that could not be read before.
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
        """Whether a new or changed record names something that the structure lacks."""
        return self._merger.found_unknown

    def unread_trees(self) -> list[str]:
        """Return the roots of category trees that were never read completely: new ones whose reading broke off."""
        return self._windows.unread_trees()

    def changed_product_models(self, *, since: float | None = None) -> StepResult:
        """Read changed models, and the variants of each: they carry its values, and keep their own dates.

        Args:
            since: Read what changed since then, where that is earlier than the last complete read.
        """
        since, start = self._windows.begin("product_model", since), self._akeneo.clock.start()
        self._read_unreadable("product_model")
        counts = MergeCounts()
        search = self._windows.search("product-models", since)
        for records, asked_at in self._pages.read("product_model", "product-models", search):
            # The variants first: once a model is merged it counts as seen, and a killed run would leave them out.
            counts += self._read_below(self._store.mirror.compare(records).differing)
            counts += self._merger.merge(records, asked_at)
        return self._windowed(counts, since, self._windows.record("product_model", since, start))

    def changed_products(self, *, since: float | None = None, look_back_days: int, look_back: bool) -> StepResult:
        """Read changed products, and the models of variants that the mirror lacks.

        Args:
            since: Read what changed since then, where that is earlier than the last complete read.
            look_back_days: Variants of big models may be listed days late. After a long silence so many days before
                the window are read again.
            look_back: Read those days in any case.
        """
        since, start = self._windows.begin("product", since), self._akeneo.clock.start()
        is_long_silence = self._akeneo.clock.now() - since >= _LONG_SILENCE_SECONDS
        earliest = since - look_back_days * _DAY_SECONDS if look_back or is_long_silence else since
        self._read_unreadable("product")
        counts = MergeCounts()
        endpoint = self._akeneo.products_endpoint
        for records, asked_at in self._pages.read("product", endpoint, self._windows.search(endpoint, earliest)):
            counts += self._merger.merge(records, asked_at)
            counts += self._reader.trees_of("product", [record.key for record in records])
        return self._windowed(counts, earliest, self._windows.record("product", since, start))

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
            read_until={kind: self._windows.read_until(kind) for kind in SOURCE_KINDS},
            more_categories=more_categories,
            more_products=more_models or more_products,
        )

    def _first_changes(self, kind: str, endpoint: str) -> tuple[list[SourceRecord], bool]:
        """Return the changed records of the first page that has any, and whether the look broke off before one."""
        since, start = self._windows.read_until(kind), self._akeneo.clock.start()
        is_quiet = False
        search = self._windows.search(endpoint, since)
        damages: list[Damage] = []
        pages = self._pages.read(kind, endpoint, search, action=f"{endpoint}.probe", damaged=damages.append)
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
            self._windows.record(kind, since, start)
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
            self._reader.named(kind, due)
            self._damages.settle_missing(kind, due)

    def _read_below(self, models: Sequence[SourceRecord]) -> MergeCounts:
        """Read everything that hangs on these models; the cost does not grow with the number of models."""
        counts = MergeCounts()
        roots = sorted(model.key for model in models if model.parent is None)
        parents = {model.key: model.parent for model in models}
        for start in range(0, len(roots), IDS_A_REQUEST):
            search = Search().where("parent", "IN", roots[start : start + IDS_A_REQUEST])
            for records, asked_at in self._pages.read("product_model", "product-models", search):
                parents.update({record.key: record.parent for record in records})
                counts += self._merger.merge(records, asked_at)
        ordered = sorted(parents)
        for start in range(0, len(ordered), IDS_A_REQUEST):
            chunk = ordered[start : start + IDS_A_REQUEST]
            # One at a time, a root leads to all that is below it, too.
            tops = [code for code in chunk if parents[code] not in parents]
            endpoint = self._akeneo.products_endpoint
            for records, asked_at in self._pages.with_any("product", endpoint, "parent", chunk, apart=tops):
                counts += self._merger.merge(records, asked_at)
                report_progress("read", "product", len(records))
        return counts

    def _windowed(self, counts: MergeCounts, from_at: float, to_at: float) -> StepResult:
        result = self._reader.result(counts)
        result.window = (from_at, to_at)
        return result
