"""The filter of the mapping file: which records are sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from akeneo_assets.errors import RecordError
from akeneo_assets.mapping.record.mapper import Mapper
from akeneo_assets_tests.mapping.catalogue import mapper, mapping, model, product, shirt, structure, value

if TYPE_CHECKING:
    from pathlib import Path

    from akeneo_assets.documents import JsonObject

PARENTS = {"root": None, "wear": "root", "hats": "wear", "caps": "hats", "home": "root", "a": "b", "b": "a"}


def complete(percent: Any, scope: str = "shop", locale: str = "en_US") -> JsonObject:
    return {"completenesses": [{"scope": scope, "locale": locale, "data": percent}]}


def filtering(tmp_path: Path, conditions: JsonObject) -> Mapper:
    return Mapper(mapping(tmp_path, filter=conditions), structure(), "UUID", category_parents=PARENTS)


@pytest.mark.parametrize(
    ("conditions", "document", "reason"),
    [
        ({}, {}, None),
        ({"families": ["clothing"]}, {}, None),
        ({"families": ["parts"]}, {}, "its family clothing is excluded"),
        ({"families": ["parts"]}, {"family": None}, "its family (none) is excluded"),
        ({"exclude_families": ["clothing"]}, {}, "its family clothing is excluded"),
        ({"exclude_families": ["clothing"]}, {"family": None}, None),
        ({"categories": ["wear"]}, {"categories": ["home", "caps"]}, None),
        ({"categories": ["wear"]}, {"categories": ["wear"]}, None),
        ({"categories": ["wear"]}, {"categories": ["home", "a"]}, "not in any of the categories"),
        ({"categories": ["elsewhere"]}, {"categories": ["elsewhere"]}, None),
        ({"enabled": True}, {"enabled": False}, "it is disabled"),
        ({"enabled": True}, {}, None),
        ({"enabled": False}, {}, "it is enabled"),
        ({"completeness": {}}, complete(100), None),
        ({"completeness": {"minimum": 80}}, complete(80), None),
        ({"completeness": {"minimum": 80}}, complete(79), "79 % complete for shop and en_US, but 80 % is required"),
        ({"completeness": {"channel": "tv", "locale": "fr_FR"}}, complete(100, "tv", "fr_FR"), None),
        ({"completeness": {"channel": "tv"}}, complete(100), "completeness for tv and en_US is unknown"),
        ({"completeness": {}}, {}, "completeness for shop and en_US is unknown"),
        ({"expression": "pieces > 2 and family == 'clothing'"}, {}, None),
        ({"expression": "pieces > 3"}, {}, "the filter formula is false"),
        ({"expression": "color"}, {}, "the filter formula is false"),
        ({"expression": "pieces > 'x'"}, {}, "the filter formula compares values of different types"),
    ],
)
def test_simple_products(tmp_path: Path, conditions: JsonObject, document: JsonObject, reason: str | None) -> None:
    chosen = filtering(tmp_path, conditions)
    record = product(values={"pieces": [value(3)]}, **document)
    if reason is None:
        assert chosen.product(record).key == "u-1"
        return
    with pytest.raises(RecordError) as raised:
        chosen.product(record)
    assert raised.value.code == "filtered"
    assert reason in str(raised.value)
    assert "remains unchanged in iPaaS.com" in str(raised.value)


def test_variants_are_filtered_one_by_one_and_a_model_without_variants_is_left_out(tmp_path: Path) -> None:
    chosen = mapper(tmp_path, filter={"enabled": True})
    tree = chosen.tree(model(), [], [shirt("u-1", "red", "s"), shirt("u-2", "red", "m", enabled=False)])
    assert [variant.key for variant in tree.variants] == ["u-1"]
    assert [(problem.key, problem.code) for problem in tree.blocked_variants] == [("u-2", "filtered")]
    with pytest.raises(RecordError, match="all of its variants are excluded") as raised:
        chosen.tree(model(), [], [shirt("u-2", "red", "m", enabled=False)])
    assert raised.value.code == "filtered"
    assert chosen.tree(model(), [], []).key == "shirt"


@pytest.mark.parametrize("conditions", [{"families": ["parts"]}, {"categories": ["hats"]}])
def test_an_excluded_model(tmp_path: Path, conditions: JsonObject) -> None:
    with pytest.raises(RecordError) as raised:
        mapper(tmp_path, filter=conditions).tree(model(), [], [shirt("u-1", "red", "s")])
    assert raised.value.code == "filtered"


def test_moving_a_category_changes_the_fingerprint_only_if_it_changes_the_filter(tmp_path: Path) -> None:
    def print_of(conditions: JsonObject, parents: dict[str, str | None]) -> tuple[str, str]:
        return Mapper(mapping(tmp_path, filter=conditions), structure(), "UUID", category_parents=parents).fingerprint

    moved = {**PARENTS, "caps": "home"}
    assert print_of({"categories": ["wear"]}, PARENTS) != print_of({"categories": ["wear"]}, moved)
    assert print_of({}, PARENTS) == print_of({}, moved)
