"""Rules of products and variants."""

from __future__ import annotations

from typing import Any

import pytest

from akeneo_assets_tests.sandbox.ipaas_client import COLOURS, PRODUCT, SHIRT, Client, writable


def test_a_created_product_is_returned_complete_with_the_ids_of_all_children(ipaas: Client) -> None:
    shirt = ipaas.accepted("POST", "Product", SHIRT)
    assert isinstance(shirt["id"], int)
    assert [isinstance(variant["id"], str) for variant in shirt["variants"]] == [True, True]
    assert {variant["parent_id"] for variant in shirt["variants"]} == {shirt["id"]}
    (option,) = shirt["options"]
    assert isinstance(option["id"], str)
    assert all(isinstance(value["id"], int) for value in option["values"])
    assert ipaas.accepted("GET", f"Product/{shirt['id']}") == shirt
    assert ipaas.accepted("GET", f"Product/Variant/{shirt['variants'][0]['id']}") == shirt["variants"][0]
    assert ipaas.state.products() == [shirt]
    assert ipaas.state.variants() == shirt["variants"]


def _without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in PRODUCT.items() if name not in names}


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    *((f"without {name}", _without(name), "VALD-1002") for name in PRODUCT),
    ("null name", {**PRODUCT, "name": None}, "VALD-1002"),
    ("empty sku", {**PRODUCT, "sku": ""}, "VALD-1002"),
    ("type", {**PRODUCT, "type": "Fluid"}, "VALD-1025"),
    ("tracking method", {**PRODUCT, "tracking_method": "Serial"}, "VALD-1025"),
    ("status", {**PRODUCT, "status": "active"}, "VALD-1025"),
    ("price as text", {**PRODUCT, "default_price": "10"}, "VALD-1003"),
    ("negative price", {**PRODUCT, "default_price": -1}, "VALD-1025"),
    ("number as name", {**PRODUCT, "name": 5}, "VALD-1003"),
    ("unknown field", {**PRODUCT, "colour": "red"}, "VALD-1003"),
    ("variant with a name", {**PRODUCT, "variants": [{"sku": "v", "name": "V"}]}, "VALD-1003"),
    ("id of our own", {**PRODUCT, "id": 5}, "VALD-1025"),
    ("category", {**PRODUCT, "categories": [{"id": 999}]}, "VALD-1038"),
    ("id is no integer", {**PRODUCT, "categories": [{"id": "shoes"}]}, "VALD-1004"),
    ("id is not positive", {**PRODUCT, "categories": [{"id": 0}]}, "VALD-1005"),
    ("location", {**PRODUCT, "inventory": [{"location_id": 999, "qty_on_hand": 1}]}, "VALD-1038"),
    ("custom field", {**PRODUCT, "custom_fields": [{"custom_field_name": "X", "value": "1"}]}, "VALD-1011"),
    ("null custom field", {**PRODUCT, "custom_fields": [{"custom_field_name": "X", "value": None}]}, "VALD-1002"),
    ("empty custom field", {**PRODUCT, "custom_fields": [{"custom_field_name": "X", "value": ""}]}, "VALD-1002"),
    ("unknown system", {**PRODUCT, "external_ids": [{"system_id": 7, "external_id": "a"}]}, "VALD-1017"),
    ("sku twice", {**PRODUCT, "variants": [{"sku": "chair"}]}, "BIZL-1001"),
    ("value twice", {**PRODUCT, "options": [{"option_name": "A", "values": [{"value": "x"}] * 2}]}, "BIZL-1002"),
    ("option twice", {**PRODUCT, "options": [COLOURS, COLOURS]}, "BIZL-1002"),
    (
        "foreign option",
        {**SHIRT, "variants": [{"sku": "v", "options": [{"option_name": "Size", "value": "Red"}]}]},
        "VALD-1025",
    ),
    (
        "foreign option value",
        {**SHIRT, "variants": [{"sku": "v", "options": [{"option_name": "Colour", "value": "Pink"}]}]},
        "VALD-1025",
    ),
    ("kit without type", {**PRODUCT, "kit": {"sku": "chair"}}, "VALD-1002"),
    ("kit type", {**PRODUCT, "kit": {"sku": "chair", "type": "Bundle"}}, "VALD-1025"),
    ("related target", {**PRODUCT, "related_products": [{"related_id": 9, "related_type": "a"}]}, "VALD-1038"),
    ("related sku", {**PRODUCT, "related_products": [{"related_sku": "x", "related_type": "a"}]}, "VALD-1038"),
    ("related nothing", {**PRODUCT, "related_products": [{"related_type": "a"}]}, "VALD-1002"),
    *(
        (name, {**PRODUCT, "kit": {"sku": "chair", "type": "Basic", "components": [component]}}, code)
        for name, component, code in [
            ("component without sku", {"quantity": 1}, "VALD-1056"),
            ("component with null sku", {"sku": None}, "VALD-1056"),
            ("unknown component", {"sku": "leg"}, "VALD-1038"),
            ("no quantity", {"sku": "leg", "quantity": 0}, "VALD-1025"),
        ]
    ),
]


