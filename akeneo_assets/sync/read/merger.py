"""Merges pages of records into the mirror, and reads related records that Akeneo changed without reporting it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence

from akeneo_assets.akeneo.search import Search
from akeneo_assets.documents import JsonObject
from akeneo_assets.objects import PRODUCT_SOURCE_KINDS
from akeneo_assets.store.records import NO_FAMILY, Comparison, MergeCounts, SourceRecord
from akeneo_assets.store.store import Store
from akeneo_assets.sync.progress import report_progress
from akeneo_assets.sync.read.descendants import Descendants
from akeneo_assets.sync.read.lost_associations import lost_partners
from akeneo_assets.sync.read.record_pages import IDS_A_REQUEST, RecordPages
from akeneo_assets.sync.read.unreadable import Damages


class Merger:
    """Merges records into the mirror.

    Args:
        store: The state.
        pages: Reads the related records.
        damages: The records that could not be read.
        partition_key: The partition that changed records are stored under.
        two_way_types: Codes of the two-way association types.
        lacks: Returns whether a product or model refers to something that the structure does not contain.

    Attributes:
        found_unknown: Whether a new or changed record refers to something that the structure does not contain.
    """

    def __init__(
        self,
        store: Store,
        pages: RecordPages,
        damages: Damages,
        *,
        partition_key: str,
        two_way_types: frozenset[str],
        lacks: Callable[[JsonObject], bool] | None,
    ) -> None:
        self._store = store
        self._pages = pages
        self._damages = damages
        self._partition_key = partition_key
        self._two_way_types = two_way_types
        self._lacks = lacks
        self._read_rivals: set[str] = set()
        self._descendants = Descendants(pages, store.product_trees)
        self.found_unknown = False

    def read(self, kind: str, search: Search) -> MergeCounts:
        """Read the records of a search and merge them."""
        counts = MergeCounts()
        for records, asked_at in self._pages.read(kind, search):
            counts += self.merge(records, asked_at)
            report_progress("read", kind, len(records))
        return counts

    def read_family(self, kind: str, family: str) -> MergeCounts:
        """Read the products or product models of a family and merge them, page by page as they arrive."""
        counts = MergeCounts()

        def take(records: Sequence[SourceRecord], asked_at: float) -> None:
            nonlocal counts
            counts += self.merge(records, asked_at)
            report_progress("read", kind, len(records))

        search = Search().where("family", "EMPTY") if family == NO_FAMILY else Search().where("family", "IN", [family])
        known_keys = functools.partial(self._store.product_trees.spread_keys, kind, family)
        self._pages.read_long(kind, search, take, known_keys)
        return counts

    def read_models(self, codes: Iterable[str]) -> MergeCounts:
        """Read product models by code and merge them."""
        wanted = sorted(codes)
        if not wanted:
            return MergeCounts()
        return self.read("product_model", Search().where("identifier", "IN", wanted))

    def read_below(self, models: Mapping[str, str | None]) -> MergeCounts:
        """Read all sub models and variants of product models and merge them.

        Args:
            models: Their codes, each with the code of its parent.
        """
        counts = MergeCounts()
        for records, asked_at in self._descendants.of(models):
            counts += self.merge(records, asked_at)
            report_progress("read", records[0].kind, len(records))
        return counts

    def merge(self, records: Sequence[SourceRecord], asked_at: float) -> MergeCounts:
        """Merge a page.

        Args:
            records: Its records, of one kind.
            asked_at: A moment before the page was requested.
        """
        compared = self._store.mirror.compare(records)
        changed = compared.differing
        if self._pages.id_format == "UUID" and records and records[0].kind == "product":
            self._read_others(compared)
        counts = MergeCounts(read=len(records) - len(changed), unchanged=len(records) - len(changed))
        if changed:
            counts += self._merge_changed(changed, asked_at)
        self._damages.settle(records)
        return counts

    def _merge_changed(self, changed: Sequence[SourceRecord], asked_at: float) -> MergeCounts:
        # First, because a killed run must not leave records that were read with fewer options than their family claims.
        self._store.windows.narrow(self._pages.options)
        partners: list[SourceRecord] = []
        if changed[0].kind in PRODUCT_SOURCE_KINDS:
            if self._lacks is not None and not self.found_unknown:
                self.found_unknown = any(self._lacks(record.document) for record in changed)
            # Merged together with the changed records: afterwards, the removed associations are no longer known.
            partners = self._former_partners(changed)
        counts = self._store.mirror.merge([*changed, *partners], partition_key=self._partition_key, read_at=asked_at)
        self._damages.settle(partners)
        return counts

    def _former_partners(self, changed: Sequence[SourceRecord]) -> list[SourceRecord]:
        """Read the other sides of removed two-way associations, because Akeneo does not update their modified date.

        The other side may have changed in other ways, too, and may have former partners of its own.
        """
        partners: list[SourceRecord] = []
        seen = {(record.kind, record.key) for record in changed}
        latest = changed
        while self._two_way_types and latest:
            lost = lost_partners(self._store, latest, self._two_way_types) - seen
            seen |= lost
            latest = []
            for kind in PRODUCT_SOURCE_KINDS:
                keys = sorted(key for of_kind, key in lost if of_kind == kind)
                found = [record for page, _ in self._pages.named(kind, keys) for record in page]
                partners += found
                latest = [*latest, *self._store.mirror.compare(found).differing]
                if kind == "product_model" and found:
                    # They inherit the associations.
                    below = self._descendants.of({model.key: model.parent for model in found})
                    partners += [record for records, _ in below for record in records]
        return partners

    def _read_others(self, compared: Comparison) -> None:
        """Before these products are merged, read records again that changed together with their identifiers.

        Product models refer to associated products by identifier, and a renamed product does not update their modified
        date. Another product that had one of these identifiers before was renamed or deleted.
        """
        mirror = self._store.mirror
        if compared.renamed:
            self.read_models(self._store.links.holders("product_model", compared.renamed))
        rivals = sorted(compared.rivals - self._read_rivals)
        self._read_rivals.update(rivals)
        for start in range(0, len(rivals), IDS_A_REQUEST):
            asked = rivals[start : start + IDS_A_REQUEST]
            started = mirror.moment()
            search = Search().where("uuid", "IN", asked)
            found: set[str] = set()
            for page, asked_at in self._pages.read("product", search):
                found.update(record.key for record in page)
                self.merge(page, asked_at)
            mirror.mark_gone("product", set(asked) - found - self._damages.keys("product"), at=started)
