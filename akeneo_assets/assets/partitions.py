"""The two dynamic partitions definitions. Their keys are updated from Akeneo's category trees and families."""

from __future__ import annotations

from collections.abc import Iterable

import dagster as dg

from akeneo_assets.sync.partition_keys import is_changes, is_family

category_trees = dg.DynamicPartitionsDefinition(name="category_trees")
"""One key per category tree: the code of its root."""

catalog_batches = dg.DynamicPartitionsDefinition(name="catalog_batches")
"""``family:<code>`` is a whole family, and ``family:~none`` all products without one. ``changes:<hour>`` (UTC) contains
the changes that were detected in that hour."""


class InstancePartitions:
    """The partitions that an instance has.

    Args:
        instance: The instance.
    """

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self._instance = instance

    def trees(self) -> list[str]:
        """Return the roots of the category trees."""
        return sorted(self._instance.get_dynamic_partitions(str(category_trees.name)))

    def families(self) -> list[str]:
        """Return the keys of the families."""
        return sorted(filter(is_family, self._instance.get_dynamic_partitions(str(catalog_batches.name))))


def update_partitions(
    instance: dg.DagsterInstance, definition: dg.DynamicPartitionsDefinition, keys: Iterable[str]
) -> int:
    """Update the partitions from Akeneo: add new keys, and delete keys that Akeneo no longer has.

    Args:
        instance: The instance that has the partitions.
        definition: One of the two definitions above.
        keys: All keys that Akeneo has now.

    Returns:
        How many keys were added.
    """
    name = str(definition.name)
    followed = (key for key in instance.get_dynamic_partitions(name) if not is_changes(key))
    known, wanted = set(followed), set(keys)
    if wanted - known:
        instance.add_dynamic_partitions(name, sorted(wanted - known))
    for gone in sorted(known - wanted):
        instance.delete_dynamic_partition(name, gone)
    return len(wanted - known)
