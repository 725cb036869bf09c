"""Partition keys: one for each family, hour of changes, and category tree (the code of its root)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from akeneo_assets.errors import ConfigurationError
from akeneo_assets.store.records import NO_FAMILY, Scope


def family_key(family: str) -> str:
    """Return the partition key of a family; ``NO_FAMILY`` stands for all products without one."""
    return f"family:{family}"


def family_keys(families: Iterable[str]) -> list[str]:
    """Return the partition keys of these families and of the products without a family."""
    return [family_key(family) for family in (*sorted(families), NO_FAMILY)]


def is_family(partition_key: str) -> bool:
    """Whether a partition is a family."""
    return partition_key.startswith("family:")


def is_tree(partition_key: str) -> bool:
    """Whether a partition is a category tree. Other keys contain a colon, which a code cannot."""
    return ":" not in partition_key


def changes_key(moment: datetime) -> str:
    """Return the partition key for changes that are detected at ``moment``, which is in UTC."""
    return f"changes:{moment:%Y-%m-%dT%H}"


def is_changes(partition_key: str) -> bool:
    """Whether a partition contains the changes of an hour."""
    return partition_key.startswith("changes:")


def partitions_shown(partition_keys: Sequence[str]) -> str:
    """Return the partitions of a run in words: nothing, its only partition, or a range."""
    if len(partition_keys) <= 1:
        return "".join(partition_keys)
    return f"{partition_keys[0]} to {partition_keys[-1]} ({len(partition_keys)} partitions)"


def scope_of(partition_key: str) -> Scope:
    """Return the records of a partition.

    Raises:
        ConfigurationError: It is not a valid partition key.
    """
    try:
        return Scope.of_partition(partition_key)
    except ValueError as error:
        raise ConfigurationError(
            f"{error}. Keys look like family:shoes. To add the keys of the catalogue, materialize akeneo/structure."
        ) from error


def family_of(partition_key: str) -> str:
    """Return the family of a partition.

    Raises:
        ConfigurationError: It is not the partition of a family.
    """
    family = scope_of(partition_key).family
    if family is None:
        raise ConfigurationError(f"The partition '{partition_key}' is not a family.")
    return family
