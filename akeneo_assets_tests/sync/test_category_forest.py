from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from akeneo_assets.sync.category_forest import CategoryForest

_CODES = st.sampled_from("abcdefgh")


def test_depth_and_root_follow_the_parents() -> None:
    forest = CategoryForest({"leaf": "branch", "branch": "root", "root": None, "other": None})
    assert {code: (place.root, place.depth) for code, place in forest.places.items()} == {
        "root": ("root", 0),
        "branch": ("root", 1),
        "leaf": ("root", 2),
        "other": ("other", 0),
    }
    assert forest.ancestors("leaf") == ["root", "branch"]
    assert forest.ancestors("root") == []


def test_an_orphan_reports_its_missing_parent_and_blocks_its_descendants() -> None:
    places = CategoryForest({"below": "orphan", "orphan": "hidden", "root": None}).places
    orphan, below = places["orphan"].problem, places["below"].problem
    assert orphan is not None
    assert orphan[0] == "missing_parent"
    assert "'hidden'" in orphan[1]
    assert below is not None
    assert below[0] == "parent_not_sent"
    assert "'orphan'" in below[1]
    assert places["root"].problem is None


def test_every_member_of_a_cycle_reports_the_same_cycle() -> None:
    places = CategoryForest({"c": "a", "a": "b", "b": "c", "below": "b", "self": "self"}).places
    problems = {code: place.problem for code, place in places.items()}
    assert problems["a"] == problems["b"] == problems["c"]
    assert problems["a"] is not None
    assert problems["a"][0] == "cycle"
    assert "a → b → c → a" in problems["a"][1]
    assert problems["self"] is not None
    assert "self → self" in problems["self"][1]
    assert problems["below"] is not None
    assert problems["below"][0] == "parent_not_sent"


def test_ancestors_end_where_the_chain_breaks() -> None:
    forest = CategoryForest({"leaf": "orphan", "orphan": "hidden", "ring_a": "ring_b", "ring_b": "ring_a"})
    assert forest.ancestors("leaf") == ["orphan"]
    assert sorted(forest.ancestors("ring_a")) == ["ring_a", "ring_b"]


def test_a_deep_tree_needs_no_recursion() -> None:
    parents = {str(depth): str(depth - 1) if depth else None for depth in range(5_000)}
    assert CategoryForest(dict(reversed(parents.items()))).places["4999"].depth == 4_999


@given(st.dictionaries(_CODES, st.none() | _CODES))
def test_every_category_is_one_level_below_its_parent_or_has_a_problem(parents: dict[str, str | None]) -> None:
    places = CategoryForest(parents).places
    assert places.keys() == parents.keys()
    for code, parent in parents.items():
        place = places[code]
        assert (place.root is None) is (place.problem is not None)
        if parent is None:
            assert (place.root, place.depth) == (code, 0)
        elif place.problem is None:
            assert (place.root, place.depth) == (places[parent].root, places[parent].depth + 1)
