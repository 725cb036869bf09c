from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from akeneo_assets.errors import RecordError
from akeneo_assets.mapping.catalogue.structure import Structure
from akeneo_assets.mapping.file.load import load_mapping
from akeneo_assets.mapping.record.mapped_record import Reference
from akeneo_assets.mapping.record.mapper import Mapper
from akeneo_assets_tests.mapping.catalogue import mapper, mapping, model, product, shirt, structure, value

if TYPE_CHECKING:
    from pathlib import Path


def test_a_simple_product_with_the_default_mapping() -> None:
    values = {"name": [value("Chapeau", "de_DE", "shop"), value("Hat", "en_US", "shop")], "description": [value("x")]}
    mapped = mapper().product(product(categories=["winter", "hats", "winter"], values=values))
    assert (mapped.kind, mapped.key, mapped.sku) == ("product", "u-1", "hat-1")
    assert mapped.payload == {
        "sku": "hat-1",
        "name": "Hat",
        "type": "Physical",
        "tracking_method": "Product",
        "status": "Active",
        "default_price": 0,
        "custom_fields": [{"custom_field_name": "Family", "value": "clothing"}],
    }
    assert mapped.categories == (Reference("category", "hats"), Reference("category", "winter"))
    assert (mapped.components, mapped.kit, mapped.related, mapped.warnings) == ((), None, (), ())


def test_the_default_mapping_needs_no_structure() -> None:
    mapped = Mapper(load_mapping(), Structure(), "UUID").product({"uuid": "u-1"})
    assert (mapped.sku, mapped.payload["name"], mapped.payload["default_price"]) == ("u-1", "u-1", 0)


@pytest.mark.parametrize(
    ("names", "family", "identifier", "expected"),
    [
        ([value("Hat", "en_US", "shop"), value("Hut", "de_DE", "shop")], "clothing", "hat-1", "Hat"),
        ([value("Hut", "de_DE", "shop")], "clothing", "hat-1", "Hut"),
        ([value("Hattu", "fi_FI", "shop"), value("Cappello", "it_IT", "shop")], "clothing", "hat-1", "Hattu"),
        ([value("Hat on TV", "en_US", "tv")], "clothing", "hat-1", "hat-1"),
        ([], "clothing", "hat-1", "hat-1"),
        ([], "clothing", None, "u-1"),
        ([value("Hat", "en_US", "shop")], None, "hat-1", "hat-1"),
        ([value("Hat", "en_US", "shop")], "unknown", "hat-1", "hat-1"),
        ([value("Hat", "en_US", "shop")], "parts", "hat-1", "hat-1"),
    ],
)
def test_the_name_of_a_product(names: list[Any], family: str | None, identifier: str | None, expected: str) -> None:
    document = product(identifier=identifier, family=family, values={"name": names})
    assert mapper().product(document).payload["name"] == expected


def test_a_fallback_locale_of_the_name_takes_precedence_over_others(tmp_path: Path) -> None:
    names = [value("Hat", "en_US", "shop"), value("Hut", "de_DE", "shop")]
    chosen = mapper(tmp_path, settings={"locale": "fr_FR", "locale_fallbacks": ["en_US"]})
    assert chosen.product(product(values={"name": names})).payload["name"] == "Hat"


def test_sku_and_key() -> None:
    on_identifier_lists = {"uuid": "u-1", "identifier": "hat-1", "values": []}
    nameless = product(identifier=None)
    assert mapper().product(on_identifier_lists).sku == "hat-1"
    assert mapper().product(nameless).sku == "u-1"
    by_identifier = mapper(product_id_format="Identifier")
    assert by_identifier.product(on_identifier_lists).key == "hat-1"
    assert by_identifier.product(product(identifier=None, values={"sku": [value(4711)]})).key == "4711"
    with pytest.raises(RecordError, match="product u-1 has no identifier") as raised:
        by_identifier.product(nameless)
    assert raised.value.code == "missing_identifier"
    with pytest.raises(RecordError, match="has no uuid") as raised:
        mapper().product({"identifier": "hat-1"})
    assert raised.value.code == "missing_uuid"


def test_status() -> None:
    assert mapper().product(product(enabled=False)).payload["status"] == "Disabled"


@pytest.mark.parametrize(
    ("attribute", "data", "expected"),
    [
        ("price", [{"amount": "19.99", "currency": "EUR"}, {"amount": "21.10", "currency": "USD"}], 19.99),
        ("price", [{"amount": "21.10", "currency": "USD"}], 0),
        ("pieces", "7.1000", 7.1),
        (None, None, 0),
    ],
)
def test_the_price(tmp_path: Path, attribute: str | None, data: Any, expected: float) -> None:
    chosen = mapper(tmp_path, settings={"price_attribute": attribute, "currency": "EUR", "missing_price": "zero"})
    values = {} if attribute is None else {attribute: [value(data)]}
    assert chosen.product(product(values=values)).payload["default_price"] == expected


def test_a_missing_price_is_reported(tmp_path: Path) -> None:
    chosen = mapper(tmp_path, settings={"price_attribute": "price", "missing_price": "zero"})
    mapped = chosen.product(product(values={"price": [value([{"amount": "1", "currency": "EUR"}])]}))
    assert [(warning.field, warning.attribute, warning.reason) for warning in mapped.warnings] == [
        ("default_price", "price", "price has no price in USD")
    ]


