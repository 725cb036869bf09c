from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from akeneo_assets.documents import fingerprint
from akeneo_assets.store.records import Comparison, MergeCounts, SourceRecord
from akeneo_assets.store.store import Store

FAMILY = "family:shoes"


def record(key: str, kind: str = "product", *, content: str = "", **fields: Any) -> SourceRecord:
    document = {"key": key, "content": content}
    return SourceRecord(kind, key, document, fingerprint(document), **fields)


@pytest.fixture
def statements(store: Store) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement.split(maxsplit=1)[0])

    event.listen(store._database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(store._database.engine, "before_cursor_execute", note)


def test_a_merge_counts_new_changed_and_unchanged_records(store: Store) -> None:
    page = [record("a"), record("b")]
    assert store.mirror.merge(page, partition_key=FAMILY, read_at=1) == MergeCounts(2, created=2)
    page = [record("a"), record("b", content="new"), record("c")]
    merged = store.mirror.merge(page, partition_key=FAMILY, read_at=2)
    assert merged == MergeCounts(3, created=1, changed=1, unchanged=1)
    assert store.mirror.documents("product", ["b", "missing"]) == {"b": {"key": "b", "content": "new"}}


def test_an_unchanged_page_is_not_written(store: Store, statements: list[str]) -> None:
    page = [record(f"{number:04}") for number in range(1_200)]
    store.mirror.merge(page, partition_key=FAMILY, read_at=1)
    statements.clear()
    store.mirror.merge(page, partition_key=FAMILY, read_at=2)
    assert set(statements) <= {"SELECT", "BEGIN"}


def test_a_comparison_with_the_mirror_shows_what_a_page_changes(store: Store, statements: list[str]) -> None:
    before = [
        record("same", identifier="1"),
        record("differs"),
        record("renamed", identifier="old"),
        record("gone", identifier="4"),
        record("rival", identifier="5"),
        record("gone rival", identifier="6"),
        record("same", "product_model"),
    ]
    store.mirror.merge(before, partition_key=FAMILY, read_at=1)
    store.mirror.mark_gone("product", ["gone", "gone rival"], at=2)
    page = [
        record("same", identifier="1"),
        record("differs", content="first"),
        record("differs", content="last"),
        record("renamed", identifier="new"),
        before[3],
        record("new", identifier="5"),
        record("newer", identifier="6"),
    ]
    statements.clear()
    compared = store.mirror.compare(page)
    assert statements.count("SELECT") == 1
    assert compared == Comparison([*page[2:]], renamed={"renamed"}, rivals={"rival"})
    assert store.mirror.compare([page[0], before[4]]) == store.mirror.compare([]) == Comparison([], set(), set())


@pytest.mark.parametrize("moved", [{"parent": "m"}, {"family": "shoes"}, {"identifier": "sku"}])
def test_a_move_is_a_change_although_the_content_is_the_same(store: Store, moved: dict[str, str]) -> None:
    store.mirror.merge([record("a")], partition_key=FAMILY, read_at=1)
    merged = store.mirror.merge([record("a", **moved)], partition_key=FAMILY, read_at=2)
    assert merged.changed == 1


def test_an_earlier_read_that_is_merged_later_does_not_overwrite_a_later_read(store: Store) -> None:
    store.mirror.merge([record("a", content="new")], partition_key=FAMILY, read_at=2)
    merged = store.mirror.merge([record("a", content="old")], partition_key=FAMILY, read_at=1)
    assert merged == MergeCounts(1, unchanged=1)
    assert store.mirror.documents("product", ["a"])["a"]["content"] == "new"


def test_the_last_version_of_a_record_that_occurs_twice_in_a_page_is_stored(store: Store) -> None:
    page = [record("a", content="first"), record("a", content="last")]
    assert store.mirror.merge(page, partition_key=FAMILY, read_at=1) == MergeCounts(2, created=1, unchanged=1)
    assert store.mirror.documents("product", ["a"])["a"]["content"] == "last"


def test_equal_keys_of_different_kinds_do_not_clash(store: Store) -> None:
    page = [record("x", "product"), record("x", "product_model")]
    assert store.mirror.merge(page, partition_key=FAMILY, read_at=1).created == 2
    assert store.mirror.count("product") == store.mirror.count("product_model") == 1


def test_gone_records_are_not_listed_until_they_are_read_again(store: Store) -> None:
    page = [record("a", identifier="A"), record("b")]
    store.mirror.merge(page, partition_key=FAMILY, read_at=1)
    assert store.mirror.mark_gone("product", ["a", "unknown"], at=2) == 1
    assert store.mirror.existing("product", ["a", "b"]) == {"b"}
    assert store.mirror.keys_of_identifiers(["A"]) == {}
    assert store.mirror.count("product") == 1
    assert [key for key, _ in store.mirror.all_documents("product")] == ["b"]
    assert store.mirror.merge(page, partition_key=FAMILY, read_at=3).unchanged == 2
    assert store.mirror.existing("product", ["a", "b"]) == {"a", "b"}


def test_a_record_read_after_the_sweep_began_is_not_gone(store: Store) -> None:
    store.mirror.merge([record("a")], partition_key=FAMILY, read_at=5)
    assert store.mirror.mark_gone("product", ["a"], at=4) == 0


def test_long_key_lists_and_long_kinds_are_complete_and_in_order(store: Store) -> None:
    keys = [f"{number:05}" for number in range(2_345)]
    page = [record(key, identifier=f"sku-{key}") for key in keys]
    store.mirror.merge(page, partition_key=FAMILY, read_at=1)
    assert store.mirror.existing("product", keys) == set(keys)
    assert store.mirror.keys_of_identifiers(f"sku-{key}" for key in keys) == {f"sku-{key}": key for key in keys}
    assert [key for key, _ in store.mirror.all_documents("product")] == keys


def test_a_prefix_matches_only_the_options_of_its_attribute(store: Store) -> None:
    keys = ["color/a", "color/é%_", "color_2/a", "Color/a", "colo/a", "color/😀"]
    page = [record(key, "attribute_option") for key in keys]
    store.mirror.merge(page, partition_key="structure", read_at=1)
    listed = [key for key, _ in store.mirror.all_documents("attribute_option", prefix="color/")]
    assert listed == sorted(key for key in keys if key.startswith("color/"))


def test_keys_are_sorted_by_code_point_on_every_database(store: Store) -> None:
    keys = ["b", "B", "a-1", "a1", "É", "_", "z", "Z"]
    store.mirror.merge([record(key) for key in keys], partition_key=FAMILY, read_at=1)
    assert [key for key, _ in store.mirror.all_documents("product")] == sorted(keys)


def test_heads_describe_records_without_their_documents(store: Store) -> None:
    page = [record("a", "category", parent="root"), record("root", "category")]
    store.mirror.merge(page, partition_key="root", read_at=1)
    heads = [head for heads in store.mirror.heads("category") for head in heads]
    assert [(head.key, head.parent, head.hash) for head in heads] == [
        ("a", "root", page[0].hash),
        ("root", None, page[1].hash),
    ]
    assert store.mirror.named_heads("category", ["root", "unknown"]) == {"root": heads[1]}


def test_missing_parents_are_reported(store: Store) -> None:
    page = [record("a", "category", parent="b"), record("c", "category", parent="a"), record("b", "product")]
    store.mirror.merge(page, partition_key="root", read_at=1)
    assert store.mirror.missing_category_parents() == {"b"}


def test_keys_belong_to_the_partition_of_their_last_change(store: Store) -> None:
    store.mirror.merge([record("a", "category"), record("b", "category")], partition_key="one", read_at=1)
    page = [record("a", "category"), record("b", "category", content="new")]
    store.mirror.merge(page, partition_key="two", read_at=2)
    assert store.mirror.keys_in_partition("category", "one") == {"a"}
    assert store.mirror.keys_in_partition("category", "two") == {"b"}


def test_identifiers_and_removal(store: Store) -> None:
    store.mirror.merge([record("a", identifier="A"), record("b")], partition_key=FAMILY, read_at=1)
    assert store.mirror.identifiers_of_keys(["a", "b", "c"]) == {"a": "A"}
    store.mirror.remove("product", ["a", "unknown"])
    assert store.mirror.documents("product", ["a", "b"]).keys() == {"b"}


KINDS = itertools.count()
PAGES = st.lists(
    st.tuples(
        st.integers(0, 5),
        st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xy"), st.none() | st.just("m")), max_size=4),
    ),
    max_size=6,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PAGES)
def test_a_merge_keeps_the_latest_read(store: Store, read: list[tuple[int, list[tuple[str, str, str | None]]]]) -> None:
    """The model: a dictionary that a later or simultaneous read overwrites if the record differs."""
    kind = f"kind-{next(KINDS)}"
    model: dict[str, tuple[int, SourceRecord]] = {}
    for read_at, rows in read:
        page = [record(key, kind, content=content, parent=parent) for key, content, parent in rows]
        expected = MergeCounts(read=len(page))
        for latest in {row.key: row for row in page}.values():
            at, known = model.get(latest.key, (None, None))
            if at is None:
                expected = replace(expected, created=expected.created + 1)
            elif at > read_at or known == latest:
                continue
            else:
                expected = replace(expected, changed=expected.changed + 1)
            model[latest.key] = read_at, latest
        expected = replace(expected, unchanged=len(page) - expected.created - expected.changed)
        assert store.mirror.merge(page, partition_key=FAMILY, read_at=read_at) == expected
    assert store.mirror.documents(kind, "abc") == {key: row.document for key, (_, row) in model.items()}
