"""Puts the held records of a full load in the order of their links."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from akeneo_assets.documents import JsonObject
from akeneo_assets.objects import KINDS, LINKED_OBJECTS, ObjectName
from akeneo_assets.store.records import PlannedRecord
from akeneo_assets.store.store import Store
from akeneo_assets.sync.plan.link_order import levels


def put_in_order(store: Store) -> int:
    """Set the order of the held records of all partitions: each after those that it refers to.

    The plan is read in pages, but the links are kept in memory as numbers: less than 1 kB for a record with links, and
    100 bytes for each of its variants.

    Args:
        store: The state.

    Returns:
        How many records are held.
    """
    records: list[tuple[ObjectName, str, str]] = []
    positions: dict[int, int] = {}
    links: list[tuple[int, ...]] = []
    bundles: set[int] = set()
    for object_name in LINKED_OBJECTS:
        for held in store.plan.held(object_name):
            page = _without_outdated(store, object_name, held)
            documents = [row.document for row in page]
            keys = store.mirror.keys_of_identifiers(
                each["key"] for document in documents for each in _targets(document) if each["by"] == "identifier"
            )
            for row in page:
                if row.document["components"]:
                    bundles.add(len(records))
                for record in (row.document, *row.document["variants"]):
                    positions[_number(KINDS[record["kind"]].source_kind, record["key"])] = len(records)
                records.append((object_name, row.kind, row.key))
                links.append(tuple({_number_of(each, keys) for each in _targets(row.document)}))
    found = levels([_known(each, positions, own) for own, each in enumerate(links)], bundles)
    by_object: defaultdict[ObjectName, dict[tuple[str, str], int]] = defaultdict(dict)
    for (name, kind, key), level in zip(records, found, strict=True):
        if level:
            by_object[name][kind, key] = level
    for name, of_object in by_object.items():
        store.plan.put_in_order(name, of_object)
    return len(records)


def _without_outdated(store: Store, object_name: ObjectName, page: Sequence[PlannedRecord]) -> list[PlannedRecord]:
    """Discard records that a load held that was interrupted, and that have changed or left Akeneo since."""
    keys: defaultdict[str, list[str]] = defaultdict(list)
    for row in page:
        keys[row.kind].append(row.key)
    states = {kind: store.ledger.states(kind, of_kind) for kind, of_kind in keys.items()}
    listed = {kind: store.mirror.existing(KINDS[kind].source_kind, of_kind) for kind, of_kind in keys.items()}

    def is_outdated(row: PlannedRecord) -> bool:
        state = states[row.kind].get(row.key)
        return row.key not in listed[row.kind] or (state is not None and state.looked_at > row.looked_at)

    outdated = [(row.kind, row.key) for row in page if is_outdated(row)]
    if outdated:
        store.plan.discard(object_name, outdated)
    return [row for row in page if (row.kind, row.key) not in outdated]


def _targets(document: JsonObject) -> Iterator[JsonObject]:
    for record in (document, *document["variants"]):
        for link in (*record["related"], *record["components"]):
            yield link["target"]


def _known(links: Iterable[int], positions: Mapping[int, int], own: int) -> set[int]:
    """Return the positions of the held records among the targets of a record. The others are sent, or never will be."""
    return {positions[each] for each in links if each in positions} - {own}


def _number_of(target: JsonObject, keys: Mapping[str, str]) -> int:
    key = keys.get(target["key"], target["key"]) if target["by"] == "identifier" else target["key"]
    return _number(target["kind"], key)


def _number(source_kind: str, key: str) -> int:
    # Two records with the same number would only be sent in another order.
    return hash((source_kind, key))
