"""The records that a partition plans."""

from __future__ import annotations

from collections.abc import Iterator

from akeneo_assets.objects import OBJECTS, ObjectName
from akeneo_assets.store.records import Scope
from akeneo_assets.store.store import Store
from akeneo_assets.sync.partition_keys import is_changes, scope_of


def scopes_of(store: Store, object_name: ObjectName, partition_key: str) -> Iterator[Scope]:
    """Yield the records that a partition plans: a tree, a family, or all due records.

    Args:
        store: The state.
        object_name: One of the six objects.
        partition_key: The partition; for categories the root's code.
    """
    if OBJECTS[object_name].by_tree:
        yield Scope(partition_key=partition_key)
    elif is_changes(partition_key):
        for kind in OBJECTS[object_name].due_kinds:
            for keys in store.work.due_keys(kind):
                yield Scope.of_keys(keys)
    else:
        yield scope_of(partition_key)
