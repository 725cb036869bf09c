from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import pytest

from akeneo_assets.store.records import Head, Scope, SourceRecord, Tree
from akeneo_assets.store.store import Store

Value = TypeVar("Value")


def model(code: str, parent: str | None = None, family: str | None = "shoes") -> SourceRecord:
    return SourceRecord("product_model", code, {}, f"h-{code}", parent, family)


def product(key: str, parent: str | None = None, family: str | None = "shoes") -> SourceRecord:
    return SourceRecord("product", key, {}, f"h-{key}", parent, family)


def head(key: str, parent: str | None = None, family: str | None = "shoes") -> Head:
    return Head(key, parent, family, f"h-{key}")


def flat(pages: Iterable[list[Value]]) -> list[Value]:
    return [value for page in pages for value in page]


CATALOGUE = [
    model("root-1"),
    model("sub-1b", "root-1"),
    model("sub-1a", "root-1"),
    product("v-1a-1", "sub-1a"),
    product("v-1b-1", "sub-1b"),
    product("v-1-direct", "root-1"),
    model("root-2"),
    product("v-2-1", "root-2"),
    model("hat", family="hats"),
    product("simple-1"),
    product("simple-hat", family="hats"),
    product("simple-none", family=None),
    product("v-lost", "nowhere"),
    model("sub-lost", "nowhere"),
    product("v-of-sub-lost", "sub-lost"),
]


@pytest.fixture
def catalogue(store: Store) -> Store:
    store.mirror.merge(CATALOGUE, partition_key="family:shoes", read_at=1)
    return store


def change(store: Store, *records: SourceRecord, partition_key: str = "changes:2026-01-31T15") -> Scope:
    changed = [
        SourceRecord(row.kind, row.key, {"changed": True}, f"h2-{row.key}", row.parent, row.family) for row in records
    ]
    store.mirror.merge(changed, partition_key=partition_key, read_at=2)
    return Scope.of_partition(partition_key)


@pytest.mark.parametrize(
    ("scope", "keys"),
    [
        (Scope.of_partition("family:shoes"), ["simple-1"]),
        (Scope.of_partition("family:~none"), ["simple-none"]),
        (Scope.of_keys(["simple-hat", "simple-1", "simple-1", "v-2-1", "unknown"]), ["simple-1", "simple-hat"]),
    ],
)
def test_simple_products_are_those_without_a_parent(catalogue: Store, scope: Scope, keys: list[str]) -> None:
    assert [found.key for found in flat(catalogue.product_trees.simple_products(scope))] == keys


def test_simple_products_of_a_changes_partition_are_those_that_changed_in_it(catalogue: Store) -> None:
    scope = change(catalogue, product("simple-1"), product("v-2-1", "root-2"))
    assert flat(catalogue.product_trees.simple_products(scope)) == [Head("simple-1", None, "shoes", "h2-simple-1")]


def test_a_whole_tree_has_two_levels_and_is_sorted(catalogue: Store) -> None:
    assert catalogue.product_trees.trees(["root-2", "root-1", "sub-1a", "unknown"]) == [
        Tree(head("root-2"), (), (head("v-2-1", "root-2"),)),
        Tree(
            head("root-1"),
            (head("sub-1a", "root-1"), head("sub-1b", "root-1")),
            (head("v-1-direct", "root-1"), head("v-1a-1", "sub-1a"), head("v-1b-1", "sub-1b")),
        ),
    ]


def test_roots_of_a_family(catalogue: Store) -> None:
    assert flat(catalogue.product_trees.tree_roots(Scope(family="shoes"))) == ["root-1", "root-2"]
    assert flat(catalogue.product_trees.tree_roots(Scope(family="hats"))) == ["hat"]


