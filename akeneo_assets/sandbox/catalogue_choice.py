"""The initial catalogue of the local Akeneo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias


@dataclass(frozen=True)
class Generated:
    """A catalogue of any size, the same for the same arguments.

    Args:
        products: Number of products, variants included.
        seed: Seed of the generator.
        families: Number of families that share the products evenly, which are then simple products. They are named
            ``family_1``, ``family_2``, …; the families of the sample stay empty. 0 for a mixture of all kinds of
            products in the families of the sample.
        linked: Share of the products, variants included, that get one to four further related products, which may come
            before or after them.
    """

    products: int
    seed: int = 1
    families: int = 0
    linked: float = 0.0


CatalogueChoice: TypeAlias = Literal["sample", "empty"] | Generated
"""``sample``: a few hundred records written by hand; ``empty``: none; or a generated one."""
