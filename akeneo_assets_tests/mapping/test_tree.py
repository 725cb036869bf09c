from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from akeneo_assets.errors import RecordError
from akeneo_assets.mapping.file.load import load_mapping
from akeneo_assets.mapping.record.mapped_record import Reference
from akeneo_assets.mapping.record.mapper import Mapper
from akeneo_assets.mapping.record.options import distinct_texts
from akeneo_assets_tests.mapping.catalogue import mapper, model, option, product, record, shirt, structure, value

if TYPE_CHECKING:
    from pathlib import Path

    from akeneo_assets.documents import JsonObject
    from akeneo_assets.mapping.record.mapped_record import MappedRecord


def values_of(tree: MappedRecord) -> dict[str, list[str]]:
    return {each["option_name"]: [entry["value"] for entry in each["values"]] for each in tree.payload["options"]}


def chosen_by(record: MappedRecord) -> dict[str, str]:
    return {each["option_name"]: each["value"] for each in record.payload["options"]}


def test_a_family_with_two_levels_and_the_default_mapping() -> None:
    root = model(categories=["tops"], values={"name": [value("Shirt", "en_US", "shop")]})
    subs = [model("shirt_blue", parent="shirt"), model("shirt_red", parent="shirt")]
    variants = [
        shirt("u-3", "blue", "l", enabled=False, categories=["tops", "sale"]),
        shirt("u-1", "blue", "s", values={"name": [value("Blue shirt", "en_US", "shop")]}),
        shirt("u-2", "red", "m"),
    ]
    tree = mapper().tree(root, subs, variants)
    assert (tree.kind, tree.key, tree.sku, tree.blocked_variants, tree.warnings) == (
        "product_model",
        "shirt",
        "shirt",
        (),
        (),
    )
    assert tree.payload == {
        "sku": "shirt",
        "name": "Shirt",
        "type": "Physical",
        "tracking_method": "Variant",
        "status": "Active",
        "default_price": 0,
        "options": [
            {
                "option_name": "Color",
                "values": [
                    {"option_name": "Color", "value": "Red"},
                    {"option_name": "Color", "value": "Blue (blue)"},
                ],
            },
            {
                "option_name": "Size",
                "values": [
                    {"option_name": "Size", "value": "S"},
                    {"option_name": "Size", "value": "M"},
                    {"option_name": "Size", "value": "L"},
                ],
            },
        ],
        "custom_fields": [{"custom_field_name": "Family", "value": "clothing"}],
    }
    assert tree.categories == (Reference("category", "tops"),)
    assert [variant.key for variant in tree.variants] == ["u-1", "u-2", "u-3"]
    first, _, last = tree.variants
    assert first.payload == {
        "sku": "sku-u-1",
        "status": "Active",
        "default_price": 0,
        "options": [
            {"option_name": "Color", "value": "Blue (blue)"},
            {"option_name": "Size", "value": "S"},
        ],
        "custom_fields": [
            {"custom_field_name": "Family", "value": "clothing"},
            {"custom_field_name": "Name", "value": "Blue shirt"},
        ],
    }
    assert last.payload["status"] == "Disabled"
    assert last.categories == (Reference("category", "sale"), Reference("category", "tops"))


def test_codes_that_share_a_label_are_distinguished() -> None:
    # The labels of `blue` and `navy` are "Blue" and "blue".
    tree = mapper().tree(
        model(), [], [shirt("u-1", "blue", "s"), shirt("u-2", "navy", "s"), shirt("u-3", "plain", "s")]
    )
    assert values_of(tree)["Color"] == ["Blue (blue)", "blue (navy)", "plain"]


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({"a": "X", "b": "Y"}, {"a": "X", "b": "Y"}),
        ({"a": "X", "b": "x"}, {"a": "X (a)", "b": "x (b)"}),
        ({"blue": "blue", "b2": "Blue"}, {"blue": "blue (blue)", "b2": "Blue (b2)"}),
        ({"a": "X", "b": "X", "c": "X (a)"}, {"a": "X (a) (a)", "b": "X (b)", "c": "X (a) (c)"}),
    ],
)
def test_distinct_texts(labels: dict[str, str], expected: dict[str, str]) -> None:
    assert distinct_texts(labels) == expected


