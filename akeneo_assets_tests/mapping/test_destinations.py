"""Every attribute type, localizable or not, scopable or not, in every kind of destination."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from akeneo_assets.mapping.record.mapper import Mapper
from akeneo_assets_tests.mapping.catalogue import family_variant, mapping, model, product, structure, value

if TYPE_CHECKING:
    from pathlib import Path

# attribute, data, as text, as number, as custom field, as result of a formula
ROWS: list[tuple[str, Any, Any, Any, Any, Any]] = [
    ("sku", "0042", "0042", 42, "0042", "0042"),
    ("name", "Straw hat", "Straw hat", None, "Straw hat", "Straw hat"),
    ("description", "12,5 <b>kg</b>", "12,5 <b>kg</b>", None, "12,5 <b>kg</b>", "12,5 <b>kg</b>"),
    ("washable", True, "Yes", None, True, True),
    ("washable", False, "No", None, False, False),
    ("pieces", 9007199254740993, "9007199254740993", 9007199254740993, 9007199254740993, 9007199254740993),
    ("pieces", "0.1000", "0.1", 0.1, 0.1, 0.1),
    ("pieces", "-12.0000", "-12", -12, -12, -12),
    ("weight", {"amount": "2500.0000", "unit": "GRAM"}, "2.5 KILOGRAM", 2.5, "2.5 KILOGRAM", 2.5),
    ("heat", {"amount": 20, "unit": "CELSIUS"}, "20 CELSIUS", 20, "20 CELSIUS", 20),
    ("price", [{"amount": "19.90", "currency": "USD"}], "19.9", 19.9, 19.9, 19.9),
    ("release", "2026-03-01T00:00:00+14:00", "2026-03-01", None, "2026-03-01", "2026-03-01"),
    ("color", "blue", "Blue", None, "Blue", "blue"),
    ("materials", ["wool", "silk"], "Silk, Wool", None, "Silk, Wool", "silk, wool"),
    ("manual", "f/2/manual.pdf", "f/2/manual.pdf", None, "f/2/manual.pdf", "f/2/manual.pdf"),
    ("picture", "a/b.jpg", "a/b.jpg", None, "a/b.jpg", "a/b.jpg"),
    ("designer", "eames", "Ray Eames", None, "Ray Eames", "eames"),
    ("team", ["rams", "eames"], "rams, Ray Eames", None, "rams, Ray Eames", "rams, eames"),
    ("media", ["front", "back"], "front, back", None, "front, back", "front, back"),
    ("fabric", "linen", "linen", None, "linen", "linen"),
    ("fabrics", ["linen", "denim"], "denim, linen", None, "denim, linen", "denim, linen"),
    ("nutrition", [{"kcal": 12}], '[{"kcal":12}]', None, '[{"kcal":12}]', '[{"kcal":12}]'),
    ("successor", {"type": "product", "id": "u-9"}, "u-9", None, "u-9", "u-9"),
]
PLACES = [(None, None), ("en_US", None), (None, "shop"), ("en_US", "shop")]


@pytest.fixture(scope="module")
def mappers(tmp_path_factory: pytest.TempPathFactory) -> Any:
    @cache
    def mapper_of(code: str) -> Mapper:
        lines: Any = {
            "settings": {"units": {"Weight": "KILOGRAM"}},
            "product": {
                "tax_class": code,
                "weight": code,
                "custom_fields": {
                    "fields": {"Family": None, "formula": {"formula": f"value('{code}')"}},
                    "attributes": [code],
                },
            },
        }
        folder: Path = tmp_path_factory.mktemp("mapping")
        return Mapper(mapping(folder, **lines), structure(), "UUID")

    return mapper_of


@pytest.mark.parametrize(("locale", "scope"), PLACES)
@pytest.mark.parametrize(("code", "data", "text", "number", "custom", "calculated"), ROWS)
def test_the_value_is_sent(
    mappers: Any,
    code: str,
    data: Any,
    text: Any,
    number: Any,
    custom: Any,
    calculated: Any,
    locale: str | None,
    scope: str | None,
) -> None:
    entries = [value("other", "it_IT", scope), value(data, locale, scope), value("other", locale, "tv")]
    mapped = mappers(code).product(product(identifier=None, values={code: entries}))
    fields = {each["custom_field_name"]: each["value"] for each in mapped.payload["custom_fields"]}
    found = [mapped.payload.get("tax_class"), mapped.payload.get("weight"), fields.get(code), fields.get("formula")]
    assert found == [text, number, custom, calculated]
    assert [type(each) for each in found] == [type(each) for each in (text, number, custom, calculated)]
    # Only a destination for numbers reports a value that is not a number.
    assert {warning.field for warning in mapped.warnings} == (set() if number is not None else {"weight"})


@pytest.mark.parametrize("code", sorted({row[0] for row in ROWS} - {"sku"}))
def test_empty_values_are_not_sent(mappers: Any, code: str) -> None:
    nothings: list[Any] = [[], {}, None, [value(None)], [value("x", "it_IT", "shop")], [value("x", None, "tv")]]
    for entries in nothings:
        mapped = mappers(code).product(product(values={code: entries}))
        assert "custom_fields" not in mapped.payload
        assert "tax_class" not in mapped.payload
        assert "weight" not in mapped.payload
        assert mapped.warnings == ()


LOOKED_UP = {
    "washable": {True: "true", False: "false"},
    "color": "blue",
    "materials": "silk, wool",
    "designer": "eames",
    "team": "rams, eames",
}
"""The key in a lookup table, if it is not the text."""


@pytest.fixture(scope="module")
def row_mappers(tmp_path_factory: pytest.TempPathFactory) -> Any:
    @cache
    def mapper_of(code: str, key: str) -> Mapper:
        lines: Any = {
            "settings": {"units": {"Weight": "KILOGRAM"}},
            "product": {"tax_class": {"lookup": code, "table": {key: "found"}}},
            "inventory": [{"location": {"static": "Main"}, "qty_on_hand": code}],
            "unit": [{"name": code, "conversion": code}],
            "alternate_id": [{"alternate_id_type_id": {"static": 3}, "alternate_id": code}],
        }
        folder: Path = tmp_path_factory.mktemp("mapping")
        return Mapper(mapping(folder, **lines), structure(), "UUID")

    return mapper_of


@pytest.mark.parametrize(("locale", "scope"), PLACES)
@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_the_value_is_sent_in_rows_and_lookups(
    row_mappers: Any, row: tuple[str, Any, Any, Any, Any, Any], locale: str | None, scope: str | None
) -> None:
    code, data, text, number, *_ = row
    entries = [value("other", "it_IT", scope), value(data, locale, scope), value("other", locale, "tv")]
    key = LOOKED_UP.get(code, text)
    mapped = row_mappers(code, key[data] if isinstance(key, dict) else key).product(
        product(identifier=None, values={code: entries})
    )
    conversion = {} if number is None else {"conversion": number}
    assert mapped.payload["tax_class"] == "found"
    assert mapped.payload.get("inventory", []) == (
        [] if number is None else [{"location": "Main", "qty_on_hand": number}]
    )
    assert mapped.payload["units"] == [{"name": text, **conversion}]
    assert mapped.payload["alternate_ids"] == [{"alternate_id_type_id": "3", "alternate_id": text}]
    fields = set() if number is not None else {"inventory[0].qty_on_hand", "units[0].conversion"}
    assert {warning.field for warning in mapped.warnings} == fields


AXES: list[tuple[str, Any, str]] = [
    ("color", "blue", "Blue (blue)"),  # navy has the same label
    ("designer", "eames", "Ray Eames"),
    ("washable", False, "No"),
    ("weight", {"amount": "2500.0000", "unit": "GRAM"}, "2.5 KILOGRAM"),
]


@pytest.mark.parametrize(("locale", "scope"), PLACES)
@pytest.mark.parametrize(("code", "data", "text"), AXES)
def test_the_value_is_sent_as_an_option(
    tmp_path: Path, code: str, data: Any, text: str, locale: str | None, scope: str | None
) -> None:
    known = structure(family_variant=[family_variant("clothing/by_it", [code])])
    chosen = Mapper(mapping(tmp_path, settings={"units": {"Weight": "KILOGRAM"}}), known, "UUID")
    entries = [value("other", "it_IT", scope), value(data, locale, scope), value("other", locale, "tv")]
    tree = chosen.tree(model(variant="by_it"), [], [product(parent="shirt", values={code: entries})])
    assert tree.blocked_variants == ()
    (option,) = tree.payload["options"]
    assert [each["value"] for each in option["values"]] == [text]
    assert tree.variants[0].payload["options"] == [{"option_name": option["option_name"], "value": text}]
