from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from akeneo_assets.store import Accepted, Failed, ParkedLink, SourceRecord, Store
from akeneo_assets.store.schema import links

CATEGORY = ParkedLink("categories", "category", "shoes")
COMPONENT = ParkedLink("kit", "product", "lace")
RELATED = ParkedLink("related_products", "product_model", "boot")


def arrive(store: Store, kind: str, key: str) -> None:
    store.ledger.accept(
        [
            Accepted(
                kind=kind,
                key=key,
                ipaas_id=f"id-{key}",
                parent_ipaas_id=None,
                sku=None,
                object="products",
                children={},
                payload_hash="p",
                related_hash="r",
                related_count=0,
                source_hash="s",
                document=None,
                partition_key="family:x",
                run_id="run-1",
                looked_at=7.0,
            )
        ]
    )


def resolvable(store: Store, relations: Iterable[str] | None = None) -> list[tuple[str, str]]:
    return [record for page in store.links.resolvable(relations) for record in page]


def test_parking_replaces_all_links_of_a_record(store: Store) -> None:
    store.links.park({("product", "a"): [CATEGORY, COMPONENT, COMPONENT]}, "family:x")
    store.links.park({("product", "b"): [CATEGORY]}, "family:x")
    assert store.links.of("product", ["a", "c"]) == {"a": [CATEGORY, COMPONENT]}
    store.links.park({("product", "a"): [RELATED]}, "family:x")
    assert store.links.of("product", ["a"]) == {"a": [RELATED]}
    store.links.park({("product", "a"): []}, "family:x")
    assert store.links.of("product", ["a", "b"]) == {"b": [CATEGORY]}
    assert store.links.count() == {"categories": 1}


def test_parking_the_same_again_leaves_the_time_at_which_it_was_parked(store: Store) -> None:
    store.links.park({("product", "a"): [CATEGORY, COMPONENT]}, "family:x")
    with store._database.read() as connection:
        before = connection.execute(select(links)).all()
    store.links.park({("product", "a"): [COMPONENT, CATEGORY]}, "changes:2026-01-31T15")
    with store._database.read() as connection:
        assert connection.execute(select(links)).all() == before


def test_a_link_can_go_once_its_target_has_an_id(store: Store) -> None:
    store.links.park({("product", "a"): [CATEGORY, COMPONENT]}, "family:x")
    store.links.park({("related_products", "product/b"): [RELATED]}, "family:x")
    assert resolvable(store) == []
    store.ledger.fail([Failed("category", "shoes", "500", "later", "tree", "run-1", 7.0, retry=True)])
    arrive(store, "product", "boot")  # the model of that code is what is waited for
    assert resolvable(store) == []
    arrive(store, "category", "shoes")
    assert resolvable(store) == [("product", "a")]
    arrive(store, "product_model", "boot")
    arrive(store, "variant", "lace")
    assert resolvable(store) == [("product", "a"), ("related_products", "product/b")]
    assert resolvable(store, ["related_products", "kit"]) == [("product", "a"), ("related_products", "product/b")]
    assert resolvable(store, ["related_products"]) == [("related_products", "product/b")]


def test_a_link_by_identifier_can_go_once_the_mirror_knows_whose_it_is(store: Store) -> None:
    store.links.park({("product", "a"): [ParkedLink("kit", "product", "SKU-7")]}, "family:x")
    arrive(store, "variant", "uuid-7")
    assert resolvable(store) == []
    lace = SourceRecord("product", "uuid-7", {}, "h", identifier="SKU-7")
    store.mirror.merge([lace], partition_key="family:x", read_at=1)
    assert resolvable(store) == [("product", "a")]


def test_many_resolvable_records_come_each_once_in_pages(store: Store) -> None:
    arrive(store, "category", "shoes")
    arrive(store, "product", "lace")
    with store._database.write() as connection:
        connection.execute(
            links.insert(),
            [
                {
                    "kind": "product",
                    "key": f"{number:04}",
                    "relation": link.relation,
                    "target_kind": link.target_kind,
                    "target_key": link.target_key,
                    "parked_at": 0.0,
                    "partition_key": "family:x",
                }
                for number in range(1_050)
                for link in (CATEGORY, COMPONENT)
            ],
        )
    assert len(list(store.links.resolvable())) == 2
    assert resolvable(store) == [("product", f"{number:04}") for number in range(1_050)]
