"""Categories: order, searches, positions, and damaged trees."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from akeneo_assets.documents import JsonObject
from akeneo_assets_tests.contracts.akeneo_api import AkeneoApi, search

DINING = {"dining_tables", "dining_chairs", "pendant_lamps"}


def codes(akeneo: AkeneoApi, **parameters: Any) -> list[str]:
    return [item["code"] for item in akeneo.items("categories", **parameters)]


def parents_first(items: list[JsonObject]) -> bool:
    seen: set[str | None] = {None}
    for item in items:
        if item["parent"] not in seen:
            return False
        seen.add(item["code"])
    return True


@pytest.mark.parametrize(("order", "sound"), [("children_first", False), ("shuffled", False), ("tree", True)])
def test_the_order_is_not_guaranteed(
    editable: AkeneoApi, order: Literal["children_first", "shuffled", "tree"], *, sound: bool
) -> None:
    editable.switches.category_order = order
    items = editable.items("categories")
    assert parents_first(items) is sound
    assert len({item["code"] for item in items}) == len(items) == 68


def test_children_come_first_by_default(akeneo: AkeneoApi) -> None:
    found = codes(akeneo)
    assert all(
        found.index(item["code"]) < found.index(item["parent"]) for item in akeneo.items("categories") if item["parent"]
    )


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ({"is_root": ("=", True)}, {"master", "collections"}),
        ({"code": ("IN", ["sofas", "x"])}, {"sofas"}),
        ({"parent": ("=", "dining_room")}, DINING),
        # All levels below, without the category itself.
        ({"parent": ("=", "bags"), "is_root": ("=", False)}, {"tote_bags", "backpacks"}),
        ({"updated": (">", "2026-01-12T08:00:00Z")}, set()),
        ({"updated": (">", "2026-01-12T08:59:59+01:00"), "code": ("IN", ["sofas"])}, {"sofas"}),
    ],
)
def test_searches(akeneo: AkeneoApi, criteria: dict[str, Any], expected: set[str]) -> None:
    assert set(codes(akeneo, search=search(**criteria))) == expected


def test_parent_means_all_descendants(akeneo: AkeneoApi) -> None:
    found = set(codes(akeneo, search=search(parent=("=", "furniture"))))
    assert found >= DINING | {"dining_room", "sofas_corner"}
    assert "furniture" not in found


def test_positions_count_siblings_from_one(akeneo: AkeneoApi) -> None:
    positions = {item["code"]: item["position"] for item in akeneo.items("categories", with_position="true")}
    assert (positions["master"], positions["collections"]) == (1, 1)
    assert [positions[code] for code in ("dining_tables", "dining_chairs", "pendant_lamps")] == [1, 2, 3]


def test_a_move_updates_the_date_of_the_moved_category_only(editable: AkeneoApi) -> None:
    editable.state.clock = lambda: 1_800_000_000
    editable.edit.save_category("sofas", {"parent": "furniture_sets"})
    changed = search(updated=(">", "2027-01-01T00:00:00Z"))
    assert codes(editable, search=changed) == ["sofas"]
    assert editable.document("categories/sofas")["updated"] == "2027-01-15T08:00:00+00:00"


def test_a_deletion_removes_the_subtree_and_updates_no_date_of_products(editable: AkeneoApi) -> None:
    before = editable.product("fjord-sofa-sand")
    editable.edit.delete_category("living_room")
    assert not {"living_room", "sofas", "sofas_two_seats", "floor_lamps"} & set(codes(editable))
    after = editable.product("fjord-sofa-sand")
    assert (before["categories"], after["categories"]) == (["aw26_hygge", "sofas_two_seats"], ["aw26_hygge"])
    assert after["updated"] == before["updated"]


def test_the_parent_of_an_orphan_is_not_listed(editable: AkeneoApi) -> None:
    editable.edit.save_category("sofas", {"parent": "ghost"})
    listed = codes(editable)
    assert "ghost" not in listed
    assert {"sofas", "sofas_corner"} <= set(listed)
    assert editable.document("categories/sofas")["parent"] == "ghost"


def test_a_cycle_is_listed_as_it_is(editable: AkeneoApi) -> None:
    editable.edit.save_category("furniture", {"parent": "sofas"})
    assert len(codes(editable)) == 68
    below = codes(editable, search=search(parent=("=", "sofas")))
    assert {"furniture", "living_room", "sofas_corner"} <= set(below)


@pytest.mark.parametrize("name", ["is_root", "updated"])
def test_before_version_6_some_filters_do_not_exist(editable: AkeneoApi, name: str) -> None:
    editable.state.switches.version = "5.0.100"
    response = editable.get("categories", search=search(**{name: ("=", True)}))
    message = f'Available search filters are "code, parent" and you tried to search on unavailable filter "{name}"'
    assert (response.status_code, response.json()["message"]) == (400, message)
