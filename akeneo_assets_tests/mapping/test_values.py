from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from akeneo_assets_tests.mapping.catalogue import mapper, product, value

if TYPE_CHECKING:
    from pathlib import Path

    from akeneo_assets.documents import JsonObject


def carried(tmp_path: Path, code: str, entries: object, **settings: Any) -> tuple[Any, list[str]]:
    """Return the value of an attribute as a custom field, and the warnings."""
    mapped = mapper(tmp_path, settings=settings, product={"custom_fields": {"attributes": [code]}}).product(
        product(values={code: entries})
    )
    fields = {field["custom_field_name"]: field["value"] for field in mapped.payload["custom_fields"]}
    return fields.get(code), [warning.reason for warning in mapped.warnings]


TYPES = [
    ("sku", "hat-7", "hat-7"),
    ("name", "Hat", "Hat"),
    ("name", 4711, "4711"),
    ("description", "<p>Warm &amp; soft</p>", "<p>Warm &amp; soft</p>"),
    ("washable", True, True),
    ("washable", False, False),
    ("pieces", 4, 4),
    ("pieces", 0, 0),
    ("pieces", "12.5000", 12.5),
    ("weight", {"amount": "10.0000", "unit": "KILOGRAM"}, "10 KILOGRAM"),
    ("weight", {"amount": "2.5000", "unit": "GRAM", "symbol": "g"}, "2.5 GRAM"),
    ("weight", {"amount": 100, "unit": "GRAM"}, "100 GRAM"),
    ("price", [{"amount": "9.90", "currency": "EUR"}, {"amount": "10.50", "currency": "USD"}], 10.5),
    ("price", [{"amount": 12, "currency": "USD"}], 12),
    # Midnight in the server's time zone: in UTC, it would be the previous day.
    ("release", "2026-03-13T00:00:00+01:00", "2026-03-13"),
    ("color", "blue", "Blue"),
    ("color", "BLUE", "Blue"),
    ("color", "plain", "plain"),
    ("color", "gone", "gone"),
    ("materials", ["wool", "silk"], "Silk, Wool"),
    ("materials", ["wool", 7], "Wool, 7"),
    ("manual", "f/2/manual.pdf", "f/2/manual.pdf"),
    ("picture", "a/b/picture.jpg", "a/b/picture.jpg"),
    ("designer", "eames", "Ray Eames"),
    ("designer", "rams", "rams"),
    ("team", ["rams", "eames"], "rams, Ray Eames"),
    ("media", ["front", "back"], "front, back"),
    ("fabric", "linen", "linen"),
    ("fabrics", ["linen", "denim"], "denim, linen"),
    ("nutrition", [{"kcal": "12", "fat": 3}], '[{"fat":3,"kcal":"12"}]'),
    ("successor", {"type": "product", "id": "u-9"}, "u-9"),
    ("successor", {"type": "product", "identifier": "hat-9"}, "hat-9"),
]
PLACES = [(None, None), ("en_US", None), (None, "shop"), ("en_US", "shop")]


@pytest.mark.parametrize(("locale", "scope"), PLACES)
@pytest.mark.parametrize(("code", "data", "expected"), TYPES)
def test_every_type_at_every_level(
    tmp_path: Path, code: str, data: Any, expected: Any, locale: str | None, scope: str | None
) -> None:
    others = [value(data, "fr_FR", scope), value(data, locale, "tv")]
    if locale is None:
        others = others[1:]
    found, warnings = carried(tmp_path, code, [*others, value(data, locale, scope)])
    assert found == expected
    assert type(found) is type(expected)
    assert warnings == []


@pytest.mark.parametrize(
    ("code", "data", "expected", "reason"),
    [
        ("nutrition", "12", None, "nutrition is not a table"),
        ("hologram", "x", "x", "hologram has the unknown type pim_catalog_hologram; it is sent as text"),
        ("hologram", {"b": 1, "a": 2}, '{"a":2,"b":1}', "it is sent as text"),
        ("deleted", {"amount": "1", "unit": "GRAM"}, None, "deleted is unknown: deleted in Akeneo, or too new"),
        ("price", [{"amount": "9.90", "currency": "EUR"}], None, "price has no price in USD"),
        ("price", "9.90", None, "price has no price in USD"),
        ("pieces", "many", None, "pieces is not a number"),
        ("pieces", "0.12345678901234567890", 0.12345678901234568, "more digits than a JSON number can hold"),
        ("weight", {"amount": "10"}, None, "weight is not a measurement"),
        ("weight", 10, None, "weight is not a measurement"),
        ("washable", "yes", None, "washable is neither true nor false"),
        ("description", ["a"], None, "description is not text"),
        ("color", {"a": 1}, None, "color is not a code"),
        ("release", {"a": 1}, None, "release is not a date"),
        ("successor", "u-9", None, "successor does not link to a product"),
    ],
)
def test_values_that_cannot_be_sent_completely_are_reported(
    tmp_path: Path, code: str, data: Any, expected: Any, reason: str
) -> None:
    found, warnings = carried(tmp_path, code, [value(data)])
    assert found == expected
    assert len(warnings) == 1
    assert reason in warnings[0]


