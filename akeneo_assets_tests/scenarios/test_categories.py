"""Category trees: order, broken trees, moves, and syncing a single tree."""

from __future__ import annotations

from typing import Literal

import pytest

from akeneo_assets_tests.scenarios.world import World, load_categories, load_records


@pytest.mark.parametrize("order", ["children_first", "tree", "shuffled"])
def test_parents_are_sent_first_whatever_the_order_of_the_source(
    small_world: World, order: Literal["children_first", "tree", "shuffled"]
) -> None:
    small_world.sandbox.akeneo.switches.category_order = order
    loaded = load_categories(small_world.engine())
    codes = [entry.external_id for entry in small_world.written()]
    source = {category["code"]: category["parent"] for category in small_world.sandbox.akeneo.database.all("category")}
    assert sorted(map(str, codes)) == sorted(source)
    assert all(codes.index(parent) < codes.index(code) for code, parent in source.items() if parent is not None)
    assert loaded.problems == {}
    for code, parent in source.items():
        parent_id = None if parent is None else small_world.category(parent)["id"]
        assert small_world.category(code).get("parent_id") == parent_id


def test_orphans_and_cycles_are_reported_and_block_only_their_subcategories(world: World) -> None:
    for code, parent in {"lost": "nowhere", "below_lost": "lost", "ring_a": "ring_b", "ring_b": "ring_a"}.items():
        world.edit.save_category(code, {"parent": parent, "labels": {"en_US": code}})
    world.edit.save_category("below_ring", {"parent": "ring_a"})
    loaded = load_categories(world.engine())

    problems = loaded.problems
    assert {key: problem.code for key, problem in problems.items()} == {
        "lost": "missing_parent",
        "below_lost": "parent_not_sent",
        "ring_a": "cycle",
        "ring_b": "cycle",
        "below_ring": "parent_not_sent",
    }
    assert "'nowhere'" in problems["lost"].message
    assert "ring_a → ring_b → ring_a" in problems["ring_b"].message
    assert len(world.ipaas.categories()) == 68

    world.edit.save_category("lost", {"parent": "home"})
    world.edit.save_category("ring_a", {"parent": None})
    world.written()
    assert load_categories(world.engine()).problems == {}
    sent = {entry.external_id for entry in world.written()}
    assert sent == {"lost", "below_lost", "ring_a", "ring_b", "below_ring"}


def test_a_moved_category_is_updated(world: World) -> None:
    load_categories(world.engine())
    before = world.category("throws")
    world.written()
    world.edit.save_category("throws", {"parent": "living_room"})
    load_categories(world.engine())
    assert [(entry.action, entry.external_id) for entry in world.written()] == [("category.replace", "throws")]
    after = world.category("throws")
    assert after == {**before, "parent_id": world.category("living_room")["id"]}


def test_loading_one_tree_changes_only_that_tree(world: World) -> None:
    engine = world.engine()
    load_categories(engine, "collections")
    structure = world.sandbox.akeneo.database.structure
    collections = {"collections", *structure.below("collections")}
    assert {entry.external_id for entry in world.written()} == collections

    world.edit.save_category("home", {"labels": {"de_DE": "Zuhause"}})
    world.edit.save_category("ss26", {"labels": {"de_DE": "Sommer"}})
    load_categories(world.engine(), "collections")
    assert {entry.external_id for entry in world.written()} == {"ss26"}
    assert {category["description"] for category in world.ipaas.categories()} == collections


@pytest.mark.parametrize(("kind", "name"), [("product", "straw-hat"), ("product_model", "linen-shirt")])
def test_a_single_record_is_sent_with_its_categories_and_their_parents(
    small_world: World, kind: str, name: str
) -> None:
    load_records(small_world.engine(), kind, name)

    assert {relation for _, relation, _ in small_world.waiting_links()} <= {"related"}
    database = small_world.sandbox.akeneo.database
    document = database.get(kind, small_world.uuid(name) if kind == "product" else name)
    assert document is not None
    assert document["categories"]
    brought = {category["description"] for category in small_world.ipaas.categories()}
    assert brought >= set(document["categories"])
    assert len(brought) < len(list(database.all("category")))
    small_world.written()
    load_records(small_world.engine(), kind, name)
    assert small_world.written() == []
