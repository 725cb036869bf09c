"""Field inventories: the exact fields of each body."""

from __future__ import annotations

from typing import Any

import pytest

from akeneo_assets.documents import JsonObject
from akeneo_assets_tests.contracts.akeneo_api import AkeneoApi, search

PRODUCT = {
    "uuid",
    "enabled",
    "family",
    "categories",
    "groups",
    "parent",
    "values",
    "created",
    "updated",
    "associations",
    "quantified_associations",
    "metadata",
}
MODEL = {
    "code",
    "family",
    "family_variant",
    "parent",
    "categories",
    "values",
    "created",
    "updated",
    "associations",
    "quantified_associations",
}
ATTRIBUTE = {
    "code",
    "type",
    "labels",
    "group",
    "group_labels",
    "sort_order",
    "localizable",
    "scopable",
    "available_locales",
    "unique",
    "useable_as_grid_filter",
    "max_characters",
    "validation_rule",
    "validation_regexp",
    "wysiwyg_enabled",
    "number_min",
    "number_max",
    "decimals_allowed",
    "negative_allowed",
    "metric_family",
    "default_metric_unit",
    "date_min",
    "date_max",
    "allowed_extensions",
    "max_file_size",
    "minimum_input_length",
    "reference_data_name",
    "guidelines",
    "auto_option_sorting",
    "default_value",
    "is_main_identifier",
}
FAMILY = {"code", "attributes", "attribute_as_label", "attribute_as_image", "attribute_requirements", "labels"}
FAMILY_VARIANT = {"code", "labels", "variant_attribute_sets", "common_attributes"}
CHANNEL = {"code", "currencies", "locales", "category_tree", "conversion_units", "labels"}
ASSET_FAMILY = {
    "code",
    "labels",
    "attribute_as_main_media",
    "naming_convention",
    "product_link_rules",
    "transformations",
}
ASSET = {"code", "asset_family_code", "values", "created", "updated"}

LISTS: list[tuple[str, dict[str, Any], set[str]]] = [
    ("products-uuid", {}, PRODUCT),
    ("products", {}, PRODUCT | {"identifier"}),
    ("products-uuid", {"with_completenesses": "true"}, PRODUCT | {"completenesses"}),
    ("products-uuid", {"with_quality_scores": "true"}, PRODUCT | {"quality_scores"}),
    ("products-uuid", {"with_root_parent": "true"}, PRODUCT | {"root_parent"}),
    # `True` from a Python client is not `true`, and silently means off.
    ("products-uuid", {"with_completenesses": "True"}, PRODUCT),
    ("product-models", {}, MODEL),
    ("product-models", {"with_quality_scores": "true"}, MODEL | {"quality_scores"}),
    ("categories", {}, {"code", "parent", "updated", "labels"}),
    (
        "categories",
        {"with_position": "true", "with_enriched_attributes": "true"},
        {"code", "parent", "updated", "labels", "position", "values"},
    ),
    ("attributes", {}, ATTRIBUTE),
    ("attributes/color/options", {}, {"code", "attribute", "sort_order", "labels"}),
    ("attribute-groups", {}, {"code", "sort_order", "attributes", "labels"}),
    ("families", {}, FAMILY),
    ("families/clothing/variants", {}, FAMILY_VARIANT),
    ("association-types", {}, {"code", "labels", "is_quantified", "is_two_way"}),
    ("channels", {}, CHANNEL),
    ("locales", {}, {"code", "enabled"}),
    ("currencies", {}, {"code", "enabled"}),
    ("reference-entities", {}, {"code", "labels", "image"}),
    ("reference-entities/designers/records", {}, {"code", "values", "created", "updated"}),
    ("asset-families", {}, ASSET_FAMILY),
    ("asset-families/product_pictures/assets", {}, ASSET),
]


@pytest.mark.parametrize(("path", "parameters", "fields"), LISTS)
def test_items_of_lists(akeneo: AkeneoApi, path: str, parameters: dict[str, str], fields: set[str]) -> None:
    items = akeneo.items(path, **parameters)
    assert items
    for item in items:
        assert item.keys() == fields | {"_links"}
        assert item["_links"]["self"]["href"].startswith(f"{akeneo.sandbox.akeneo_url}/api/rest/v1/")


