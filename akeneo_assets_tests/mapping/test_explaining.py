"""Explanations: where every field of a record comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from akeneo_assets.errors import RecordError
from akeneo_assets.mapping import Explained, sources_of
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
    assert (explained["msrp"].result, explained["msrp"].warnings) == (None, ("description is no number",))
    assert explained["custom_fields.materials"].result == "Silk, Wool"
    assert explained["inventory[0].qty_on_hand"].result == 3
    assert "kit.sku" not in explained


def test_the_explanation_is_what_is_sent(tmp_path: Path) -> None:
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
    assert with_structure[("product", "sku")] == {"sku"}
    assert with_structure[("product_model", "name")] == {"name", "sku"}
