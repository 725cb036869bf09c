"""The other interpretation of a PUT: fields that a request leaves out do not change."""

from __future__ import annotations

from typing import Any

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