def test_every_broken_rule_is_refused_with_its_code_and_nothing_is_stored(ipaas: Client) -> None:
    responses = {name: ipaas.refused("POST", "Product", body) for name, body, _ in REFUSED}
    statuses = {"VALD": 400, "BIZL": 409}
    assert responses == {name: (statuses[code[:4]], code) for name, _, code in REFUSED}
    assert ipaas.state.products() == []
    assert ipaas.state.journal == []


def test_a_body_that_is_not_json_is_refused(ipaas: Client) -> None:
    url = f"{ipaas.sandbox.ipaas_url}/products/v2/Catalog/Product"
    headers = {"Content-Type": "application/json"}
    response = ipaas.session.post(url, data="{", headers=headers, timeout=10)
    assert (response.status_code, response.json()["code"]) == (400, "VALD-1003")
    assert ipaas.session.post(url, data="{}", timeout=10).status_code == 415


def test_a_sku_is_unique_among_products_and_variants_and_the_error_names_the_holder(ipaas: Client) -> None:
    shirt = ipaas.accepted("POST", "Product", SHIRT)
    variant_id = shirt["variants"][0]["id"]
    response = ipaas.catalog("POST", "Product", {**PRODUCT, "sku": "shirt-red"})
    assert response.json()["code"] == "BIZL-1004"
    assert f"Id {variant_id} " in response.json()["message"]
    ipaas.state.deactivate(variant_id)
    response = ipaas.catalog("POST", "Product", {**PRODUCT, "sku": "shirt-red"})
    assert response.json()["code"] == "BIZL-1009"
    assert f"Id {variant_id} " in response.json()["message"]


def test_put_with_all_ids_keeps_every_child_and_counts_as_no_op(ipaas: Client) -> None:
    category = ipaas.accepted("POST", "Category", {"name": "Tops"})
    shirt = ipaas.accepted("POST", "Product", {**SHIRT, "categories": [{"id": category["id"]}]})
    assert ipaas.accepted("PUT", f"Product/{shirt['id']}", writable(shirt)) == shirt
    assert ipaas.counters.no_op_writes("product.replace") == 1
    assert ipaas.counters.events("children_recreated") == 0
    changed = {**writable(shirt), "name": "Polo shirt"}
    assert ipaas.accepted("PUT", f"Product/{shirt['id']}", changed) == {**shirt, "name": "Polo shirt"}
    assert ipaas.counters.no_op_writes() == 1


def test_put_without_ids_recreates_children_and_removes_those_left_out(ipaas: Client) -> None:
    external = [{"system_id": 1001, "external_id": "red"}]
    variants = [{**SHIRT["variants"][0], "external_ids": external}, SHIRT["variants"][1]]
    shirt = ipaas.accepted("POST", "Product", {**SHIRT, "variants": variants})
    after = ipaas.accepted("PUT", f"Product/{shirt['id']}", {**SHIRT, "variants": [SHIRT["variants"][0]]})
    assert [variant["sku"] for variant in after["variants"]] == ["shirt-red"]
    assert after["variants"][0]["id"] != shirt["variants"][0]["id"]
    assert after["variants"][0]["external_ids"] == []
    assert ipaas.counters.events("children_recreated") == 2  # the option with its values, and a variant
    assert ipaas.counters.events("children_removed") == 1
    assert ipaas.refused("GET", f"Product/Variant/{shirt['variants'][1]['id']}") == (404, "NFND-1005")
    assert ipaas.accepted("POST", "Product", {**PRODUCT, "sku": "shirt-blue"})