SINGLE: list[tuple[str, set[str]]] = [
    ("products/linen-shirt-white-s", PRODUCT | {"identifier"}),
    ("product-models/linen-shirt", MODEL),
    ("categories/master", {"code", "parent", "updated", "labels"}),
    ("attributes/name", ATTRIBUTE),
    ("attributes/color/options/white", {"code", "attribute", "sort_order", "labels"}),
    ("families/clothing", FAMILY),
    ("families/clothing/variants/clothing_color_size", FAMILY_VARIANT),
    ("association-types/PRODUCTSET", {"code", "labels", "is_quantified", "is_two_way"}),
    ("channels/print", CHANNEL),
    ("locales/en_US", {"code", "enabled"}),
    ("currencies/EUR", {"code", "enabled"}),
    ("reference-entities/designers", {"code", "labels", "image"}),
    ("reference-entities/designers/records/aino_lund", {"code", "values", "created", "updated"}),
    ("asset-families/product_pictures", ASSET_FAMILY),
    ("asset-families/product_pictures/assets/linen_field", ASSET),
    ("system-information", {"version", "edition"}),
]


@pytest.mark.parametrize(("path", "fields"), SINGLE)
def test_single_records(akeneo: AkeneoApi, path: str, fields: set[str]) -> None:
    assert akeneo.document(path).keys() == fields


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("measurement-families", {"code", "labels", "standard_unit_code", "units"}),
        ("reference-entities/designers/attributes", {"code", "labels", "type", "value_per_locale"}),
        ("asset-families/product_pictures/attributes", {"code", "labels", "type", "value_per_locale"}),
    ],
)
def test_some_lists_are_plain_arrays(akeneo: AkeneoApi, path: str, fields: set[str]) -> None:
    body = akeneo.document(path)
    assert isinstance(body, list)
    assert all(fields <= document.keys() for document in body)


def test_the_root_lists_the_routes_without_a_token(akeneo: AkeneoApi) -> None:
    del (session := AkeneoApi(akeneo.sandbox).session).headers["Authorization"]
    body = session.get(f"{akeneo.sandbox.akeneo_url}/api/rest/v1", timeout=10).json()
    session.close()
    assert body.keys() == {"host", "authentication", "routes"}
    assert body["routes"]["pim_api_product_uuid_list"]["route"] == "/api/rest/v1/products-uuid"


def test_the_specification_of_the_community_edition_has_fewer_fields(editable: AkeneoApi) -> None:
    editable.switches.edition = "CE"
    body = editable.product("linen-shirt-white-s")
    assert body.keys() == PRODUCT - {"metadata"}
    assert body["values"]["color"] == [{"locale": None, "scope": None, "data": "white"}]


VALUES: list[tuple[str, str, JsonObject]] = [
    ("linen-shirt-white-s", "sku", {"data": "linen-shirt-white-s", "attribute_type": "pim_catalog_identifier"}),
    ("linen-shirt-white-s", "size", {"data": "s", "attribute_type": "pim_catalog_simpleselect"}),
    ("linen-shirt-white-s", "material", {"data": ["linen"], "attribute_type": "pim_catalog_multiselect"}),
    ("linen-shirt-white-s", "organic", {"data": True, "attribute_type": "pim_catalog_boolean"}),
    ("linen-shirt-white-s", "stock_quantity", {"data": 12, "attribute_type": "pim_catalog_number"}),
    ("serving-bowl", "customer_rating", {"data": "4.7500", "attribute_type": "pim_catalog_number"}),
    (
        "oak-table-180",
        "length",
        {"data": {"amount": "180.0000", "unit": "CENTIMETER"}, "attribute_type": "pim_catalog_metric"},
    ),
    (
        "import-vase",
        "price",
        {"data": [{"amount": "27.50", "currency": "USD"}], "attribute_type": "pim_catalog_price_collection"},
    ),
    (
        "picnic-blanket",
        "release_date",
        {"data": "2026-05-01T00:00:00+00:00", "attribute_type": "pim_catalog_date"},
    ),
    (
        "dining-chair-aino-lund",
        "designer",
        {"data": "aino_lund", "attribute_type": "akeneo_reference_entity", "reference_data_name": "designers"},
    ),
]


@pytest.mark.parametrize(("identifier", "attribute", "entry"), VALUES)
def test_values_by_type(akeneo: AkeneoApi, identifier: str, attribute: str, entry: JsonObject) -> None:
    assert akeneo.product(identifier)["values"][attribute] == [{"locale": None, "scope": None, **entry}]


def test_files_link_to_their_download(akeneo: AkeneoApi) -> None:
    [entry] = akeneo.product("fjord-sofa-sand")["values"]["assembly_guide"]
    path = f"/api/rest/v1/media-files/{entry['data']}/download"
    assert entry["_links"] == {"download": {"href": akeneo.sandbox.akeneo_url + path}}


