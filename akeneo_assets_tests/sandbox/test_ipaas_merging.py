"""The other interpretation of a PUT: fields that a request leaves out do not change."""

from __future__ import annotations

from typing import Any

import pytest

from akeneo_assets.sandbox.ipaas.switches import CustomFieldForm, FieldForm
from akeneo_assets_tests.sandbox.ipaas_client import PRODUCT, SHIRT, Client


def _category(ipaas: Client, name: str) -> int:
    created: dict[str, Any] = ipaas.accepted("POST", "Category", {"name": name})
    return int(created["id"])


def test_a_merging_put_keeps_the_fields_that_it_does_not_contain(ipaas: Client) -> None:
    ipaas.state.put_merges = True
    ipaas.state.define_custom_fields(["Material", "Brand"])
    first, second = _category(ipaas, "first"), _category(ipaas, "second")
    product = ipaas.accepted(
        "POST",
        "Product",
        {
            **PRODUCT,
            "description": "Of oak",
            "barcode": "4006",
            "categories": [{"id": first}],
            "custom_fields": [{"custom_field_name": "Material", "value": "oak"}],
        },
    )
    place = f"Product/{product['id']}"
    changed = {
        **PRODUCT,
        "barcode": None,
        "categories": [{"id": second}],
        "custom_fields": [{"custom_field_name": "Brand", "value": "Vitra"}],
    }
    after = ipaas.accepted("PUT", place, changed)
    assert after["description"] == "Of oak"
    assert "barcode" not in after
    assert {category["category_id"] for category in after["categories"]} == {first, second}
    assert {field["custom_field_name"] for field in after["custom_fields"]} == {"Material", "Brand"}
    ipaas.accepted("DELETE", f"ProductCategory/{product['id']}|{first}")
    assert [each["category_id"] for each in ipaas.accepted("GET", place)["categories"]] == [second]


def test_a_merging_put_keeps_variants_and_replaces_the_lists_that_it_contains(ipaas: Client) -> None:
    ipaas.state.put_merges = True
    ipaas.accepted("POST", "Product", {**PRODUCT, "sku": "leg"})
    kit = {"sku": "chair", "type": "Basic", "components": [{"sku": "leg", "quantity": 4}]}
    chair = ipaas.accepted("POST", "Product", {**PRODUCT, "kit": kit})
    emptied = {**kit, "id": chair["kit"]["id"], "components": []}
    assert ipaas.accepted("PUT", f"Product/{chair['id']}", {**PRODUCT, "kit": emptied})["kit"]["components"] == []
    assert "kit" not in ipaas.accepted("PUT", f"Product/{chair['id']}", {**PRODUCT, "kit": None})
    shirt = ipaas.accepted("POST", "Product", SHIRT)
    first, second = shirt["variants"]
    changed = {"id": first["id"], "sku": first["sku"], "barcode": "1", "options": first["options"]}
    after = ipaas.accepted(
        "PUT", f"Product/{shirt['id']}", {**SHIRT, "options": shirt["options"], "variants": [changed]}
    )
    assert [variant["id"] for variant in after["variants"]] == [first["id"], second["id"]]
    assert after["variants"][0]["barcode"] == "1"


@pytest.mark.parametrize("merges", [True, False])
@pytest.mark.parametrize("form", [None, "null", "text"])
@pytest.mark.parametrize("sent", [None, ""])
def test_a_merging_put_empties_a_field_by_some_forms(
    ipaas: Client, form: FieldForm | None, sent: str | None, *, merges: bool
) -> None:
    ipaas.state.put_merges = merges
    ipaas.state.switches.emptied_by = frozenset({form} if form else ())
    product = ipaas.accepted("POST", "Product", {**PRODUCT, "barcode": "4006"})

    after = ipaas.accepted("PUT", f"Product/{product['id']}", {**PRODUCT, "barcode": sent})

    is_emptied = not merges or form == {None: "null", "": "text"}[sent]
    assert after.get("barcode") == (sent if is_emptied else "4006")


_FORMS: dict[CustomFieldForm, list[Any]] = {
    "left out": [{"custom_field_name": "Brand", "value": "Vitra"}],
    "empty list": [],
    "null": [{"custom_field_name": "Material", "value": None}],
    "text": [{"custom_field_name": "Material", "value": ""}],
}


@pytest.mark.parametrize("works", [True, False])
@pytest.mark.parametrize("form", _FORMS)
def test_a_merging_put_empties_a_custom_field_by_some_forms(
    ipaas: Client, form: CustomFieldForm, *, works: bool
) -> None:
    ipaas.state.put_merges = True
    ipaas.state.switches.custom_fields_emptied_by = frozenset({form}) if works else frozenset()
    ipaas.state.define_custom_fields(["Material", "Brand"])
    material, brand = {"custom_field_name": "Material", "value": "oak"}, _FORMS["left out"][0]
    body = {**PRODUCT, "custom_fields": [material, brand]}
    place = f"Product/{ipaas.accepted('POST', 'Product', body)['id']}"

    if form in {"left out", "empty list"} or works:
        after = ipaas.accepted("PUT", place, {**PRODUCT, "custom_fields": _FORMS[form]})
    else:
        assert ipaas.refused("PUT", place, {**PRODUCT, "custom_fields": _FORMS[form]}) == (400, "VALD-1002")
        after = ipaas.accepted("GET", place)

    emptied = {"Material", "Brand"} if form == "empty list" else {"Material"}
    left = {"Material", "Brand"} - (emptied if works else set())
    assert {each["custom_field_name"] for each in after["custom_fields"]} == left


def test_a_variant_and_a_category_are_emptied_by_the_same_forms(ipaas: Client) -> None:
    ipaas.state.put_merges = True
    ipaas.state.switches.custom_fields_emptied_by = frozenset({"null"})
    given = [{"custom_field_name": "Material", "value": "oak"}]
    emptied = [{"custom_field_name": "Material", "value": None}]
    for table in ("product variant", "product category"):
        ipaas.state.define_custom_fields(["Material"], table)
    shirt = ipaas.accepted("POST", "Product", {**SHIRT, "variants": [{**SHIRT["variants"][0], "custom_fields": given}]})
    category = ipaas.accepted("POST", "Category", {"name": "Chairs", "custom_fields": given})
    variant = {**SHIRT["variants"][0], "id": shirt["variants"][0]["id"]}

    for fields, left in ((), given), (emptied, []):
        body = {**variant, "custom_fields": fields}
        assert ipaas.accepted("PUT", f"Product/Variant/{shirt['id']}", body)["custom_fields"] == left
        body = {"name": "Chairs", "custom_fields": fields}
        assert ipaas.accepted("PUT", f"Category/{category['id']}", body)["custom_fields"] == left
