"""The dynamic partitions of an instance. Their keys are updated from Akeneo's category trees and families."""

from __future__ import annotations

from collections.abc import Iterable

import dagster as dg

from akeneo_assets.assets.names import Names
from akeneo_assets.sync.partition_keys import is_changes, is_family


class InstancePartitions:
    """The partitions of a subscription that an instance has.

    Args:
        instance: The instance.
        names: The names of the subscription.
    """

    def __init__(self, instance: dg.DagsterInstance, names: Names) -> None:
        self._instance = instance
        self._trees, self._batches = str(names.category_trees.name), str(names.catalog_batches.name)

    def trees(self) -> list[str]:
        """Return the roots of the category trees."""
        return sorted(self._instance.get_dynamic_partitions(self._trees))

    def families(self) -> list[str]:
        """Return the keys of the families."""
        return sorted(filter(is_family, self._instance.get_dynamic_partitions(self._batches)))

    def changes(self) -> list[str]:
        """Return the keys of the hours of changes."""
        return sorted(filter(is_changes, self._instance.get_dynamic_partitions(self._batches)))

    def in_order(self) -> list[str]:
        """Return the keys of all partitions, in the order of the ranges of each definition."""
        stored = self._instance.get_dynamic_partitions
        return [*stored(self._trees), *stored(self._batches)]

    def add(self, hour: str) -> None:
        """Add the partition of an hour of changes, unless it exists."""
        self._instance.add_dynamic_partitions(self._batches, [hour])

    def remove(self, hour: str) -> None:
        """Remove the partition of an hour of changes. Its runs and materializations stay in the history."""
        self._instance.delete_dynamic_partition(self._batches, hour)

    def update_trees(self, roots: Iterable[str]) -> int:
        """Update the category trees from Akeneo. Return how many were added.

        Args:
            roots: All roots that Akeneo has now.
        """
        return self._update(self._trees, self.trees(), roots)

    def update_families(self, keys: Iterable[str]) -> int:
        """Update the families from Akeneo. Return how many were added.

        Args:
            keys: The keys of all families that Akeneo has now.
        """
        return self._update(self._batches, self.families(), keys)

    def _update(self, name: str, known: Iterable[str], wanted: Iterable[str]) -> int:
        added, gone = set(wanted) - set(known), set(known) - set(wanted)
        if added:
            self._instance.add_dynamic_partitions(name, sorted(added))
        for key in sorted(gone):
            self._instance.delete_dynamic_partition(name, key)
        return len(added)
