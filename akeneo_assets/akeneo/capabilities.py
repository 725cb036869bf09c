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
"""A search that older versions refuse, by its name in :class:`Capabilities`."""

SINCE: Final[Mapping[OptionalSearch, int]] = {
    "products_by_parents": 7,
    "products_by_identifiers": 7,
    "models_by_parents": 6,
    "category_roots": 6,
    "changed_categories": 6,
}
"""The first major version that accepts an optional search."""

PageSize: TypeAlias = Literal[100, 20, 5]


class Capabilities(BaseModel):
    """What is known. An optional search is tried once if it is not known whether Akeneo accepts it.

    Attributes:
        products_by_parents: Whether one search finds the products of several parents. If not, each model is a search.
        products_by_identifiers: Whether one search finds several identifiers. If not, each identifier is a search.
        models_by_parents: Whether product models can be searched by parent. If not, sub models are read by code: those
            that are known, and the parents of the variants.
        category_roots: Whether root categories can be searched. If not, all categories are read to find them.
        changed_categories: Whether categories can be searched by date. If not, all are read to find those that changed.
        cursors: What ``search_after`` of products and models contains: the key of a record, which may be any, or an
            encrypted id that only Akeneo can create. In that case a list is read in one piece, and after a page without
            a link it continues by page number.
        page_size: The largest page of products or models that Akeneo returns reliably.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    products_by_parents: bool | None = None
    products_by_identifiers: bool | None = None
    models_by_parents: bool | None = None
    category_roots: bool | None = None
    changed_categories: bool | None = None
    cursors: Literal["keys", "encrypted"] | None = None
    page_size: PageSize = 100

    def refuses(self, search: OptionalSearch) -> bool:
        """Return whether Akeneo is known to refuse a search."""
        return getattr(self, search) is False


NOTHING_KNOWN: Final = Capabilities()
