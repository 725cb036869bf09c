"""Finds the work to do: changes in Akeneo, records to retry, and work that a killed run left pending."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from akeneo_assets.mapping.catalogue.read_options import read_options
from akeneo_assets.mapping.file.mapping_file import MappingFile
from akeneo_assets.objects import PRODUCT_KINDS, PRODUCT_SOURCE_KINDS
from akeneo_assets.store.records import NO_FAMILY
from akeneo_assets.store.store import Store
from akeneo_assets.sync.category_forest import CategoryForest, Place
from akeneo_assets.sync.custom_fields import RELATION as CUSTOM_FIELD
from akeneo_assets.sync.destination import Capabilities
from akeneo_assets.sync.not_stored import stored_now
from akeneo_assets.sync.read.changes import ChangeReader
from akeneo_assets.sync.read.structure import load_attributes

_DEFERRED_SECONDS: Final = 600.0
"""If a custom field could not be defined, it is tried again after this many seconds."""


@dataclass(frozen=True)
class Work:
    """The work to do.

    Attributes:
        to_read: Whether product models or products changed in Akeneo.
        to_send: Whether records that were already read have to be planned and delivered.
        category_roots: Trees with changed categories.
        unknown_trees: Whether a category changed that belongs to no known tree.
        unknown_families: Families of changed records that the structure does not contain.
        read_until: Source kind → the time up to which it was read in full, in epoch seconds of Akeneo's clock.
        changed_records: The first changed records of each object.
    """

    to_read: bool
    to_send: bool
    category_roots: tuple[str, ...]
    unknown_trees: bool
    unknown_families: tuple[str, ...]
    read_until: Mapping[str, float]
    changed_records: Mapping[str, Sequence[str]]


def find_work(store: Store, reader: ChangeReader, capabilities: Capabilities) -> Work:
    """Find the work to do in Akeneo and in the ledger.

    Args:
        store: The state.
        reader: Reads changes.
        capabilities: What the run relies on.

    Raises:
        ConfigurationError: The catalogue was not fully loaded yet.
        TransientError: Akeneo cannot be reached.
    """
    probe = reader.probe()
    changed = [key for page in store.work.changed_keys("category") for key in page]
    places = CategoryForest({**_parents(store), **probe.categories}).places
    roots = {places[code].root for code in (*probe.categories, *changed) if code in places} | set(reader.unread_trees())
    known = {root for root in roots if root is not None} | _trees_to_read_again(store, places)
    if probe.more_categories:
        known |= {code for code, place in places.items() if place.root == code}
    if None in roots:
        # Categories that belong to no tree are read with the first tree.
        known.add(min(code for code, place in places.items() if place.root == code))
    return Work(
        to_read=bool(probe.product_models or probe.products or store.unreadable.due(PRODUCT_SOURCE_KINDS))
        or probe.more_products,
        to_send=(
            store.work.has_changed(PRODUCT_KINDS)
            or bool(store.structure_changes.outstanding())
            or store.links.is_any_due()
            or bool(store.places.pending())
            or bool(store.links.targets(CUSTOM_FIELD, waited_seconds=_DEFERRED_SECONDS))
            or bool(stored_now(store, capabilities))
        ),
        category_roots=tuple(sorted(known)),
        unknown_trees=None in roots,
        unknown_families=tuple(sorted(probe.families - store.mirror.existing("family", probe.families))),
        read_until=probe.read_until,
        changed_records={
            "categories": tuple(probe.categories),
            "product_models": probe.product_models,
            "products": probe.products,
        },
    )


def _trees_to_read_again(store: Store, places: Mapping[str, Place]) -> set[str]:
    """Return the roots of the trees with unreadable categories that are due for another try."""
    due = store.unreadable.due(["category"])
    roots = {code for code, place in places.items() if place.root == code}
    # A root that was never read is not in the mirror.
    return {tree for key, tree in due.items() if tree in roots or tree == key}


def trees_to_retry(store: Store) -> list[str]:
    """Return the roots of the trees with failed categories that are due for retry."""
    return _roots(store, (key for page in store.work.keys_to_retry("category") for key in page))


def trees_with_outdated_rules(store: Store, rules: str) -> list[str]:
    """Return the roots of the trees with categories that were delivered with outdated rules.

    Args:
        store: The state.
        rules: Fingerprint of the current rules.
    """
    return _roots(store, store.work.categories_with_outdated_rules(rules))


def families_to_read(store: Store, mapping: MappingFile) -> list[str]:
    """Return the families that were read without data that the mapping needs now.

    Their records can only be mapped correctly after all of them were read again.

    Args:
        store: The state.
        mapping: The mapping file.

    Raises:
        ConfigurationError: The structure was never read.
    """
    lacking = store.windows.families_read_without(read_options(mapping, load_attributes(store)))
    # A family that Akeneo no longer has cannot be read.
    return sorted(store.mirror.existing("family", lacking) | (lacking & {NO_FAMILY}))


def _roots(store: Store, codes: Iterable[str]) -> list[str]:
    wanted = list(codes)
    if not wanted:
        return []
    places = CategoryForest(_parents(store)).places
    roots = {places[code].root for code in wanted if code in places}
    return sorted(root for root in roots if root is not None)


def _parents(store: Store) -> dict[str, str | None]:
    return {head.key: head.parent for page in store.mirror.heads("category") for head in page}