@pytest.mark.parametrize(
    ("changed", "roots"),
    [
        (model("root-2"), ["root-2"]),
        (model("sub-1a", "root-1"), ["root-1"]),
        (product("v-1b-1", "sub-1b"), ["root-1"]),
        (product("v-1-direct", "root-1"), ["root-1"]),
        (product("simple-1"), []),
        (product("v-lost", "nowhere"), []),
        (product("v-of-sub-lost", "sub-lost"), []),
    ],
)
def test_any_change_in_a_tree_selects_its_root(catalogue: Store, changed: SourceRecord, roots: list[str]) -> None:
    assert flat(catalogue.product_trees.tree_roots(change(catalogue, changed))) == roots


def test_many_changes_of_one_tree_are_one_root(catalogue: Store) -> None:
    changed = [row for row in CATALOGUE if row.key.startswith(("v-1", "sub-1", "root"))]
    assert flat(catalogue.product_trees.tree_roots(change(catalogue, *changed))) == ["root-1", "root-2"]


def test_roots_of_many_keys_are_returned_once(catalogue: Store) -> None:
    variants = [product(f"many-{number:04}", "sub-1a") for number in range(1_100)]
    catalogue.mirror.merge(variants, partition_key="family:shoes", read_at=3)
    scope = Scope.of_keys([*(row.key for row in variants), "root-2", "sub-1b"])
    assert sorted(flat(catalogue.product_trees.tree_roots(scope))) == ["root-1", "root-2"]
    (tree,) = catalogue.product_trees.trees(["root-1"])
    assert len(tree.variants) == 1_103


def test_the_root_of_each_variant(catalogue: Store) -> None:
    keys = ["v-1a-1", "v-1-direct", "v-2-1", "simple-1", "v-lost", "unknown"]
    assert catalogue.product_trees.roots_of(keys) == {"v-1a-1": "root-1", "v-1-direct": "root-1", "v-2-1": "root-2"}


def test_orphans_are_records_whose_model_is_not_mirrored(catalogue: Store) -> None:
    assert flat(catalogue.product_trees.orphans(Scope(family="shoes"))) == [
        (head("sub-lost", "nowhere"), "product_model"),
        (head("v-lost", "nowhere"), "product"),
        (head("v-of-sub-lost", "sub-lost"), "product"),
    ]
    assert flat(catalogue.product_trees.orphans(Scope.of_keys(["v-lost", "v-2-1"]))) == [
        (head("v-lost", "nowhere"), "product")
    ]


def test_variants_of_a_deleted_model_are_orphans(catalogue: Store) -> None:
    catalogue.mirror.mark_gone("product_model", ["root-2"], at=5)
    scope = Scope.of_keys(["v-2-1"])
    assert flat(catalogue.product_trees.orphans(scope)) == [(head("v-2-1", "root-2"), "product")]
    assert flat(catalogue.product_trees.tree_roots(scope)) == []


def test_a_large_family_is_paged(catalogue: Store) -> None:
    rows = [product(f"p{number:05}", family="long") for number in range(2_500)]
    catalogue.mirror.merge(rows, partition_key="family:long", read_at=1)
    pages = list(catalogue.product_trees.simple_products(Scope(family="long")))
    assert [found.key for found in flat(pages)] == [row.key for row in rows]
    assert max(len(page) for page in pages) <= 1_000


def test_a_scope_has_exactly_one_criterion() -> None:
    with pytest.raises(ValueError):
        Scope()
    with pytest.raises(ValueError):
        Scope(family="shoes", partition_key="changes:2026-01-31T15")
    for key in ("shoes", "family:", "tree:master"):
        with pytest.raises(ValueError):
            Scope.of_partition(key)


def test_spread_keys_have_equal_distances(store: Store) -> None:
    shoes = [product(f"p{number:02}") for number in range(12)]
    store.mirror.merge(
        [*shoes, product("hat", family="hats"), product("none", family=None)], partition_key="", read_at=1
    )
    assert store.product_trees.spread_keys("product", "shoes", 3) == ["p03", "p06", "p09"]
    assert store.product_trees.spread_keys("product", None, 1) == ["p05"]
    assert store.product_trees.spread_keys("product", "~none", 3) == ["none"]
    assert store.product_trees.spread_keys("product", "socks", 3) == []
    assert store.product_trees.spread_keys("product_model", "shoes", 3) == []