def test_linked_data_has_different_formats_for_one_and_for_several_options(akeneo: AkeneoApi) -> None:
    values = akeneo.product("linen-shirt-white-s", with_attribute_options="true")["values"]
    white = {"attribute": "color", "code": "white", "labels": {"en_US": "White", "fr_FR": "Blanc", "de_DE": "Weiß"}}
    assert values["color"][0]["linked_data"] == white
    assert values["material"][0]["linked_data"].keys() == {"linen"}
    assert values["material"][0]["linked_data"]["linen"]["code"] == "linen"


def test_values_of_categories_have_their_own_format(akeneo: AkeneoApi) -> None:
    values = akeneo.document("categories/ss26_linen", with_enriched_attributes="true")["values"]
    for key, entry in values.items():
        assert entry.keys() == {"data", "type", "channel", "locale", "attribute_code"}
        assert key == "|".join(filter(None, (entry["attribute_code"], entry["channel"], entry["locale"])))
    assert {entry["data"] for entry in values.values()} == {"Light as June", "Léger comme juin", "linen-weeks"}


def test_records_have_a_channel_where_products_have_a_scope(akeneo: AkeneoApi) -> None:
    values = akeneo.document("reference-entities/designers/records/aino_lund")["values"]
    assert values["label"] == [{"locale": "en_US", "channel": None, "data": "Aino Lund"}]


def test_family_variants_show_which_attributes_belong_to_which_level(akeneo: AkeneoApi) -> None:
    body = akeneo.document("families/clothing/variants/clothing_color_size")
    assert [(level["level"], level["axes"]) for level in body["variant_attribute_sets"]] == [
        (1, ["color"]),
        (2, ["size"]),
    ]
    assert "name" in body["common_attributes"]


def test_units_are_converted_to_the_standard_unit(akeneo: AkeneoApi) -> None:
    weights = next(family for family in akeneo.document("measurement-families") if family["code"] == "Weight")
    assert weights["standard_unit_code"] == "KILOGRAM"
    assert weights["units"]["GRAM"]["convert_from_standard"] == [{"operator": "mul", "value": "0.001"}]


@pytest.mark.parametrize("switch", [True, False])
def test_empty_maps_can_be_lists(editable: AkeneoApi, *, switch: bool) -> None:
    editable.switches.lists_for_empty_maps = switch
    empty: list[str] | dict[str, str] = [] if switch else {}
    assert editable.product("mug-white")["quantified_associations"] == empty
    editable.edit.save_category("nameless", {"parent": "home"})
    assert editable.document("categories/nameless")["labels"] == empty


def test_codes_can_be_numbers(editable: AkeneoApi) -> None:
    editable.switches.numeric_codes_as_integers = True
    assert 2026 in [category["code"] for category in editable.items("categories")]
    assert editable.document("categories/ss26")["parent"] == 2026
    # PHP keeps codes that would look different as a number.
    assert editable.document("products/0042")["identifier"] == "0042"


def test_dates_are_in_the_time_zone_of_the_server(editable: AkeneoApi) -> None:
    editable.switches.time_zone = "Europe/Paris"
    body = editable.product("picnic-blanket")
    assert body["values"]["release_date"][0]["data"] == "2026-05-01T00:00:00+02:00"
    assert body["created"].endswith("+01:00")


def test_searches_on_structure(akeneo: AkeneoApi) -> None:
    def codes(path: str, **criteria: Any) -> set[str]:
        return {item["code"] for item in akeneo.items(path, search=search(**criteria))}

    assert codes("attributes", type=("IN", ["pim_catalog_identifier"])) == {"sku"}
    assert codes("attributes", is_main_identifier=("=", True)) == {"sku"}
    assert codes("attributes", code=("IN", ["name", "x"])) == {"name"}
    assert codes("families", has_products=("=", False)) == set()
    assert codes("locales", enabled=("=", True)) == {"en_US", "fr_FR", "de_DE"}
    assert codes("currencies", enabled=("=", True)) == {"EUR", "USD"}
    assert codes("families", updated=(">", "2027-01-01T00:00:00Z")) == set()
    assert codes("attribute-groups", updated=(">", "2020-01-01T00:00:00+00:00")) >= {"general", "media"}
    records = "reference-entities/designers/records"
    found = akeneo.document(records, search=search(code=("IN", ["aino_lund", "x"])))["_embedded"]["items"]
    assert [record["code"] for record in found] == ["aino_lund"]
