"""What is open now in each partition, according to the ledger. Makes no requests."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from akeneo_assets.documents import JsonObject
from akeneo_assets.mapping.catalogue.structure import Structure, labels_of
from akeneo_assets.objects import OBJECTS, ObjectName
from akeneo_assets.store.open_problems import OpenGroup, OpenProblem, WaitingGroup
from akeneo_assets.store.records import NO_FAMILY
from akeneo_assets.store.store import Store
from akeneo_assets.sync.category_forest import CategoryForest
from akeneo_assets.sync.not_stored import why_not_stored
from akeneo_assets.sync.partition_keys import family_key, is_changes

STATES: Final = ("failed", "blocked")


@dataclass(frozen=True)
class Open:
    """What is open in a partition.

    Attributes:
        since: Since when the oldest one is open, in epoch seconds.
        failed: Number of failed records.
        blocked: Number of blocked records.
        links: Number of links that wait for their target.
        fields: Number of fields that iPaaS.com does not store.
        held: Number of records that a full load has not sent yet, because they refer to others.
        attempts: The most failures of a record since it was last accepted.
        keys: For a category tree, the keys of its open categories.
    """

    since: float
    failed: int = 0
    blocked: int = 0
    links: int = 0
    fields: int = 0
    held: int = 0
    attempts: int = 0
    keys: frozenset[str] = frozenset()

    def __add__(self, other: Open) -> Open:
        return Open(
            min(self.since, other.since),
            self.failed + other.failed,
            self.blocked + other.blocked,
            self.links + other.links,
            self.fields + other.fields,
            self.held + other.held,
            max(self.attempts, other.attempts),
            self.keys | other.keys,
        )

    @property
    def records(self) -> int:
        """Number of records."""
        return self.failed + self.blocked


def open_records(store: Store, object_name: ObjectName) -> dict[str, Open]:
    """Return the failed and blocked records of an object, by partition.

    A product is open in two partitions: its family, and the hour of changes in which it last changed. A category is
    open in its tree.
    """
    found: dict[str, Open] = {}
    groups = store.open_problems.groups(object_name)
    roots = _Roots(store)
    for group in groups:
        some = Open(group.since, group.failed, group.blocked, attempts=group.attempts, keys=_keys_of(group))
        for partition_key in _partitions(group, roots, is_read=group.is_read):
            found[partition_key] = found[partition_key] + some if partition_key in found else some
    return found


def undelivered_records(store: Store, object_name: ObjectName) -> dict[str, Open]:
    """Return the failed, blocked and held records of an object, by partition."""
    found = open_records(store, object_name)
    for partition_key, (count, since) in store.plan.held_by_partition(object_name).items():
        some = Open(since, held=count)
        found[partition_key] = found[partition_key] + some if partition_key in found else some
    return found


def waiting_links(store: Store, object_name: ObjectName, *, older_than: float) -> dict[str, Open]:
    """Return the links of delivered records that wait for more than ``older_than`` seconds, by partition."""
    groups = store.open_problems.waiting_links(object_name, older_than=older_than)
    return _by_partition(store, [(group, Open(group.since, links=group.count)) for group in groups])


def fields_not_stored(store: Store, object_name: ObjectName) -> dict[str, Open]:
    """Return the fields of delivered records that iPaaS.com does not store, by partition."""
    groups = store.open_problems.fields_not_stored(object_name)
    return _by_partition(
        store, [(group, Open(group.since, fields=group.count, keys=_keys_of(group))) for group in groups]
    )


def fields_in(store: Store, object_name: ObjectName, partition_key: str, limit: int) -> list[OpenProblem]:
    """Return the fields of an object in a partition that iPaaS.com does not store, the oldest first.

    Args:
        store: The state.
        object_name: The object that sends the fields.
        partition_key: The partition.
        limit: Maximum number of fields.
    """
    keys = frozenset[str]()
    if OBJECTS[object_name].by_tree:
        here = fields_not_stored(store, object_name).get(partition_key)
        keys = frozenset() if here is None else here.keys
    found = store.open_problems.fields_in(object_name, partition_key, keys, limit)
    return [replace(problem, message=why_not_stored(field)) for field, problem in found]


def _by_partition(store: Store, groups: Iterable[tuple[WaitingGroup, Open]]) -> dict[str, Open]:
    found: dict[str, Open] = {}
    roots = _Roots(store)
    for group, some in groups:
        for partition_key in _partitions(group, roots):
            found[partition_key] = found[partition_key] + some if partition_key in found else some
    return found


def problems_in(
    store: Store,
    object_name: ObjectName,
    partition_key: str,
    limit: int,
    *,
    states: Collection[str] = STATES,
    keys: Collection[str] | None = None,
) -> list[OpenProblem]:
    """Return the failed and blocked records of an object in a partition, the oldest first.

    Args:
        store: The state.
        object_name: One of the six objects.
        partition_key: The partition.
        limit: Maximum number of records.
        states: Only records in these states.
        keys: For a category tree, the keys of its open categories, if they are known.
    """
    if OBJECTS[object_name].by_tree and keys is None:
        here = open_records(store, object_name).get(partition_key)
        keys = frozenset() if here is None else here.keys
    return store.open_problems.of_partition(object_name, partition_key, keys or (), limit, states=states)


def label_of(document: JsonObject | None, structure: Structure | None, locale: str | None) -> str | None:
    """Return the label of a record as Akeneo shows it; None if it has none.

    Args:
        document: The record as Akeneo sent it.
        structure: The structure, which names the label attribute of a family.
        locale: The preferred locale.
    """
    if document is None:
        return None
    texts: Mapping[Any, object]
    if "labels" in document:
        texts = labels_of(document)
    else:
        attribute = None if structure is None else structure.label_attributes.get(document.get("family") or "")
        entries = (document.get("values") or {}).get(attribute, ())
        texts = {each.get("locale"): each.get("data") for each in entries}
    found = texts.get(locale or "") or next((text for text in texts.values() if text), None)
    return found if isinstance(found, str) else None


def _keys_of(group: OpenGroup | WaitingGroup) -> frozenset[str]:
    return frozenset() if group.key is None else frozenset({group.key})


class _Roots:
    """The roots of the category trees, which are looked up only if a category is open."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._forest: CategoryForest | None = None

    def of(self, code: str) -> str | None:
        """Return the root above a category; None if none can be reached."""
        if self._forest is None:
            heads = (head for page in self._store.mirror.heads("category") for head in page)
            self._forest = CategoryForest({head.key: head.parent for head in heads})
        place = self._forest.places.get(code)
        return None if place is None else place.root


def _partitions(group: OpenGroup | WaitingGroup, roots: _Roots, *, is_read: bool = True) -> Iterator[str]:
    if group.key is not None:
        # A category without a root belongs to the tree that it was read with.
        yield roots.of(group.key) or group.partition_key
        return
    if is_read:
        yield family_key(group.family or NO_FAMILY)
    if not is_read or is_changes(group.partition_key):
        yield group.partition_key