def test_the_text_of_a_value_does_not_depend_on_the_other_variants() -> None:
    alone = mapper().tree(model(), [], [shirt("u-1", "blue", "s")])
    together = mapper().tree(model(), [], [shirt("u-1", "blue", "s"), shirt("u-2", "navy", "s")])
    assert alone.variants[0].base_hash == together.variants[0].base_hash
    assert alone.base_hash != together.base_hash


def test_option_codes_are_compared_without_case() -> None:
    tree = mapper().tree(model(), [], [shirt("u-1", "RED", "s"), shirt("u-2", "red", "S")])
    assert values_of(tree) == {"Color": ["Red"], "Size": ["S"]}


def test_an_option_that_is_listed_in_another_case() -> None:
    listed = structure(attribute_option=[option("color", "RED", en_US="Ruby"), option("size", "S", en_US="Small")])
    tree = Mapper(load_mapping(), listed, "UUID").tree(model(), [], [shirt("u-1", "red", "s")])
    assert values_of(tree) == {"Color": ["Ruby"], "Size": ["Small"]}


def test_labels_follow_the_locale(tmp_path: Path) -> None:
    german = mapper(tmp_path, settings={"locale": "de_DE"})
    tree = german.tree(model(), [], [shirt("u-1", "red", "s"), shirt("u-2", "blue", "m")])
    assert values_of(tree) == {"Farbe": ["Rot", "Blau"], "size": ["s", "m"]}


def test_axes_that_are_not_selects() -> None:
    def variant(key: str, amount: Any, unit: str, *, washable: bool) -> JsonObject:
        values = {"weight": [value({"amount": amount, "unit": unit})], "washable": [value(washable)]}
        return product(key, key, parent="shirt", values=values)

    variants = [
        variant("u-1", "10.0000", "KILOGRAM", washable=True),
        variant("u-2", "2.5000", "KILOGRAM", washable=False),
        variant("u-3", 10, "KILOGRAM", washable=False),
        variant("u-4", 3000, "GRAM", washable=True),
        variant("u-5", 1, "STONE", washable=True),
    ]
    tree = mapper().tree(model(variant="by_weight"), [], variants)
    # By amount, in any unit; an unknown unit comes last.
    weights = ["2.5 KILOGRAM", "3000 GRAM", "10 KILOGRAM", "1 STONE"]
    assert values_of(tree) == {"weight": weights, "washable": ["No", "Yes"]}
    assert chosen_by(tree.variants[2]) == {"weight": "10 KILOGRAM", "washable": "No"}


def test_reference_entity_axes() -> None:
    variants = [
        product(f"u-{code}", code, parent="shirt", values={"designer": [value(code)]})
        for code in ("rams", "eames", "nobody")
    ]
    tree = mapper().tree(model(variant="by_designer"), [], variants)
    assert values_of(tree) == {"designer": ["Ray Eames", "rams", "nobody"]}
    twins = structure(
        reference_entity_record=[("designers/a", record("a", en_US="Ray")), ("designers/b", record("b", en_US="Ray"))]
    )
    variants = [product(f"u-{code}", code, parent="shirt", values={"designer": [value(code)]}) for code in "ab"]
    tree = Mapper(load_mapping(), twins, "UUID").tree(model(variant="by_designer"), [], variants)
    assert values_of(tree) == {"designer": ["Ray (a)", "Ray (b)"]}


def test_axes_that_share_a_label_are_distinguished() -> None:
    attributes = [
        ("color", {"code": "color", "type": "pim_catalog_simpleselect", "labels": {"en_US": "Kind"}}),
        ("size", {"code": "size", "type": "pim_catalog_simpleselect", "labels": {"en_US": "Kind"}}),
    ]
    known = Mapper(load_mapping(), structure(attribute=attributes), "UUID")
    assert list(values_of(known.tree(model(), [], []))) == ["Kind (color)", "Kind (size)"]


