"""How a line can read an attribute: form, unit, currency, locale, channel, records, collections."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from akeneo_assets.mapping.catalogue.measurements import convert, units_of
from akeneo_assets.mapping.record.mapper import Mapper
from akeneo_assets_tests.mapping.catalogue import documents, mapper, mapping, product, record, structure, value

if TYPE_CHECKING:
    from pathlib import Path

    from akeneo_assets.documents import JsonObject


def custom_fields(
    tmp_path: Path, values: JsonObject, custom: JsonObject, **settings: Any
) -> tuple[JsonObject, list[str]]:
    lines = {"fields": {"Family": None}, **custom}
    mapped = mapper(tmp_path, settings=settings, product={"custom_fields": lines}).product(product(values=values))
    fields = {field["custom_field_name"]: field["value"] for field in mapped.payload.get("custom_fields", [])}
    return fields, [warning.reason for warning in mapped.warnings]


def shown(tmp_path: Path, data: Any, source: JsonObject, **settings: Any) -> tuple[Any, list[str]]:
    code = source["field"].partition(".")[0]
    entry = data if isinstance(data, dict) and "data" in data else value(data)
    fields, warnings = custom_fields(tmp_path, {code: [entry]}, {"fields": {"Family": None, "X": source}}, **settings)
    return fields.get("X"), warnings


WEIGHT = {"amount": "1500.0000", "unit": "GRAM"}
PRICES = [{"amount": "9.90", "currency": "EUR"}, {"amount": "10.50", "currency": "USD"}]
TABLE = [{"kcal": 12, "part": "peel"}, {"note": "ok", "part": "core", "kcal": True}]


@pytest.mark.parametrize(
    ("source", "data", "expected"),
    [
        ({"field": "weight", "unit": "KILOGRAM"}, WEIGHT, "1.5 KILOGRAM"),
        ({"field": "weight", "unit": "KILOGRAM", "form": "label"}, WEIGHT, "1.5 Kilogram"),
        ({"field": "weight", "form": "unit"}, WEIGHT, "GRAM"),
        ({"field": "weight", "form": "json"}, WEIGHT, '{"amount":"1500","unit":"GRAM"}'),
        ({"field": "price", "currency": "EUR"}, PRICES, 9.9),
        ({"field": "price", "form": "json"}, PRICES[:1], '[{"amount":"9.90","currency":"EUR"}]'),
        ({"field": "color", "form": "code"}, "BLUE", "blue"),
        ({"field": "color", "form": "label"}, "blue", "Blue"),
        ({"field": "materials", "form": "code"}, ["wool", "silk"], "silk, wool"),
        ({"field": "designer", "form": "code"}, "eames", "eames"),
        ({"field": "designer.country"}, "EAMES", "us"),
        ({"field": "designer.styles"}, "eames", "a, b"),
        ({"field": "designer.country"}, "rams", None),
        ({"field": "designer.country", "default": "?"}, "nobody", "?"),
        ({"field": "team.country"}, ["rams", "eames"], "us"),
        ({"field": "media"}, ["front", "back"], "front, back"),
        ({"field": "media", "form": "label"}, ["front", "back"], "Front view, back"),
        ({"field": "nutrition", "form": "text"}, TABLE, "part: peel, kcal: 12; part: core, kcal: Yes, note: ok"),
        ({"field": "materials", "collection": "json"}, ["wool", "silk"], '["Silk","Wool"]'),
    ],
)
def test_a_line_chooses_what_it_reads(tmp_path: Path, source: JsonObject, data: Any, expected: Any) -> None:
    assert shown(tmp_path, data, source) == (expected, [])


DESCRIBED: Any = {
    "reference_entity_attribute": [
        ("designers/country", {"type": "reference_entity_single_link", "reference_entity_code": "countries"}),
        ("designers/styles", {"type": "multiple_options"}),
        ("designers/born", {"type": "number"}),
    ],
    "reference_entity_attribute_option": [
        ("designers/styles/A", {"code": "A", "labels": {"en_US": "Airy"}}),
        ("designers/styles/b", {"code": "b", "labels": {}}),
    ],
    "reference_entity_record": [
        *documents()["reference_entity_record"],
        ("countries/US", record("US", en_US="United States")),
    ],
}


@pytest.mark.parametrize(
    ("source", "data", "expected"),
    [
        ({"field": "designer.country"}, "eames", "United States"),
        ({"field": "designer.country", "form": "code"}, "eames", "us"),
        ({"field": "designer.styles"}, "eames", "Airy, b"),
        ({"field": "designer.styles", "form": "code"}, "eames", "a, b"),
        ({"field": "designer.born"}, "eames", "1912"),
        ({"field": "team.country"}, ["rams", "eames"], "United States"),
        ({"formula": "designer.country ~ ' ' ~ (number(designer.born) + 1)"}, "eames", "us 1913"),
        ({"formula": "label('designer.country') ~ ' ' ~ label('designer.styles')"}, "eames", "United States Airy, b"),
        ({"lookup": "designer.country", "table": {"us": "America"}}, "eames", "America"),
    ],
)
def test_attributes_of_records_have_their_own_labels(
    tmp_path: Path, source: JsonObject, data: Any, expected: str
) -> None:
    name = "team" if isinstance(data, list) else "designer"
    rules = mapping(tmp_path, product={"custom_fields": {"fields": {"Family": None, "Shown": source}}})
    mapped = Mapper(rules, structure(**DESCRIBED), "UUID").product(product(values={name: [value(data)]}))
    assert mapped.payload["custom_fields"] == [{"custom_field_name": "Shown", "value": expected}]
    assert mapped.warnings == ()


LINK = "https://akeneo.example/media-files/a/b.jpg/download"


@pytest.mark.parametrize("by_settings", [True, False])
def test_media_are_sent_as_links(tmp_path: Path, *, by_settings: bool) -> None:
    picture = value("a/b.jpg") | {"_links": {"download": {"href": LINK}}}
    source = {"field": "picture"} if by_settings else {"field": "picture", "form": "link"}
    settings = {"media": "link"} if by_settings else {}
    assert shown(tmp_path, picture, source, **settings) == (LINK, [])
    assert shown(tmp_path, value("a/b.jpg"), source, **settings) == (
        "a/b.jpg",
        ["picture has no link; its code is sent instead"],
    )
    assert shown(tmp_path, picture, {"field": "picture", "form": "code"}, **settings) == ("a/b.jpg", [])


def test_assets_are_sent_as_share_links(tmp_path: Path) -> None:
    links = {"front": {"share_links": [{"_links": {"self": {"href": LINK}}}]}}
    media = value(["front"]) | {"linked_data": links}
    assert shown(tmp_path, media, {"field": "media", "form": "link"}) == (LINK, [])


def test_a_line_can_choose_another_locale_or_channel(tmp_path: Path) -> None:
    names = [value("Hat", "en_US", "shop"), value("Hut", "de_DE", "shop"), value("Chapeau", "fr_FR", "tv")]
    fields: JsonObject = {
        "Family": None,
        "own": "name",
        "German": {"field": "name", "locale": "de_DE"},
        "French": {"field": "name", "locale": "fr_FR", "channel": "tv"},
        "none": {"field": "name", "locale": "fr_FR"},
        "Color": {"field": "color", "locale": "de_DE"},
    }
    found, _ = custom_fields(tmp_path, {"name": names, "color": [value("blue")]}, {"fields": fields})
    assert found == {"own": "Hat", "German": "Hut", "French": "Chapeau", "Color": "Blau"}


@pytest.mark.parametrize(
    ("collection", "expected"),
    [
        ("joined", {"materials": "Silk, Wool", "media": "b, a", "pieces": 3}),
        ("numbered", {"materials1": "Silk", "materials2": "Wool", "media1": "b", "media2": "a", "pieces": 3}),
        ("json", {"materials": '["Silk","Wool"]', "media": '["b","a"]', "pieces": 3}),
    ],
)
def test_collections(tmp_path: Path, collection: str, expected: JsonObject) -> None:
    values = {"materials": [value(["wool", "silk"])], "media": [value(["b", "a"])], "pieces": [value(3)]}
    chosen = {"attributes": ["materials", "media", "pieces"], "collection": collection}
    assert custom_fields(tmp_path, values, chosen) == (expected, [])


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({"attributes": ["care_*"]}, {"care_iron", "care_wash"}),
        ({"attributes": [{"group": "care"}]}, {"care_iron", "care_wash"}),
        ({"attributes": ["care_*", "description"], "exclude": ["*iron"]}, {"care_wash", "description"}),
        ({"all": True, "exclude": [{"group": "care"}]}, {"description", "hologram"}),
        ({"attributes": ["care_wash"], "names": "label"}, {"Washing"}),
        ({}, set()),
    ],
)
def test_which_attributes_become_custom_fields(tmp_path: Path, chosen: JsonObject, expected: set[str]) -> None:
    codes = ("care_wash", "care_iron", "description", "hologram")
    fields, _ = custom_fields(tmp_path, {code: [value("x")] for code in codes}, chosen)
    assert set(fields) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (WEIGHT, 1.5),
        ({"amount": "1", "unit": "KILOGRAM"}, 1),
        ({"amount": "0.1234", "unit": "GRAM"}, 0.0001234),
        ({"amount": "3", "unit": "STONE"}, None),
    ],
)
def test_measurements_in_one_unit(tmp_path: Path, data: Any, expected: float | None) -> None:
    chosen = mapper(
        tmp_path, settings={"units": {"Weight": "KILOGRAM"}}, product={"weight": "weight", "depth": "pieces"}
    )
    mapped = chosen.product(product(values={"weight": [value(data)]}))
    assert mapped.payload.get("weight") == expected
    reasons = [] if expected else ["weight cannot be converted from STONE to KILOGRAM"]
    assert [warning.reason for warning in mapped.warnings] == reasons


@pytest.mark.parametrize(
    ("amount", "unit", "target", "expected"),
    [
        ("32", "FAHRENHEIT", "CELSIUS", "0"),
        ("100", "CELSIUS", "FAHRENHEIT", "212"),
        ("0", "KELVIN", "CELSIUS", "-273.15"),
        ("451", "FAHRENHEIT", "KELVIN", "505.927777778"),
    ],
)
def test_conversion_follows_the_operations_of_the_units(amount: str, unit: str, target: str, expected: str) -> None:
    units = units_of(dict(documents()["measurement_family"])["Temperature"])
    assert convert(Decimal(amount), units[unit], units[target]) == Decimal(expected)


def test_a_unit_that_divides_by_zero_converts_nothing() -> None:
    units = units_of({"units": {code: {"convert_from_standard": [{"operator": "div", "value": "0"}]} for code in "ab"}})
    assert convert(Decimal(1), units["a"], units["b"]) is None