def test_put_drops_fields_that_it_leaves_out(ipaas: Client) -> None:
    chair = ipaas.accepted("POST", "Product", {**PRODUCT, "barcode": "4006381333931", "description": "Oak"})
    after = ipaas.accepted("PUT", f"Product/{chair['id']}", PRODUCT)
    assert "barcode" not in after
    assert "description" not in after


def test_an_existing_option_value_cannot_change(ipaas: Client) -> None:
    shirt = ipaas.accepted("POST", "Product", SHIRT)
    document = writable(shirt)
    document["options"][0]["values"][0]["value"] = "Crimson"
    document["variants"] = []
    assert ipaas.refused("PUT", f"Product/{shirt['id']}", document) == (400, "VALD-1043")


def test_a_child_id_of_another_record_is_refused(ipaas: Client) -> None:
    shirt = ipaas.accepted("POST", "Product", SHIRT)
    chair = ipaas.accepted("POST", "Product", PRODUCT)
    stolen = {**PRODUCT, "variants": [{"id": shirt["variants"][0]["id"], "sku": "chair-red"}]}
    assert ipaas.refused("PUT", f"Product/{chair['id']}", stolen) == (404, "NFND-1005")


def test_one_variant_is_changed_or_added_and_the_others_are_kept(ipaas: Client) -> None:
    shirt = ipaas.accepted("POST", "Product", SHIRT)
    red, blue = shirt["variants"]
    path = f"Product/Variant/{shirt['id']}"
    changed = ipaas.accepted("PUT", path, {**SHIRT["variants"][0], "id": red["id"], "default_price": 12.5})
    assert (changed["id"], changed["default_price"]) == (red["id"], 12.5)
    assert ipaas.refused("PUT", path, SHIRT["variants"][0]) == (409, "BIZL-1004")
    added = ipaas.accepted("PUT", path, {**SHIRT["variants"][0], "sku": "shirt-red-2"})
    assert ipaas.accepted("GET", f"Product/{shirt['id']}")["variants"] == [changed, blue, added]
    unknown_value = {"sku": "shirt-pink", "options": [{"option_name": "Colour", "value": "Pink"}]}
    assert ipaas.refused("PUT", path, unknown_value) == (400, "VALD-1025")
    assert ipaas.refused("PUT", path, {"id": 999_999, "sku": "x"}) == (404, "NFND-1005")
    assert ipaas.refused("PUT", "Product/Variant/999999", {"sku": "x"}) == (404, "NFND-1005")
    assert ipaas.accepted("PUT", path, {**SHIRT["variants"][1], "id": blue["id"]}) == blue
    assert ipaas.counters.no_op_writes("variant.save") == 1


def test_a_deactivated_product_is_hidden_until_it_is_reactivated(ipaas: Client) -> None:
    shirt = ipaas.accepted("POST", "Product", SHIRT)
    assert ipaas.accepted("DELETE", f"Product/{shirt['id']}") == shirt
    assert ipaas.refused("DELETE", f"Product/{shirt['id']}") == (404, "NFND-1005")
    assert ipaas.refused("GET", f"Product/{shirt['id']}") == (404, "NFND-1005")
    assert ipaas.refused("PUT", f"Product/{shirt['id']}", writable(shirt)) == (404, "NFND-1005")
    assert ipaas.accepted("GET", "Products") == []
    assert ipaas.accepted("GET", "Product/Variants?action=equals&Sku=shirt-red") == []
    assert ipaas.accepted("PUT", f"Product/Reactivate/{shirt['id']}") == shirt
    assert ipaas.accepted("GET", f"Product/{shirt['id']}") == shirt


def test_a_deactivated_variant_is_not_part_of_its_product_and_survives_a_put(ipaas: Client) -> None:
    shirt = ipaas.accepted("POST", "Product", SHIRT)
    red, blue = shirt["variants"]
    ipaas.state.deactivate(red["id"])
    without = ipaas.accepted("GET", f"Product/{shirt['id']}")
    assert without["variants"] == [blue]
    ipaas.accepted("PUT", f"Product/{shirt['id']}", writable(without))
    assert ipaas.counters.events("children_removed") == 0
    assert ipaas.accepted("PUT", f"Product/Variant/Reactivate/{red['id']}") == red


