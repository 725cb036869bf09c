"""Decides what runs next and in which order, in a full load and when syncing everything that is due.

Sensors, the command line and benchmarks start the batches that these functions return. The functions start nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Protocol, TypeAlias

from akeneo_assets.mapping.file.mapping_file import MappingFile
from akeneo_assets.objects import (
    LINKED_OBJECTS,
    PRODUCT_KINDS,
    PRODUCT_OBJECTS,
    PRODUCT_SOURCE_KINDS,
    SOURCES,
    ObjectName,
)
from akeneo_assets.store.store import Store
from akeneo_assets.sync.agenda import (
    Work,
    families_to_read,
    trees_to_retry,
    trees_with_outdated_rules,
)
from akeneo_assets.sync.batches import PRODUCT_SOURCES, STRUCTURE, Batch, Phase, Title, batch_of
from akeneo_assets.sync.partition_keys import family_key, is_changes, is_family, is_tree


class Partitions(Protocol):
    """The existing partition keys. Reading the structure adds and removes the keys of trees and families."""

    def trees(self) -> Collection[str]:
        """Return the roots of the category trees."""

    def families(self) -> Collection[str]:
        """Return the keys of the families."""


Planned: TypeAlias = "Callable[[], Collection[tuple[str, ObjectName]]]"
"""Returns the partitions that have planned records now, each with an object of those records."""


# Everything


def full(partitions: Partitions, planned: Planned) -> Iterator[Phase]:
    """Yield the phases of a full load. Each is created when it begins, from what exists by then.

    Args:
        partitions: The partitions, looked up after the structure was read.
        planned: Returns what is planned, see :func:`families`.
    """
    yield Phase("structure", (STRUCTURE,))
    yield categories(partitions.trees())
    yield from families(partitions.families(), planned)


def categories(trees: Iterable[str]) -> Phase:
    """Return the phase that loads these category trees."""
    return Phase("categories", tuple(batch_of(tree) for tree in sorted(trees)))


def families(partition_keys: Iterable[str], planned: Planned) -> Iterator[Phase]:
    """Yield the phases that load these families.

    In the first phase, everything is planned, so each record is mapped once, and records without links are sent. Then
    one run sends the records with links of all families, each after those that it refers to. That leaves little to
    deliver, and only of some families, such as changed variants with links. The few links that could not be sent,
    because records refer to each other, are repaired once, at the end.

    Args:
        partition_keys: The partition keys of the families.
        planned: Returns what is planned, looked up when the first phase has ended.
    """
    keys = sorted(partition_keys)
    last = keys[-1:]
    yield Phase(
        "products",
        tuple(Batch("full_load", key, PRODUCT_SOURCES, PRODUCT_OBJECTS, PRODUCT_OBJECTS, "hold") for key in keys),
    )
    if any(name in LINKED_OBJECTS for _, name in planned()):
        yield Phase(
            "linked products", tuple(Batch("full_load", key, delivers=("bundles",), links="in order") for key in last)
        )
    chosen = set(keys)
    left = [(key, name) for key, name in planned() if key in chosen]
    objects = tuple(name for name in PRODUCT_OBJECTS if name in {name for _, name in left})
    yield Phase(
        "remaining",
        tuple(Batch("full_load", key, delivers=objects, links="keep") for key in sorted({key for key, _ in left})),
    )
    yield Phase("links", tuple(Batch("full_load", key, delivers=("related_products",)) for key in last))


# Due records


def due(
    work: Work, store: Store, mapping: MappingFile, rules: str, *, hour: str, partitions: Partitions
) -> Iterator[Phase]:
    """Return the phases of everything that is due, which is what all sensors together would start.

    The state is read now, and the partitions when a phase begins.

    Args:
        work: The work that was found in Akeneo and in the state.
        store: The state.
        mapping: The mapping file.
        rules: Fingerprint of the current rules.
        hour: Partition key for changes that are detected now.
        partitions: The partitions that exist.

    Raises:
        ConfigurationError: The structure was never read.
    """
    batches = [
        *changed(work, hour, partitions),
        *to_retry(store, hour),
        *with_outdated_rules(store, mapping, rules),
    ]
    return in_order(batches, partitions)


def changed(work: Work, hour: str, partitions: Partitions) -> Iterator[Batch]:
    """Yield the batches for changes in Akeneo, and for records that were read but not delivered.

    Args:
        work: The work to do.
        hour: Partition key for changes that are detected now.
        partitions: The partitions that exist.
    """
    if unknown(work, partitions):
        yield STRUCTURE
    yield from map(batch_of, work.category_roots)
    if work.to_read:
        since = {SOURCES[kind]: work.read_until[kind] for kind in PRODUCT_SOURCE_KINDS}
        yield batch_of(hour, since=since)
    elif work.to_send:
        yield batch_of(hour, reads=False)


def unknown(work: Work, partitions: Partitions) -> tuple[str, ...]:
    """Return the trees and families for which the structure has to be read again.

    Args:
        work: The work to do.
        partitions: The partitions that exist.

    Returns:
        The keys of trees and families without a partition. ``#`` stands for categories that belong to no tree.
    """
    new_trees = sorted(set(work.category_roots).difference(partitions.trees())) if work.category_roots else []
    return (*(["#"] if work.unknown_trees else []), *new_trees, *map(family_key, work.unknown_families))


def to_retry(store: Store, hour: str) -> Iterator[Batch]:
    """Yield the batches for failed records that are due for a retry.

    Args:
        store: The state.
        hour: Partition key for changes that are detected now.
    """
    yield from map(batch_of, trees_to_retry(store))
    if store.work.is_any_due_for_retry(PRODUCT_KINDS):
        yield batch_of(hour, reads=False)


def with_outdated_rules(store: Store, mapping: MappingFile, rules: str) -> Iterator[Batch]:
    """Yield the batches for families and trees that were mapped with outdated rules.

    A family is read again only if the mapping now needs data that was not read.

    Args:
        store: The state.
        mapping: The mapping file.
        rules: Fingerprint of the current rules.

    Raises:
        ConfigurationError: The structure was never read.
    """
    yield from map(batch_of, trees_with_outdated_rules(store, rules))
    for family in families_to_read(store, mapping):
        yield batch_of(family_key(family))
    for family in store.work.families_with_outdated_rules(rules):
        yield batch_of(family_key(family), reads=False)


def in_order(batches: Iterable[Batch], partitions: Partitions) -> Iterator[Phase]:
    """Yield the phases of batches that are due for different reasons.

    Only one batch per partition is kept: a batch that reads also does everything that a batch without reading does.
    Trees and families without a partition are left out, because Akeneo no longer has them.

    Args:
        batches: Batches in any order.
        partitions: The partitions that exist; looked up when a phase begins, after the structure was read.
    """
    chosen: dict[str | None, Batch] = {}
    for batch in sorted(batches, key=lambda each: not each.reads):
        chosen.setdefault(batch.partition_key, batch)
    structure = chosen.pop(None, None)
    if structure is not None:
        yield Phase("structure", (structure,))
    keys = [key for key in chosen if key is not None]
    if trees := sorted(filter(is_tree, keys)):
        yield _phase("categories", trees, chosen, partitions.trees())
    if hours := sorted(filter(is_changes, keys)):
        yield _phase("changes", hours, chosen, hours)
    if of_families := list(filter(is_family, keys)):
        yield _phase("mapping", of_families, chosen, partitions.families())


def _phase(title: Title, keys: Sequence[str], batches: Mapping[str | None, Batch], known: Collection[str]) -> Phase:
    return Phase(title, tuple(batches[key] for key in keys if key in known))