@pytest.mark.parametrize(
    "entries", [[], {}, None, "", [None], [value(None)], [value("")], [value([])], [value({})], [{}], [7]]
)
def test_an_empty_value_causes_no_warning(tmp_path: Path, entries: object) -> None:
    assert carried(tmp_path, "description", entries) == (None, [])


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, "shop en"),
        ({"locale": "de_DE"}, "shop de"),
        ({"locale": "fr_CA"}, None),
        ({"locale": "fr_CA", "locale_fallbacks": ["de_DE", "en_US"]}, "shop de"),
        ({"channel": "tv"}, "tv fr"),
        ({"channel": "tv", "locale": "en_US"}, None),
    ],
)
def test_channel_locale_and_fallbacks(tmp_path: Path, settings: JsonObject, expected: str | None) -> None:
    entries = [
        value("tv fr", "fr_FR", "tv"),
        value("shop de", "de_DE", "shop"),
        value("shop en", "en_US", "shop"),
    ]
    assert carried(tmp_path, "description", entries, **settings) == (expected, [])


def test_a_converted_measurement_takes_precedence_over_the_stored_one(tmp_path: Path) -> None:
    # With conversion switched on, Akeneo adds entries with a locale to attributes that are not localizable.
    stored = value({"amount": "1", "unit": "KILOGRAM"})
    converted = value({"amount": "2.2046", "unit": "POUND"}, "en_US", "shop")
    for entries in ([stored, converted], [converted, stored]):
        assert carried(tmp_path, "weight", entries) == ("2.2046 POUND", [])


def test_entries_as_a_map_of_positions(tmp_path: Path) -> None:
    assert carried(tmp_path, "description", {"1": value("soft")}) == ("soft", [])


@pytest.mark.parametrize(
    ("source", "data", "expected"),
    [
        ("weight", {"amount": "2.5000", "unit": "KILOGRAM"}, 2.5),
        ("pieces", "3.0000", 3),
        ("price", [{"amount": "5.25", "currency": "USD"}], 5.25),
        ("description", " 7.50 ", 7.5),
        ({"field": "pieces", "default": 1}, None, 1),
    ],
)
def test_a_number_destination_gets_a_number(tmp_path: Path, source: Any, data: Any, expected: float) -> None:
    code = source if isinstance(source, str) else source["field"]
    mapped = mapper(tmp_path, product={"weight": source}).product(product(values={code: [value(data)]}))
    assert mapped.payload["weight"] == expected
    assert mapped.warnings == ()


def test_constants_of_number_destinations_are_numbers(tmp_path: Path) -> None:
    lines = {
        "weight": {"static": "12"},
        "msrp": {"field": "price", "default": "7.50"},
        "width": {"lookup": "color", "table": {"blue": "0.30"}},
        "tax_class": {"static": 17},
    }
    mapped = mapper(tmp_path, product=lines).product(product(values={"color": [value("blue")]}))
    assert [mapped.payload[name] for name in lines] == [12, 7.5, 0.3, "17"]
    assert type(mapped.payload["weight"]) is int


def test_boolean_destinations_and_text_of_booleans(tmp_path: Path) -> None:
    lines = {"allow_backorders": "washable", "allow_discounts": "description", "tax_class": "washable"}
    values = {"washable": [value(data=False)], "description": [value("true")]}
    mapped = mapper(tmp_path, product=lines).product(product(values=values))
    assert mapped.payload["allow_backorders"] is False
    assert mapped.payload["tax_class"] == "No"
    assert "allow_discounts" not in mapped.payload
    assert [warning.field for warning in mapped.warnings] == ["allow_discounts"]


@pytest.mark.parametrize(
    ("code", "data", "table", "expected"),
    [
        ("color", "blue", {"blue": "17"}, "17"),
        ("washable", True, {True: "washable", False: "dry"}, "washable"),
        ("pieces", "4.0000", {4: "four"}, "four"),
        ("description", "soft", {"soft": "1"}, "1"),
        ("designer", "eames", {"eames": "E"}, "E"),
        ("color", "BLUE", {"blue": "17"}, "17"),
        ("designer", "Eames", {"eames": "E"}, "E"),
        ("materials", ["wool"], {"wool": "17"}, "17"),
        ("materials", ["wool", "silk"], {"silk, wool": "17"}, "17"),
        ("team", ["eames"], {"eames": "E"}, "E"),
        ("media", ["front"], {"front": "F"}, "F"),
        ("$family", None, {"clothing": "C"}, "C"),
        ("color", "red", {"blue": "17"}, "fallback"),
        ("color", None, {"blue": "17"}, "fallback"),
    ],
)
def test_lookups_translate_codes(tmp_path: Path, code: str, data: Any, table: Any, expected: str) -> None:
    source = {"lookup": code, "table": table, "default": "fallback"}
    mapped = mapper(tmp_path, product={"tax_class": source}).product(product(values={code: [value(data)]}))
    assert mapped.payload["tax_class"] == expected
    assert mapped.warnings == ()


def test_a_lookup_without_a_default_reports_missing_entries(tmp_path: Path) -> None:
    source = {"lookup": "color", "table": {"blue": "17"}}
    mapped = mapper(tmp_path, product={"tax_class": source}).product(product(values={"color": [value("red")]}))
    assert "tax_class" not in mapped.payload
    assert [(warning.field, warning.attribute) for warning in mapped.warnings] == [("tax_class", None)]
