"""What is open, by family and partition, until it is accepted, confirmed or filtered."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import select, text

from akeneo_assets.objects import ObjectName
from akeneo_assets.store.open_problems import OpenGroup, _is_open_of, _sources
from akeneo_assets.store.records import Accepted, Attempt, Blocked, Failed, Link, SourceRecord
from akeneo_assets.store.schema import ledger
from akeneo_assets.store.store import Store
from akeneo_assets.store.unreadable import UNREADABLE

HOUR = "changes:2026-11-26T12"
ATTEMPT = Attempt(HOUR, "run", 1.0)


def fail(store: Store, *keys: str, code: str = "sku_taken") -> None:
    store.ledger.fail([Failed("product", key, code, "Fix it.", ATTEMPT, retry=True) for key in keys])


def block(store: Store, key: str, *, filtered: bool = False, object_name: str = "products") -> None:
    store.ledger.block([Blocked("product", key, "x", "Fix it.", ATTEMPT, filtered=filtered, object=object_name)])


@pytest.fixture
def catalogue(store: Store) -> Store:
    """Products: two hats, and a mug that changed in an hour."""
    for key, family, partition_key in (("a", "hats", "family:hats"), ("b", "hats", HOUR), ("c", None, HOUR)):
        record = SourceRecord("product", key, {}, "hash", family=family, identifier=f"sku-{key}")
        store.mirror.merge([record], partition_key=partition_key, read_at=store.mirror.moment())
    return store


def test_records_are_open_since_their_first_failure_until_they_are_settled(
    catalogue: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail(catalogue, "a")
    (first,) = catalogue.open_problems.groups("products")
    assert (first.failed, first.blocked, first.attempts, first.family) == (1, 0, 1, "hats")
    monkeypatch.setattr(time, "time", lambda now=time.time: now() + 60)
    fail(catalogue, "a")
    block(catalogue, "b")
    by_partition = {group.partition_key: group for group in catalogue.open_problems.groups("products")}
    assert by_partition["family:hats"] == OpenGroup(1, 0, first.since, 2, "hats", "family:hats", is_read=True)
    assert by_partition[HOUR].blocked == 1
    (problem,) = catalogue.open_problems.of_partition("products", "family:hats", (), 9, states=["failed"])
    assert (problem.key, problem.sku, problem.since, problem.attempts) == ("a", "sku-a", first.since, 2)
    both = catalogue.open_problems.of_partition("products", "family:hats", (), 9, states=["failed", "blocked"])
    assert [each.key for each in both] == ["a", "b"], "the oldest first"
    assert [each.key for each in catalogue.open_problems.of_partition("products", HOUR, (), 9, states=["blocked"])] == [
        "b"
    ]

    block(catalogue, "a", filtered=True)
    catalogue.ledger.confirm("product", {"b": None}, looked_at=2.0)
    assert catalogue.open_problems.groups("products") == []
    fail(catalogue, "a")
    (again,) = catalogue.open_problems.groups("products")
    assert again.since > first.since


def test_a_bundle_is_open_as_a_bundle_and_a_deleted_record_is_not(catalogue: Store) -> None:
    block(catalogue, "a", object_name="bundles")
    fail(catalogue, "b", "c")
    catalogue.mirror.mark_gone("product", ["b"], at=catalogue.mirror.moment())

    (bundles,) = catalogue.open_problems.groups("bundles")
    (products,) = catalogue.open_problems.groups("products")

    assert (bundles.blocked, products.failed, products.family) == (1, 1, None)
    assert [
        each.key for each in catalogue.open_problems.of_partition("products", "family:~none", (), 9, states=["failed"])
    ] == ["c"]


def test_an_unreadable_record_is_open_in_the_partition_that_tried_to_read_it(catalogue: Store) -> None:
    fail(catalogue, "never-read", code=UNREADABLE)

    (group,) = catalogue.open_problems.groups("products")

    assert (group.partition_key, group.is_read) == (HOUR, False)
    (problem,) = catalogue.open_problems.of_partition("products", HOUR, (), 9, states=["failed"])
    assert (problem.key, problem.document) == ("never-read", None)
    assert catalogue.open_problems.waiting_links("products", older_than=0.0) == []


def test_waiting_links_are_counted_by_family(catalogue: Store) -> None:
    accepted = Accepted(
        kind="product",
        key="a",
        ipaas_id="1",
        parent_ipaas_id=None,
        sku="sku-a",
        object="products",
        children={},
        payload_hash="p",
        related_hash="r",
        related_count=1,
        source=None,
        document={},
        attempt=ATTEMPT,
    )
    links = [Link("related", "product", "gone"), Link("category", "category", "gone")]
    catalogue.accept([accepted], {("product", "a"): links}, partition_key=HOUR)

    expected: dict[ObjectName, int] = {"related_products": 1, "products": 1, "bundles": 0}
    for name, count in expected.items():
        groups = catalogue.open_problems.waiting_links(name, older_than=-60.0)
        assert sum(group.count for group in groups) == count
    assert catalogue.open_problems.waiting_links("related_products", older_than=60.0) == []


@pytest.mark.parametrize("object_name", ["products", "categories"])
def test_open_records_are_found_by_an_index(catalogue: Store, object_name: ObjectName) -> None:
    with catalogue._database.read() as connection:
        if connection.dialect.name != "sqlite":
            return  # its planner looks at the size of the table first
        statement = select(ledger.c.key).select_from(_sources()).where(_is_open_of(object_name))
        query = statement.compile(connection, compile_kwargs={"literal_binds": True})
        plan = [row.detail for row in connection.execute(text(f"EXPLAIN QUERY PLAN {query}"))]

    (search,) = (step for step in plan if "ledger" in step)
    assert search == "SEARCH ledger USING INDEX ledger_open (kind=? AND failed_since>?)"
