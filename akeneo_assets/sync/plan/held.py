"""Puts the held records of a full load in the order of their links."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from akeneo_assets.documents import JsonObject
from akeneo_assets.objects import KINDS, LINKED_OBJECTS
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
    records: list[tuple[str, str, str]] = []
    positions: dict[int, int] = {}
    links: list[tuple[int, ...]] = []
    bundles: set[int] = set()
    for object_name in LINKED_OBJECTS:
        for page in store.plan.held(object_name):
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
    by_object: defaultdict[str, dict[tuple[str, str], int]] = defaultdict(dict)
    for (object_name, kind, key), level in zip(records, found, strict=True):
        if level:
            by_object[object_name][kind, key] = level
    for object_name, of_object in by_object.items():
        store.plan.put_in_order(object_name, of_object)
    return len(records)


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
