from __future__ import annotations

import time

from akeneo_assets.store.records import SourceRecord
from akeneo_assets.store.store import Store


def merge(store: Store, *records: SourceRecord) -> None:
    store.mirror.merge(records, partition_key="structure", read_at=time.time())


def outstanding(store: Store) -> list[tuple[str, str]]:
    return sorted((change.kind, change.key) for change in store.structure_changes.outstanding())


def test_new_changed_and_deleted_structure_is_outstanding_until_it_is_applied(store: Store) -> None:
    assert (outstanding(store), store.structure_changes.version()) == ([], 0.0)
    merge(store, SourceRecord("family", "shoes", {}, "h1"), SourceRecord("attribute", "size", {}, "h1"))
    first = store.structure_changes.version()
    assert first > 0
    assert outstanding(store) == [("attribute", "size"), ("family", "shoes")]
    store.structure_changes.follow(store.structure_changes.outstanding())
    assert outstanding(store) == []

    merge(store, SourceRecord("family", "shoes", {}, "h1"))
    assert outstanding(store) == [], "it is as it was"
    merge(store, SourceRecord("family", "shoes", {}, "h2"))
    store.mirror.remove("attribute", ["size"])
    assert outstanding(store) == [("attribute", "size"), ("family", "shoes")]
    assert store.structure_changes.version() > first


def test_a_change_that_arrives_in_the_meantime_stays_outstanding(store: Store) -> None:
    merge(store, SourceRecord("family", "shoes", {}, "h1"))
    seen = store.structure_changes.outstanding()
    merge(store, SourceRecord("family", "shoes", {}, "h2"))

    store.structure_changes.follow(seen)

    assert outstanding(store) == [("family", "shoes")]


def test_products_and_categories_are_not_structure(store: Store) -> None:
    merge(
        store,
        SourceRecord("product", "a", {}, "h"),
        SourceRecord("product_model", "m", {}, "h"),
        SourceRecord("category", "c", {}, "h"),
    )
    assert outstanding(store) == []
