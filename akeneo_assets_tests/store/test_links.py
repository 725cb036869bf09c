from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from akeneo_assets.store.places import FormerPlace
from akeneo_assets.store.records import NOT_STORED, Accepted, Attempt, Link, SourceRecord, not_stored
from akeneo_assets.store.schema import links
from akeneo_assets.store.store import Store
from akeneo_assets_tests.state import waiting_links

CATEGORY = Link("category", "category", "shoes")
COMPONENT = Link("component", "product", "lace")
RELATED = Link("related", "product_model", "boot")


def accepted(kind: str, key: str, *, sku: str | None = None) -> Accepted:
    return Accepted(
        kind=kind,
        key=key,
        ipaas_id=f"id-{key}",
        parent_ipaas_id=None,
        sku=sku,
        object="products",
        children={},
        payload_hash="p",
        related_hash="r",
        related_count=0,
        source=None,
        document=None,
        attempt=Attempt("family:x", "run-1", looked_at=7.0),
    )


def accept(store: Store, kind: str, key: str, *held: Link, sku: str | None = None) -> None:
    store.accept([accepted(kind, key, sku=sku)], {(kind, key): held}, partition_key="family:x")


def due(store: Store, relations: Iterable[str] | None = None) -> list[str]:
    return [key for page in store.links.due(relations) for _, key in page]


def test_a_record_has_the_links_of_its_last_write(store: Store) -> None:
    accept(store, "product", "a", CATEGORY, COMPONENT, COMPONENT)
    accept(store, "product", "b", CATEGORY)
    assert waiting_links(store) == [("a", "category", "shoes"), ("a", "component", "lace"), ("b", "category", "shoes")]
    accept(store, "product", "a", RELATED)
    assert waiting_links(store) == [("a", "related", "boot"), ("b", "category", "shoes")]
    accept(store, "product", "a")
    assert waiting_links(store) == [("b", "category", "shoes")]


def test_unchanged_links_are_not_written(store: Store) -> None:
    accept(store, "product", "a", CATEGORY, COMPONENT)
    with store._database.read() as connection:
        before = connection.execute(select(links)).all()
    store.links.keep({("product", "a"): [COMPONENT, CATEGORY]}, "changes:2026-01-31T15")
    with store._database.read() as connection:
        assert connection.execute(select(links)).all() == before


def test_a_link_is_due_once_its_target_has_an_id(store: Store) -> None:
    accept(store, "product", "a", CATEGORY, COMPONENT)
    accept(store, "product", "b", RELATED)
    accept(store, "product", "boot")  # the link waits for the model with this code
    assert due(store) == []
    assert not store.links.is_any_due()
    accept(store, "category", "shoes")
    assert due(store) == ["a"]
    accept(store, "product_model", "boot")
    accept(store, "variant", "lace")
    assert due(store) == ["a", "b"]
    assert due(store, ["related"]) == ["b"]
    assert store.links.is_any_due()


def test_a_link_is_due_if_the_identity_of_its_target_changed(store: Store) -> None:
    accept(store, "product", "lace", sku="LACE")
    sent = Link("component", "product", "lace", "product id-lace LACE")
    accept(store, "product", "a", sent)
    accept(store, "product", "lace", sku="LACE")
    assert due(store) == []
    accept(store, "product", "lace", sku="LACE-2")
    assert due(store) == ["a"]
    accept(store, "product", "a", Link("component", "product", "lace", "product id-lace LACE-2"))
    assert due(store) == []
    store.places.leave(FormerPlace("product", "id-lace", None, "lace"), moves_within_kind=False)
    assert due(store) == ["a"]
    accept(store, "product", "a", Link("component", "product", "lace"))
    assert due(store) == []
    accept(store, "variant", "lace", sku="LACE-2")
    assert due(store) == ["a"]


def test_a_link_is_due_if_its_target_changed_during_the_delivery(store: Store) -> None:
    accept(store, "product", "lace", sku="LACE-2")
    accept(store, "product", "a", Link("component", "product", "lace", "product id-lace LACE"))
    assert due(store) == ["a"]


def test_a_declined_link_waits_for_the_next_write_of_its_target(store: Store) -> None:
    accept(store, "product", "lace", sku="LACE")
    accept(store, "product", "a", Link("related", "product", "lace", declined=True))
    assert due(store) == []
    accept(store, "product", "lace", sku="LACE")
    assert due(store) == ["a"]


def test_links_that_are_not_stored_are_not_due_until_they_are(store: Store) -> None:
    boots = Link("related", "product_model", "shoe"), Link("related", "product", "lace", "product id-lace LACE")
    accept(store, "product", "a", *boots, CATEGORY)
    accept(store, "product", "b", not_stored("related_products"))
    for _ in range(2):
        store.links.give_up("related", "related_products")
        assert store.links.of("product", ["a", "b"]) == {
            "a": {not_stored("related_products"), CATEGORY},
            "b": {not_stored("related_products")},
        }
    accept(store, "product_model", "shoe")
    accept(store, "product", "lace", sku="LACE-2")
    assert due(store) == []

    store.links.tried(NOT_STORED, due=["related_products"], missing=[])

    assert due(store) == ["a", "b"]


def test_a_link_by_identifier_is_due_once_the_mirror_contains_its_target(store: Store) -> None:
    accept(store, "product", "a", Link("component", "product", "SKU-7"))
    lace = SourceRecord("product", "uuid-7", {}, "h", identifier="SKU-7")
    store.mirror.merge([lace], partition_key="family:x", read_at=1)
    assert due(store) == []
    accept(store, "variant", "uuid-7")
    assert due(store) == ["a"]


def test_each_of_many_records_with_due_links_is_returned_once(store: Store) -> None:
    keys = [f"{number:04}" for number in range(1_050)]
    held = {("product", key): (CATEGORY, COMPONENT) for key in keys}
    store.accept([accepted("product", key) for key in keys], held, partition_key="family:x")
    accept(store, "category", "shoes")
    accept(store, "product", "lace")
    assert len(list(store.links.due())) == 2
    assert due(store) == keys
