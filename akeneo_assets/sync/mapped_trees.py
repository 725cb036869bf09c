"""The product trees that a run has mapped: models, variants and related products are planned from the same ones."""

from __future__ import annotations

from typing import Final

from akeneo_assets.mapping.record.mapped_record import MappedRecord
from akeneo_assets.store.fingerprints import SourceFingerprint

_RECORDS: Final = 2_000


class MappedTrees:
    """Mapped trees by the fingerprint of their source, which covers mapping and structure too.

    It holds a limited number of records, so that memory stays flat. When it is full it keeps what it has instead of
    the latest: each object goes through the same trees in the same order, and would find only what was dropped.
    """

    def __init__(self) -> None:
        self._trees: dict[SourceFingerprint, MappedRecord] = {}
        self._records = 0

    def get(self, source: SourceFingerprint) -> MappedRecord | None:
        """Return the tree, None when it is not kept."""
        return self._trees.get(source)

    def keep(self, source: SourceFingerprint, tree: MappedRecord) -> None:
        """Keep the tree while there is room."""
        if self._records < _RECORDS and source not in self._trees:
            self._trees[source] = tree
            self._records += 1 + len(tree.variants)
