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
        family: Code of the family of all products, which are then simple products; None for a mixture of all kinds.
        linked: Share of the products, variants included, that get one to four further related products, which may come
            before or after them.
    """

    products: int
    seed: int = 1
    family: Literal["accessories", "home_textiles", "tableware", "lamps"] | None = None
    linked: float = 0.0


CatalogueChoice: TypeAlias = Literal["sample", "empty"] | Generated
"""``sample``: a few hundred records written by hand; ``empty``: none; or a generated one."""