def test_kit_components_must_exist_and_be_unique_and_keep_their_ids(ipaas: Client) -> None:
    ipaas.accepted("POST", "Product", PRODUCT)
    shirt = ipaas.accepted("POST", "Product", SHIRT)
    components: list[dict[str, Any]] = [{"sku": "chair", "quantity": 4}, {"sku": "shirt-red"}]
    kit: dict[str, Any] = {"sku": "set", "type": "Basic", "components": components}
    bundle = ipaas.accepted("POST", "Product", {**PRODUCT, "sku": "set", "kit": kit})
    assert [part["quantity"] for part in bundle["kit"]["components"]] == [4, 1]
    assert bundle["kit"]["components"][1]["type"] == "By Parent Qty"
    twice = {**kit, "components": [*components, {"sku": "chair"}]}
    assert ipaas.refused("PUT", f"Product/{bundle['id']}", {**PRODUCT, "sku": "set", "kit": twice}) == (
        409,
        "BIZL-1002",
    )
    ipaas.state.deactivate(shirt["id"])
    assert ipaas.refused("PUT", f"Product/{bundle['id']}", writable(bundle)) == (400, "VALD-1038")


def test_related_products_are_completed_and_unique_by_target_and_type(ipaas: Client) -> None:
    shirt = ipaas.accepted("POST", "Product", SHIRT)
    red = shirt["variants"][0]
    links: list[dict[str, Any]] = [
        {"related_id": shirt["id"], "related_type": "accessories"},
        {"related_sku": "shirt-red", "related_type": "accessories"},
        {"related_sku": "shirt-red", "related_type": "substitution"},
    ]
    chair = ipaas.accepted("POST", "Product", {**PRODUCT, "related_products": links})
    assert [(link["related_id"], link["is_variant"]) for link in chair["related_products"]] == [
        (shirt["id"], False),
        (red["id"], True),
        (red["id"], True),
    ]
    again = {"related_id": red["id"], "is_variant": True, "related_type": "accessories"}
    document = {**PRODUCT, "related_products": [*links, again]}
    assert ipaas.refused("PUT", f"Product/{chair['id']}", document) == (409, "BIZL-1010")
    wrong_kind = {"related_id": red["id"], "is_variant": False, "related_type": "accessories"}
    document = {**PRODUCT, "related_products": [wrong_kind]}
    assert ipaas.refused("PUT", f"Product/{chair['id']}", document) == (400, "VALD-1038")
    ipaas.state.related_targets_must_exist = False
    document = {**PRODUCT, "related_products": [{"related_sku": "later", "related_type": "accessories"}]}
    assert ipaas.accepted("PUT", f"Product/{chair['id']}", document)["related_products"][0]["related_sku"] == "later"


def test_categories_are_assigned_and_unassigned_one_at_a_time(ipaas: Client) -> None:
    tops = ipaas.accepted("POST", "Category", {"name": "Tops"})
    sale = ipaas.accepted("POST", "Category", {"name": "Sale"})
    chair = ipaas.accepted("POST", "Product", {**PRODUCT, "categories": [{"id": tops["id"]}]})
    assert chair["categories"][0]["category_name"] == "Tops"
    assert chair["categories"][0]["id"] != tops["id"]
    both = ipaas.accepted("POST", "ProductCategory", {"product_id": chair["id"], "category_id": sale["id"]})
    assert both["categories"][0] == chair["categories"][0]
    assert [category["category_name"] for category in both["categories"]] == ["Tops", "Sale"]
    left = ipaas.accepted("DELETE", f"ProductCategory/{chair['id']}|{tops['id']}")
    assert [category["category_name"] for category in left["categories"]] == ["Sale"]


@pytest.mark.parametrize(("path", "code"), [("Product/x", "VALD-1004"), ("Product/0", "VALD-1005")])
def test_an_id_in_the_path_is_a_positive_integer(ipaas: Client, path: str, code: str) -> None:
    assert ipaas.refused("GET", path) == (400, code)
