"""Caches the product trees that a run has mapped, to plan models, variants and related products from them."""

from __future__ import annotations

from typing import Final

from akeneo_assets.mapping.record.mapped_record import MappedRecord
from akeneo_assets.store.fingerprints import SourceFingerprint

_RECORDS: Final = 10_000


class MappedTrees:
    """A cache of mapped trees by the fingerprint of their source, mapping and structure.

    It holds a limited number of records, about 3 kB each, so that memory use stays constant. When it is full, it keeps
    the oldest trees, because each object reads the same trees in the same order: a cache of the latest trees would
    always miss.
    """

    def __init__(self) -> None:
        self._trees: dict[SourceFingerprint, MappedRecord] = {}
        self._records = 0

    def get(self, source: SourceFingerprint) -> MappedRecord | None:
        """Return the tree; None if it is not cached."""
        return self._trees.get(source)

    def keep(self, source: SourceFingerprint, tree: MappedRecord) -> None:
        """Cache the tree unless the cache is full."""
        if self._records < _RECORDS and source not in self._trees:
            self._trees[source] = tree
            self._records += 1 + len(tree.variants)
