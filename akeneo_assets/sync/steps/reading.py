"""Reads the structure and the records of partitions, and keeps the mapping up to date with what was read."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final

from akeneo_assets.akeneo.client import AkeneoClient
from akeneo_assets.akeneo.permissions import Refusals
from akeneo_assets.errors import MalformedResponseError
from akeneo_assets.settings import Settings
from akeneo_assets.store.records import SourceRecord
from akeneo_assets.store.store import Store
from akeneo_assets.sync.forecast import of_first_load
from akeneo_assets.sync.partition_keys import family_of, is_changes
from akeneo_assets.sync.plan.current_mapping import CurrentMapping
from akeneo_assets.sync.plan.dependants import mark_dependants
from akeneo_assets.sync.read.changes import ChangeReader
from akeneo_assets.sync.read.reader import Reader
from akeneo_assets.sync.read.readers import Readers
from akeneo_assets.sync.read.structure import READ_WINDOW
from akeneo_assets.sync.results import StepResult

_log = logging.getLogger(__name__)

STRUCTURE_SECONDS: Final = 600.0
"""How old the structure may be, in seconds, when single records or changes are synced."""


class Reading:
    """Reads for one run.

    Args:
        settings: The subscription settings.
        store: The state.
        akeneo: The source.
        mapping: The current mapping.
        readers: Creates the readers.
    """

    def __init__(
        self, settings: Settings, store: Store, akeneo: AkeneoClient, mapping: CurrentMapping, readers: Readers
    ) -> None:
        self._settings = settings
        self._store = store
        self._akeneo = akeneo
        self._mapping = mapping
        self._readers = readers

    def read_structure(self) -> StepResult:
        """Read the structure, and check the mapping against it.

        Raises:
            MissingPermissionError: The connection lacks permissions that any later step needs; it names all of them.
            ConfigurationError: The mapping refers to something that the catalogue does not have.
        """
        refusals = Refusals()
        products = refusals.ask(lambda: self._count(self._akeneo.products_endpoint))
        models = refusals.ask(lambda: self._count("product-models"))
        result = self._readers.structure().read(refusals)
        if products is not None and models is not None:
            result.forecast = self._forecast(products, models)
        self._mapping.refresh()
        self.mark_dependants()
        _ = self._mapping.mapper
        for warning in self._mapping.warnings:
            result.add_problem("mapping", warning.place or "", "mapping_warning", f"{warning.message} {warning.fix}")
        return result

    def _count(self, endpoint: str) -> int | None:
        """Return the number of records in a list; None without a valid one. Only the forecast needs it.

        Raises:
            AccessDeniedError: The connection may not read this list.
        """
        try:
            return self._akeneo.count(endpoint)
        except MalformedResponseError:
            return None

    def _forecast(self, products: int, models: int) -> str:
        """Return what a first load needs, in words. The categories and the share of variants are not known here."""
        forecast = of_first_load(
            categories=0,
            models=models,
            products=products,
            variants=0,
            trees=0,
            families=sum(len(page) for page in self._store.mirror.heads("family")),
            structure_requests=0,
        )
        return (
            f"A first load, besides structure and categories: at most {forecast.sentence(self._settings)}. Variants "
            "are sent with their models. For exact figures, run: akeneo-assets check"
        )

    @property
    def has_recent_structure(self) -> bool:
        """Whether the structure was read in the last ten minutes, with everything that the mapping needs."""
        read = self._store.windows.latest(*READ_WINDOW)
        return (
            read is not None and 0 <= time.time() - read.to_at < STRUCTURE_SECONDS and not self._mapping.needs_structure
        )

    def read_what_is_unknown(self, reader: Reader | ChangeReader) -> None:
        """Read the structure again if a record refers to something unknown, such as a new option."""
        if reader.found_unknown:
            _log.info("A record refers to something new, so the structure is read again")
            self.read_structure()

    def mark_dependants(self) -> None:
        """Mark the records as due that depend on changes of the structure."""
        if changes := mark_dependants(self._store):
            _log.info("%d records of the structure changed. Records that depend on them are re-mapped", changes)

    def read_category_tree(self, root: str) -> StepResult:
        """Read a category tree. Along with the first tree, also read the categories that belong to no tree."""
        reader = self._readers.records(root)
        before = self._mapping.category_parents()
        result = reader.category_tree(root)
        if before and self._mapping.category_parents() != before:
            # The category filter of the mapping now selects other products.
            self._mapping.forget_categories()
            self._store.work.mark_everything()
        if root == min(self._readers.structure().roots(), default=root):
            result.add(reader.stray_categories())
        return result

    def read_product_models(self, partition_key: str, *, since: float | None = None) -> StepResult:
        """Read the product models of a partition: those of a family, or those that changed.

        Args:
            partition_key: The partition.
            since: Read changes since this time, in epoch seconds, if it is earlier than the last complete read.
        """
        if is_changes(partition_key):
            reader = self._readers.changes(partition_key)
            result = reader.changed_product_models(since=since)
            self.read_what_is_unknown(reader)
            return result
        return self._readers.records(partition_key).product_models(family_of(partition_key))

    def read_products(self, partition_key: str, *, since: float | None = None, look_back: bool = False) -> StepResult:
        """Read the products of a partition: those of a family, or those that changed.

        Args:
            partition_key: The partition.
            since: Read changes since this time, in epoch seconds, if it is earlier than the last complete read.
            look_back: Also read changes of the last PRODUCT_VARIANT_POLL_SEARCH_DAYS days.
        """
        if is_changes(partition_key):
            days = self._settings.product_variant_poll_search_days
            reader = self._readers.changes(partition_key)
            result = reader.changed_products(since=since, look_back_days=days, look_back=look_back)
            self.read_what_is_unknown(reader)
            return result
        return self._readers.records(partition_key).products(family_of(partition_key))

    def all_products(self, take: Callable[[list[SourceRecord], float], None]) -> None:
        """Read all products that Akeneo has now.

        Args:
            take: Called with each page, and a moment before it was requested.
        """
        if self._store.windows.latest(*READ_WINDOW) is None:
            self.read_structure()
        self._readers.records("all").all_products(take)
