"""The two dynamic partition definitions; the keys follow Akeneo's category trees and families."""

from __future__ import annotations

from collections.abc import Iterable

import dagster as dg

from akeneo_assets.store.records import NO_FAMILY
from akeneo_assets.sync.partition_keys import is_changes

category_trees = dg.DynamicPartitionsDefinition(name="category_trees")
"""One key a tree: the code of its root."""

catalog_batches = dg.DynamicPartitionsDefinition(name="catalog_batches")
"""``family:<code>`` is a whole family, ``family:~none`` all products without one; ``changes:<hour>`` (UTC) is what
was seen to change in that hour."""


def family_keys(families: Iterable[str]) -> list[str]:
    """Return the partition keys of these families and of the products without a family."""
    return [f"family:{family}" for family in (*sorted(families), NO_FAMILY)]


def follow(instance: dg.DagsterInstance, definition: dg.DynamicPartitionsDefinition, keys: Iterable[str]) -> int:
    """Make the partitions follow Akeneo: add what is new, drop what is gone.

    Args:
        instance: Holds the partitions.
        definition: One of the two above.
        keys: All keys that Akeneo has now.

    Returns:
        How many were added.
    """
    name = str(definition.name)
    followed = (key for key in instance.get_dynamic_partitions(name) if not is_changes(key))
    known, wanted = set(followed), set(keys)
    if wanted - known:
        instance.add_dynamic_partitions(name, sorted(wanted - known))
    for gone in sorted(known - wanted):
        instance.delete_dynamic_partition(name, gone)
    return len(wanted - known)
