"""The two dynamic partition definitions; the keys follow Akeneo's category trees and families."""

from __future__ import annotations

from collections.abc import Iterable

import dagster as dg

from akeneo_assets.store.records import NO_FAMILY

category_trees = dg.DynamicPartitionsDefinition(name="category_trees")
"""One key a tree: the code of its root."""

catalog_batches = dg.DynamicPartitionsDefinition(name="catalog_batches")
"""``family:<code>`` is a whole family, ``family:~none`` all products without one."""


def family_keys(families: Iterable[str]) -> list[str]:
    """Return the partition keys of these families and of the products without a family."""
    return [f"family:{family}" for family in (*sorted(families), NO_FAMILY)]


def add_missing(instance: dg.DagsterInstance, definition: dg.DynamicPartitionsDefinition, keys: Iterable[str]) -> int:
    """Add the keys that are not there yet; returns how many."""
    name = str(definition.name)
    missing = sorted(set(keys) - set(instance.get_dynamic_partitions(name)))
    if missing:
        instance.add_dynamic_partitions(name, missing)
    return len(missing)
