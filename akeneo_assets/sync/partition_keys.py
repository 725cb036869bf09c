"""The partition keys: a family each, an hour of changes each; a category tree goes by the code of its root."""

from __future__ import annotations

from collections.abc import Iterable
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
    """Whether a partition is a category tree: the other keys have a colon, which no code has."""
    return ":" not in partition_key


def changes_key(moment: datetime) -> str:
    """Return the partition key of what is seen to change at ``moment``, which is in UTC."""
    return f"changes:{moment:%Y-%m-%dT%H}"


def is_changes(partition_key: str) -> bool:
    """Whether a partition is what was seen to change in an hour."""
    return partition_key.startswith("changes:")


def scope_of(partition_key: str) -> Scope:
    """Return the records of a partition.

    Raises:
        ConfigurationError: The key is none.
    """
    try:
        return Scope.of_partition(partition_key)
    except ValueError as error:
        raise ConfigurationError(
            f"{error}. Keys look like family:shoes; materialize akeneo/structure to add those of the catalogue."
        ) from error


def family_of(partition_key: str) -> str:
    """Return the family of a partition.

    Raises:
        ConfigurationError: It is not one of a family.
    """
    family = scope_of(partition_key).family
    if family is None:
        raise ConfigurationError(f"The partition '{partition_key}' is not a family.")
    return family
