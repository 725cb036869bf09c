"""Explanations: where each field of a record comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from akeneo_assets.errors import RecordError
from akeneo_assets.mapping.checks.lineage import sources_of
from akeneo_assets.mapping.record.explain import Explained
from akeneo_assets_tests.mapping.catalogue import mapper, mapping, model, product, shirt, structure, value

if TYPE_CHECKING:
    from pathlib import Path

LINES: Any = {
    "settings": {"locale": "en_US", "locale_fallbacks": ["de_DE"], "price_attribute": "price"},
    "product": {
        "name": "name",
        "description": "description",
        "tax_class": {"lookup": "color", "table": {"blue": "B"}},
        "weight": {"formula": "unit('weight', 'KILOGRAM') * pieces"},
        "barcode": {"field": "pieces", "default": "none"},
        "msrp": "description",
        "custom_fields": {"fields": {"Family": "$family"}, "attributes": ["materials"]},
    },
    "inventory": [{"location": {"static": "Main"}, "qty_on_hand": "pieces"}],
}
VALUES = {
    "name": [value("Hut", "de_DE", "shop")],
    "description": [value("soft", None, "shop")],
    "color": [value("blue")],
    "weight": [value({"amount": "500", "unit": "GRAM"})],
    "pieces": [value("3.0000")],
    "materials": [value(["wool", "silk"])],
    "price": [value([{"amount": "5.00", "currency": "USD"}])],
}


def test_every_field_is_explained(tmp_path: Path) -> None:
    chosen = mapper(tmp_path, **LINES)
    document = product(values=VALUES)
    explained = {each.destination: each for each in chosen.explain("product", document)}
    assert explained["name"] == Explained("name", "attribute", "name", "Hut", "shop", "de_DE", "fallback 1", "Hut")
    assert explained["description"] == Explained(
        "description", "attribute", "description", "soft", "shop", None, "no locale", "soft"
    )
    assert explained["tax_class"] == Explained("tax_class", "lookup", "color", "blue", None, None, "no locale", "B")
    assert explained["sku"] == Explained("sku", "property", "$sku", "hat-1", None, None, None, "hat-1")
    assert explained["type"] == Explained("type", "static", None, None, None, None, None, "Physical")
    assert explained["status"].rule == "lookup"
    assert explained["default_price"].value == [{"amount": "5.00", "currency": "USD"}]
    assert (explained["weight"].rule, explained["weight"].result) == ("formula", 1.5)
    assert explained["weight"].value == {"pieces": 3, "weight": 0.5}
    assert (explained["msrp"].result, explained["msrp"].warnings) == (None, ("description is not a number",))
    assert explained["custom_fields.materials"].result == "Silk, Wool"
    assert explained["inventory[0].qty_on_hand"].result == 3
    assert "kit.sku" not in explained


def test_the_explanation_shows_what_is_sent(tmp_path: Path) -> None:
    chosen = mapper(tmp_path, **LINES)
    document = product(values=VALUES, quantified_associations={"SET": {"products": [{"uuid": "u-9", "quantity": 1}]}})
    results = {each.destination: each.result for each in chosen.explain("product", document)}
    mapped = chosen.product(document)
    for field in mapped.payload:
        if field not in {"custom_fields", "inventory"}:
            assert results[field] == mapped.payload[field]
    for custom in mapped.payload["custom_fields"]:
        assert results[f"custom_fields.{custom['custom_field_name']}"] == custom["value"]
    assert mapped.kit is not None
    assert results["kit.sku"] == mapped.kit["sku"]
    assert mapped == chosen.product(document)


def test_models_variants_and_categories_are_explained(tmp_path: Path) -> None:
    fields = {"Above": {"formula": "parent('description')"}}
    chosen = mapper(tmp_path, variant={"custom_fields": {"fields": fields, "all": True}})
    root = model(values={"description": [value("general")]})
    explained = {each.destination: each for each in chosen.explain("variant", shirt("u-1", "red", "s"), [root])}
    assert explained["custom_fields.Above"].result == "general"
    assert "custom_fields.color" not in explained
    assert {each.destination: each.result for each in chosen.explain("product_model", root)}["sku"] == "shirt"
    category = {"code": "hats", "labels": {"en_US": "Hats"}}
    assert {each.destination: each.result for each in chosen.explain("category", category)} == {
        "name": "Hats",
        "description": "hats",
    }
    with pytest.raises(RecordError, match="no uuid"):
        chosen.explain("product", {"values": {}})


def test_options_are_explained_by_axis_and_value(tmp_path: Path) -> None:
    chosen = mapper(
        tmp_path,
        option={"type": "$code", "order": "$position"},
        option_value={"value": {"lookup": "$code", "table": {"red": "R"}, "default": "?"}, "detail": "$label"},
    )
    variants = [shirt("u-1", "blue", "s"), shirt("u-2", "red", "s")]
    found = {each.destination: each for each in chosen.explain("product_model", model(), [model()], variants)}
    assert found["options[0].option_name"] == Explained(
        "options[0].option_name", "property", "$label", "Color", None, None, None, "Color", part="axis color"
    )
    assert (found["options[1].order"].source, found["options[1].order"].result) == ("$position", 2)
    first, second = found["options[0].values[0].value"], found["options[0].values[1].value"]
    assert (first.rule, first.source, first.value, first.result, first.part) == (
        "lookup",
        "$code",
        "red",
        "R",
        "color red",
    )
    assert (second.result, second.part) == ("?", "color blue")
    assert found["options[0].values[1].detail"].result == "Blue (blue)"
    own = {each.destination: each for each in chosen.explain("variant", variants[0], [model()])}
    assert {name: each.result for name, each in own.items() if name.startswith("options")} == {
        "options[0].option_name": "Color",
        "options[0].value": "?",
        "options[1].option_name": "Size",
        "options[1].value": "?",
    }
    assert own["options[1].value"].part == "size s"


def test_a_variant_without_an_axis_value_is_explained_as_far_as_possible() -> None:
    broken = product("u-1", parent="shirt", values={"size": [value("s")]})
    found = {each.destination for each in mapper().explain("variant", broken, [model()])}
    assert {"sku", "options[1].value"} <= found
    assert "options[0].value" not in found


def test_links_are_explained_by_their_association_types(tmp_path: Path) -> None:
    chosen = mapper(
        tmp_path, related_product={"related_type": {"lookup": "$code", "table": {"X_SELL": "x", "UP": "x"}}}
    )
    sets = {
        "SET": {"products": [{"uuid": "u-9", "quantity": 2}]},
        "PALLET": {"products": [{"uuid": "u-9", "quantity": 3}]},
    }
    simple = {
        "UP": {"products": ["u-8"]},
        "X_SELL": {"products": ["u-8"], "product_models": ["shirt"]},
        "NONE": {"products": ["u-7"]},
    }
    found = {
        each.destination: (each.rule, each.source, each.value, each.result, each.part)
        for each in chosen.explain("product", product(quantified_associations=sets, associations=simple))
        if each.destination.startswith(("components", "related"))
    }
    assert found == {
        "components[0].target": ("association", "PALLET, SET", "u-9", "u-9", None),
        "components[0].quantity": ("association", "PALLET, SET", {"PALLET": 3, "SET": 2}, 5, None),
        "related_products[0].target": ("association", "NONE", "u-7", "u-7", None),
        "related_products[0].related_type": ("lookup", "$code", "NONE", None, "association type NONE"),
        "related_products[1].target": ("association", "UP, X_SELL", "u-8", "u-8", None),
        "related_products[1].related_type": ("lookup", "$code", "UP", "x", "association type UP"),
        "related_products[2].target": ("association", "X_SELL", "shirt", "shirt", None),
        "related_products[2].related_type": ("lookup", "$code", "X_SELL", "x", "association type X_SELL"),
    }


def test_each_custom_field_has_one_line_and_the_last_one_applies(tmp_path: Path) -> None:
    custom: Any = {
        "attributes": ["materials", "pieces", "care_wash"],
        "fields": {"materials2": {"static": "own"}, "pieces": "description", "care_wash": {"formula": "care_iron"}},
        "collection": "numbered",
    }
    chosen = mapper(tmp_path, product={"custom_fields": {**custom, "fields": {"Family": None, **custom["fields"]}}})
    values = {"materials": [value(["wool", "silk"])], "pieces": [value(3)], "care_wash": [value("40°")]}
    found = {
        each.destination: (each.source, each.result)
        for each in chosen.explain("product", product(values=values))
        if each.destination.startswith("custom_fields")
    }
    assert found == {
        "custom_fields.materials1": ("materials", "Silk"),
        "custom_fields.materials2": (None, "own"),
        "custom_fields.pieces": ("pieces", 3),
        "custom_fields.care_wash": ("care_iron", None),
    }
    names = [each["custom_field_name"] for each in chosen.product(product(values=values)).payload["custom_fields"]]
    assert names == ["materials1", "materials2", "pieces"]


def test_a_row_that_is_left_out_has_no_results(tmp_path: Path) -> None:
    rows = [{"location": {"static": name}, "qty_on_hand": field} for name, field in (("A", "pieces"), ("B", "weight"))]
    chosen = mapper(tmp_path, inventory=rows, product={"type": {"static": 5}})
    document = product(values={"weight": [value({"amount": "2", "unit": "GRAM"})]})
    results = {each.destination: each.result for each in chosen.explain("product", document)}
    assert (results["inventory[0].location"], results["inventory[0].qty_on_hand"]) == (None, None)
    assert (results["inventory[1].location"], results["inventory[1].qty_on_hand"]) == ("B", 2)
    assert results["type"] == chosen.product(document).payload["type"] == "5"


def test_the_sources_of_every_field(tmp_path: Path) -> None:
    lines: Any = {
        "settings": {"price_attribute": "price"},
        "product": {
            "name": {"formula": "coalesce(name, value('description')) ~ custom_field('Note')"},
            "tax_class": {"lookup": "color", "table": {"a": "b"}},
            "custom_fields": {
                "fields": {"Note": {"formula": "custom_field('Deep')"}, "Deep": "designer.country"},
                "attributes": ["pieces", "care_*"],
            },
        },
        "inventory": [{"location": {"static": "a"}, "qty_on_hand": "pieces"}],
    }
    found = sources_of(mapping(tmp_path, **lines))
    expected = {
        ("product", "name"): {"name", "description", "designer"},
        ("product", "tax_class"): {"color"},
        ("product", "default_price"): {"price"},
        ("product", "custom_fields.Note"): {"designer"},
        ("product", "custom_fields.Deep"): {"designer"},
        ("product", "custom_fields.pieces"): {"pieces"},
        ("inventory", "qty_on_hand"): {"pieces"},
        ("product_model", "default_price"): {"price"},
        ("variant", "default_price"): {"price"},
    }
    assert found == expected
    with_structure = sources_of(mapping(tmp_path, **lines), structure())
    assert with_structure[("product", "custom_fields.care_wash")] == {"care_wash"}
    assert with_structure[("product", "sku")] == {"sku", "uuid"}
    assert with_structure[("product", "status")] == {"enabled"}
    assert with_structure[("product_model", "name")] == {"name", "sku", "code"}