def test_a_missing_required_value_is_reported_with_field_and_source(tmp_path: Path) -> None:
    chosen = mapper(tmp_path, product={"name": "description"})
    with pytest.raises(RecordError, match="requires name, but description has no value") as raised:
        chosen.product(product())
    assert raised.value.code == "missing_value"


def test_custom_fields_leave_out_attributes_that_are_mapped_elsewhere(tmp_path: Path) -> None:
    values = {
        "name": [value("Hat", "en_US", "shop")],
        "description": [value("Soft")],
        "price": [value([{"amount": "5", "currency": "USD"}])],
        "pieces": [value(3)],
        "color": [value("blue")],
        "washable": [value(data=False)],
    }
    chosen = mapper(
        tmp_path,
        settings={"price_attribute": "price"},
        product={"description": "description", "custom_fields": {"all": True, "fields": {"Pieces": "pieces"}}},
    )
    mapped = chosen.product(product(values=values))
    assert mapped.payload["custom_fields"] == [
        {"custom_field_name": "Family", "value": "clothing"},
        {"custom_field_name": "Pieces", "value": 3},
        {"custom_field_name": "color", "value": "Blue"},
        {"custom_field_name": "washable", "value": False},
    ]


def test_custom_fields_without_a_value_are_left_out(tmp_path: Path) -> None:
    chosen = mapper(tmp_path, product={"custom_fields": {"attributes": ["color"]}})
    assert "custom_fields" not in chosen.product(product(family=None)).payload


def test_stock_and_units(tmp_path: Path) -> None:
    chosen = mapper(
        tmp_path,
        inventory=[
            {"location_id": {"static": "1"}, "qty_on_hand": "pieces"},
            {"location_id": {"static": "2"}, "qty_on_hand": "weight"},
        ],
        unit=[{"name": {"static": "Box"}, "conversion": {"field": "weight", "default": 12}}],
    )
    mapped = chosen.product(product(values={"pieces": [value(3)]}))
    assert mapped.payload["inventory"] == [{"location_id": "1", "qty_on_hand": 3}]
    assert mapped.payload["units"] == [{"name": "Box", "conversion": 12}]
    assert "inventory" not in chosen.product(product()).payload


def test_stock_by_the_name_of_the_location(tmp_path: Path) -> None:
    rows = [
        {"location": {"static": "Main"}, "qty_on_hand": "pieces", "qty_available": {"formula": "pieces - 1"}},
        {"location": "fabric", "qty_on_hand": "pieces"},
    ]
    chosen = mapper(tmp_path, inventory=rows)
    values = {"pieces": [value(3)], "fabric": [value("Outlet")]}
    assert chosen.product(product(values=values)).payload["inventory"] == [
        {"location": "Main", "qty_on_hand": 3, "qty_available": 2},
        {"location": "Outlet", "qty_on_hand": 3},
    ]
    with pytest.raises(RecordError, match=r"inventory\[1\].location, but fabric has no value"):
        chosen.product(product(values={"pieces": [value(3)]}))


def test_alternate_ids_of_all_three_objects(tmp_path: Path) -> None:
    rows = [{"alternate_id_type_id": {"static": 7}, "alternate_id": "description", "unit": {"static": "Each"}}]
    chosen = mapper(tmp_path, alternate_id=rows)
    values = {"description": [value("4001234567890")]}
    expected = [{"alternate_id_type_id": "7", "alternate_id": "4001234567890", "unit": "Each"}]
    assert chosen.product(product(values=values)).payload["alternate_ids"] == expected
    assert "alternate_ids" not in chosen.product(product()).payload
    tree = chosen.tree(model(values=values), [], [shirt("u-1", "red", "s", values=values)])
    assert tree.payload["alternate_ids"] == tree.variants[0].payload["alternate_ids"] == expected


def test_units_of_sale_from_a_measurement(tmp_path: Path) -> None:
    rows = [{"name": {"field": "weight", "form": "unit"}, "conversion": "weight", "sale_price": "price"}]
    chosen = mapper(tmp_path, unit=rows)
    values = {
        "weight": [value({"amount": "12.0000", "unit": "GRAM"})],
        "price": [value([{"amount": "5", "currency": "USD"}])],
    }
    expected = [{"name": "GRAM", "conversion": 12, "sale_price": 5}]
    assert chosen.product(product(values=values)).payload["units"] == expected
    assert chosen.tree(model(values=values), [], []).payload["units"] == expected
    assert "units" not in chosen.product(product()).payload


def test_the_fingerprint_follows_mapping_structure_and_id_format(tmp_path: Path) -> None:
    assert mapper().fingerprint == mapper().fingerprint
    others = [
        mapper(product_id_format="Identifier"),
        mapper(tmp_path, settings={"locale": "de_DE"}),
        Mapper(load_mapping(), structure(channel=[]), "UUID"),
        Mapper(mapping(tmp_path, kit={"description": "$label"}), structure(), "UUID"),
    ]
    assert len({each.fingerprint for each in [mapper(), *others]}) == 5
