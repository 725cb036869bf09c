"""The results for the simple products that a run has mapped, so that their links are planned without mapping again."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from akeneo_assets.store.fingerprints import SourceFingerprint

Mapped: TypeAlias = Literal["planned", "without links", "blocked"]
"""The result for a product: it is in the plan, it has no related products, or it cannot be mapped."""

_PRODUCTS: Final = 200_000


class MappedProducts:
    """The result for each mapped product, by its key and the fingerprint of its source.

    The mapped records are in the plan, so that memory use stays low: a result takes about 90 bytes, and at most 200,000
    are kept. Other products are mapped again.
    """

    def __init__(self) -> None:
        self._products: dict[int, Mapped] = {}

    def get(self, key: str, source: SourceFingerprint) -> Mapped | None:
        """Return the result for a product; None if it is not known."""
        return self._products.get(hash((key, source)))

    def keep(self, key: str, source: SourceFingerprint, mapped: Mapped) -> None:
        """Keep the result for a product unless the limit is reached."""
        if len(self._products) < _PRODUCTS:
            self._products[hash((key, source))] = mapped
