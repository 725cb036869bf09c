"""Reads what is below product models: their sub models and variants."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import TypeAlias

from akeneo_assets.akeneo.client import UnsupportedSearchError
from akeneo_assets.akeneo.search import Search
from akeneo_assets.store.product_trees import ProductTrees
from akeneo_assets.store.records import SourceRecord
from akeneo_assets.sync.read.record_pages import IDS_A_REQUEST, RecordPages

Page: TypeAlias = "tuple[list[SourceRecord], float]"


class Descendants:
    """Reads what is below product models.

    Args:
        pages: Reads the lists.
        trees: The trees of the mirror.
    """

    def __init__(self, pages: RecordPages, trees: ProductTrees) -> None:
        self._pages = pages
        self._trees = trees

    def of(self, models: Mapping[str, str | None]) -> Iterator[Page]:
        """Yield the pages of all sub models and variants, each with a moment before it was requested.

        If Akeneo cannot search for sub models, those without variants that were never read are missing. They have no
        effect until they have variants, and are read as changes or with their family.

        Args:
            models: Codes of product models, each with the code of its parent.
        """
        found = dict(models)
        roots = sorted(code for code, parent in models.items() if parent is None)
        try:
            yield from self._sub_models(roots, found)
        except UnsupportedSearchError:
            yield from self._from_below(models)
        else:
            yield from self._variants(found)

    def _sub_models(self, roots: Sequence[str], found: dict[str, str | None]) -> Iterator[Page]:
        for start in range(0, len(roots), IDS_A_REQUEST):
            search = Search().where("parent", "IN", roots[start : start + IDS_A_REQUEST])
            for records, asked_at in self._pages.read("product_model", search, optional="models_by_parents"):
                found.update({record.key: record.parent for record in records})
                yield records, asked_at

    def _variants(self, models: Mapping[str, str | None]) -> Iterator[Page]:
        """Yield the variants of these models and of all their sub models, with up to 100 models per request."""
        tops = {code for code, parent in models.items() if parent not in models}
        if len(tops) == 1:
            # A search for one model also finds everything below it.
            yield from self._pages.with_each("product", "parent", sorted(tops))
            return
        ordered = sorted(models)
        for start in range(0, len(ordered), IDS_A_REQUEST):
            chunk = ordered[start : start + IDS_A_REQUEST]
            yield from self._pages.with_any("product", "parent", chunk, one_by_one=sorted(tops.intersection(chunk)))

    def _from_below(self, models: Mapping[str, str | None]) -> Generator[Page]:
        """Yield the variants, and then the sub models that they name, and those that are known."""
        tops = sorted(code for code, parent in models.items() if parent not in models)
        codes = {head.key for tree in self._trees.trees(tops) for head in tree.models}
        for records, asked_at in self._pages.with_each("product", "parent", tops):
            codes.update(record.parent for record in records if record.parent is not None)
            yield records, asked_at
        yield from self._pages.named("product_model", sorted(codes - set(tops)))