def test_options_can_contain_codes_and_positions(tmp_path: Path) -> None:
    chosen = mapper(
        tmp_path,
        option={"option_name": "$code", "order": "$position"},
        option_value={"detail": "$code", "order": "$position"},
    )
    tree = chosen.tree(model(), [], [shirt("u-1", "red", "l"), shirt("u-2", "red", "s")])
    assert tree.payload["options"][1] == {
        "option_name": "size",
        "order": 2,
        "values": [
            {"option_name": "size", "value": "S", "detail": "s", "order": 1},
            {"option_name": "size", "value": "L", "detail": "l", "order": 2},
        ],
    }


def test_a_variant_without_an_axis_value_does_not_block_its_model() -> None:
    broken = product("u-2", "sku-2", parent="shirt", values={"color": [value("navy")]})
    tree = mapper().tree(model(), [], [broken, shirt("u-1", "red", "s", enabled=False)])
    assert [variant.key for variant in tree.variants] == ["u-1"]
    assert values_of(tree) == {"Color": ["Red"], "Size": ["S"]}
    assert tree.payload["status"] == "Disabled"
    ((key, code, message),) = tree.blocked_variants
    assert (key, code) == ("u-2", "missing_axis_value")
    assert "axis size" in message


def test_a_variant_without_a_key_does_not_block_its_model() -> None:
    nameless = shirt("u-2", "red", "s", values={"sku": []})
    tree = mapper(product_id_format="Identifier").tree(model(), [], [nameless, shirt("u-1", "red", "m")])
    assert [variant.key for variant in tree.variants] == ["sku-u-1"]
    assert [(problem.key, problem.code) for problem in tree.blocked_variants] == [("u-2", "missing_identifier")]


def test_an_option_value_without_translation_blocks_only_its_variant(tmp_path: Path) -> None:
    chosen = mapper(tmp_path, option_value={"value": {"lookup": "$code", "table": {"red": "R", "s": "S"}}})
    tree = chosen.tree(model(), [], [shirt("u-1", "red", "s"), shirt("u-2", "blue", "s")])
    assert values_of(tree) == {"Color": ["R"], "Size": ["S"]}
    assert [(problem.key, problem.code) for problem in tree.blocked_variants] == [("u-2", "missing_value")]


def test_an_axis_value_is_taken_from_the_sub_model() -> None:
    sub = model("shirt_red", parent="shirt", values={"color": [value("red")]})
    variant = product("u-1", parent="shirt_red", values={"size": [value("s")]})
    tree = mapper().tree(model(), [sub], [variant])
    assert chosen_by(tree.variants[0]) == {"Color": "Red", "Size": "S"}


def test_a_model_without_variants() -> None:
    tree = mapper().tree(model(), [], [])
    assert tree.payload["status"] == "Disabled"
    assert values_of(tree) == {"Color": [], "Size": []}
    assert tree.payload["name"] == "shirt"


def test_a_model_of_an_unknown_family_variant() -> None:
    with pytest.raises(RecordError, match="family variant by_mood of the product model shirt") as raised:
        mapper().tree(model(variant="by_mood"), [], [])
    assert raised.value.code == "unknown_family_variant"


def test_axes_are_not_custom_fields(tmp_path: Path) -> None:
    chosen = mapper(tmp_path, variant={"custom_fields": {"all": True}})
    tree = chosen.tree(model(), [], [shirt("u-1", "red", "s", values={"pieces": [value(2)]})])
    names = [field["custom_field_name"] for field in tree.variants[0].payload["custom_fields"]]
    assert names == ["Family", "Name", "pieces"]


def test_a_renamed_option_changes_the_tree() -> None:
    renamed = structure(attribute_option=[option("color", "red", en_US="Ruby"), option("size", "s", en_US="S")])
    before = mapper().tree(model(), [], [shirt("u-1", "red", "s")])
    after = Mapper(load_mapping(), renamed, "UUID").tree(model(), [], [shirt("u-1", "red", "s")])
    assert before.base_hash != after.base_hash
