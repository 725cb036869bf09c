"""Merge pages of records into the mirror, with what changed along with them unnoticed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from akeneo_assets.akeneo.search import Search
from akeneo_assets.documents import JsonObject
from akeneo_assets.objects import PRODUCT_SOURCE_KINDS
from akeneo_assets.store.records import Comparison, MergeCounts, SourceRecord
from akeneo_assets.store.store import Store
from akeneo_assets.sync.progress import report_progress
from akeneo_assets.sync.read.lost_associations import lost_partners
from akeneo_assets.sync.read.record_pages import IDS_A_REQUEST, RecordPages
from akeneo_assets.sync.read.unreadable import Damages


class Merger:
    """Merges what is read.

    Args:
        store: The state.
        pages: Reads what else has to be looked at.
        damages: The records that could not be read.
        partition_key: The partition under which changed records are filed.
        two_way_types: Codes of the association types that Akeneo keeps on both sides.
        lacks: Tells whether the structure lacks something that a product or model names.

    Attributes:
        found_unknown: Whether a new or changed record names something that the structure lacks.
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
        self._looked_at: set[str] = set()
        self.found_unknown = False

    def read(self, kind: str, endpoint: str, search: Search) -> MergeCounts:
        """Read the records of a search and merge them."""
        counts = MergeCounts()
        for records, asked_at in self._pages.read(kind, endpoint, search):
            counts += self.merge(records, asked_at)
            report_progress("read", kind, len(records))
        return counts

    def read_models(self, codes: Iterable[str]) -> MergeCounts:
        """Read the product models of these codes and merge them."""
        wanted = sorted(codes)
        if not wanted:
            return MergeCounts()
        return self.read("product_model", "product-models", Search().where("identifier", "IN", wanted))

    def merge(self, records: Sequence[SourceRecord], asked_at: float) -> MergeCounts:
        """Merge a page.

        Args:
            records: Its records, of one kind.
            asked_at: The moment before it was asked for.
        """
        compared = self._store.mirror.compare(records)
        changed = compared.differing
        if self._pages.id_format == "UUID" and records and records[0].kind == "product":
            self._look_at_others(compared)
        counts = MergeCounts(read=len(records) - len(changed), unchanged=len(records) - len(changed))
        if changed:
            counts += self._merge_changed(changed, asked_at)
        self._damages.settle(records)
        return counts

    def _merge_changed(self, changed: Sequence[SourceRecord], asked_at: float) -> MergeCounts:
        # Before: a killed run must not leave records behind that a family is taken to have been read with more than.
        self._store.windows.narrow(self._pages.options)
        partners: list[SourceRecord] = []
        if changed[0].kind in PRODUCT_SOURCE_KINDS:
            if self._lacks is not None and not self.found_unknown:
                self.found_unknown = any(self._lacks(record.document) for record in changed)
            # In one go: once a record is merged nobody sees any more whom it was associated with.
            partners = self._former_partners(changed)
        counts = self._store.mirror.merge([*changed, *partners], partition_key=self._partition_key, read_at=asked_at)
        self._damages.settle(partners)
        return counts

    def _former_partners(self, changed: Sequence[SourceRecord]) -> list[SourceRecord]:
        """Read the other side of two-way associations that were removed: Akeneo gives it no new date.

        The other side may have changed otherwise, too, and may have former partners of its own.
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
                if kind == "product_model":
                    partners += self._below(found)
        return partners

    def _below(self, models: Sequence[SourceRecord]) -> Iterator[SourceRecord]:
        """Read what inherits the associations of these models."""
        codes = [model.key for model in models]
        for endpoint, kind in (("product-models", "product_model"), (self._pages.products_endpoint, "product")):
            found: list[SourceRecord] = []
            for start in range(0, len(codes), IDS_A_REQUEST):
                asked = codes[start : start + IDS_A_REQUEST]
                found += [
                    record for records, _ in self._pages.with_any(kind, endpoint, "parent", asked) for record in records
                ]
            yield from found
            codes += [record.key for record in found]

    def _look_at_others(self, compared: Comparison) -> None:
        """Read again, before these products are merged, what Akeneo changed along with their identifiers.

        Product models name their associated products by identifier, and get no date when one is renamed. And a product
        that had the identifier of one of these before was renamed or deleted.
        """
        mirror = self._store.mirror
        if compared.renamed:
            self.read_models(self._store.links.holders("product_model", compared.renamed))
        rivals = sorted(compared.rivals - self._looked_at)
        self._looked_at.update(rivals)
        for start in range(0, len(rivals), IDS_A_REQUEST):
            asked = rivals[start : start + IDS_A_REQUEST]
            started = mirror.moment()
            search = Search().where("uuid", "IN", asked)
            found: set[str] = set()
            for page, asked_at in self._pages.read("product", self._pages.products_endpoint, search):
                found.update(record.key for record in page)
                self.merge(page, asked_at)
            mirror.mark_gone("product", set(asked) - found - self._damages.keys("product"), at=started)
