"""The simple products that a run has mapped: their links are planned from the same mapping, not from a second one."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from akeneo_assets.store.fingerprints import SourceFingerprint

Mapped: TypeAlias = Literal["planned", "without links", "blocked"]
"""What became of a product: the plan has it, it has no related products, or it cannot be mapped."""

_PRODUCTS: Final = 200_000


class MappedProducts:
    """What became of each product that was mapped, by its key and the fingerprint of its source.

    The records themselves stay in the plan, so that memory stays flat: a product takes about 90 bytes here, and no
    more than 200,000 are kept. The others are mapped again.
    """

    def __init__(self) -> None:
        self._products: dict[int, Mapped] = {}

    def get(self, key: str, source: SourceFingerprint) -> Mapped | None:
        """Return what became of a product; None if that is not known."""
        return self._products.get(hash((key, source)))

    def note(self, key: str, source: SourceFingerprint, mapped: Mapped) -> None:
        """Remember what became of a product while there is room."""
        if len(self._products) < _PRODUCTS:
            self._products[hash((key, source))] = mapped
