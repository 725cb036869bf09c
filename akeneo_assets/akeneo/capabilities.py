"""What a probe found out about an Akeneo. For what is not known, reads do what is right in any case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict

FORMAT: Final = "1"
"""The format in which they are stored. Raise it if the meaning of one changes; then a new probe is needed."""

OptionalSearch: TypeAlias = Literal[
    "products_by_parents", "products_by_identifiers", "models_by_parents", "category_roots", "changed_categories"
]
"""A search that older versions refuse."""

SINCE: Final[Mapping[OptionalSearch, int]] = {
    "products_by_parents": 7,
    "products_by_identifiers": 7,
    "models_by_parents": 6,
    "category_roots": 6,
    "changed_categories": 6,
}
"""The first major version that accepts an optional search."""

PageSize: TypeAlias = Literal[100, 20, 5]
"""Sizes that :data:`akeneo_assets.akeneo.damage.PAGE_SIZES` contains."""


class Capabilities(BaseModel):
    """What is known.

    Attributes:
        refused_searches: The searches that Akeneo refuses. Others are tried once. Instead of ``products_by_parents``
            and ``products_by_identifiers``, each value is a search. Instead of ``models_by_parents``, sub models are
            read by code: those that are known, and the parents of the variants. Instead of ``category_roots`` and
            ``changed_categories``, all categories are read.
        cursors: What ``search_after`` of products and models contains: the key of a record, which may be any, or an
            encrypted id that only Akeneo can create. In that case a list is read in one piece, and after a page without
            a link it continues by page number.
        page_size: The largest page of products or models that Akeneo returns reliably.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    refused_searches: frozenset[OptionalSearch] = frozenset()
    cursors: Literal["keys", "encrypted"] | None = None
    page_size: PageSize = 100


NOTHING_KNOWN: Final = Capabilities()
