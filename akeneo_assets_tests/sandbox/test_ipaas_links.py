"""Rules of external ids and custom fields, the formats of errors, and the journal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from akeneo_assets.sandbox.ipaas import IpaasState
from akeneo_assets.sandbox.ipaas.errors import ErrorStyle
from akeneo_assets.sandbox.ipaas.state import JournalEntry
from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets_tests.sandbox.ipaas_client import PRODUCT, SHIRT, Client

EXTERNAL = "/products/v2/External"


def _linked(body: dict[str, Any], external_id: str) -> dict[str, Any]:
    return {**body, "external_ids": [{"system_id": 1001, "external_id": external_id}]}


def _lookup(ipaas: Client, table: str, external_id: str) -> tuple[int, Any]:
    body = {"table_name": table, "system_id": 1001, "external_id": external_id}
    response = ipaas.call("POST", f"{EXTERNAL}/LookupSpecial", body)
    return response.status_code, response.json()


def test_a_record_is_found_by_the_external_id_it_was_sent_with(ipaas: Client) -> None:
    chair = ipaas.accepted("POST", "Product", _linked(PRODUCT, "a/b c"))
    assert chair["external_ids"] == [{"system_id": 1001, "external_id": "a/b c"}]
    assert _lookup(ipaas, "Product", "a/b c") == (200, str(chair["id"]))
    assert _lookup(ipaas, "product variant", "a/b c")[0] == 404
    found = ipaas.call("GET", f"{EXTERNAL}/LookupSpaceport/1001/Product/a/b%20c")
    assert found.json() == str(chair["id"])
    assert ipaas.call("GET", f"{EXTERNAL}/LookupExternal/{chair['id']}/1001/product").json() == "a/b c"
    ipaas.state.deactivate(chair["id"])
    assert _lookup(ipaas, "product", "a/b c") == (200, f"DELETED:{chair['id']}")


def test_an_external_id_belongs_to_one_record_of_a_table(ipaas: Client) -> None:
    chair = ipaas.accepted("POST", "Product", _linked(PRODUCT, "1"))
    other = {**PRODUCT, "sku": "stool"}
    response = ipaas.catalog("POST", "Product", _linked(other, "1"))
    assert (response.status_code, response.json()["code"]) == (409, "BIZL-1003")
    assert f"Id {chair['id']}" in response.json()["message"]
    shirt = {**SHIRT, "variants": [_linked(variant, "1") for variant in SHIRT["variants"]]}
    assert ipaas.refused("POST", "Product", shirt) == (409, "BIZL-1003")
    variants = [_linked(SHIRT["variants"][0], "1"), SHIRT["variants"][1]]
    created = ipaas.accepted("POST", "Product", {**SHIRT, "variants": variants})
    recreated = ipaas.accepted("PUT", f"Product/{created['id']}", {**SHIRT, "variants": variants})
    assert _lookup(ipaas, "product variant", "1") == (200, recreated["variants"][0]["id"])


def test_links_are_created_changed_and_removed(ipaas: Client) -> None:
    chair = ipaas.accepted("POST", "Product", PRODUCT)
    assert ipaas.call("GET", f"{EXTERNAL}/Missing/1001/product").json() == [chair["id"]]
    link = {"table_name": "product", "system_id": 1001, "external_id": "1", "internal_id": chair["id"]}
    update = f"{EXTERNAL}/UpdateExternalId"
    assert ipaas.call("POST", update, link).status_code == 200
    assert ipaas.call("POST", update, {**link, "external_id": "2"}).status_code == 200
    assert _lookup(ipaas, "product", "1")[0] == 404
    assert _lookup(ipaas, "product", "2") == (200, str(chair["id"]))
    assert ipaas.call("GET", f"{EXTERNAL}/Missing/1001/product").json() == []
    assert ipaas.call("POST", update, {**link, "internal_id": 99_999}).json()["code"] == "VALD-1038"
    assert ipaas.call("POST", update, {**link, "table_name": "shelf"}).json()["code"] == "VALD-1025"
    body = {"table_name": "product", "system_id": 1001, "external_id": "2"}
    assert ipaas.call("DELETE", EXTERNAL, body).status_code == 204
    assert ipaas.call("DELETE", EXTERNAL, body).status_code == 404
    assert ipaas.accepted("GET", f"Product/{chair['id']}")["external_ids"] == []


def test_a_put_without_external_ids_keeps_the_links(ipaas: Client) -> None:
    chair = ipaas.accepted("POST", "Product", _linked(PRODUCT, "1"))
    assert ipaas.accepted("PUT", f"Product/{chair['id']}", PRODUCT)["external_ids"] == chair["external_ids"]


def test_a_custom_field_needs_a_definition_for_its_table(ipaas: Client) -> None:
    values = [{"custom_field_name": "Family", "value": "shoes"}]
    definition = {"name": "Family", "table_name": "Product", "data_type": "string"}
    defined = ipaas.call("POST", "/subscriptions/v2/CustomField", definition)
    assert defined.json()["table_name"] == "product"
    assert ipaas.call("GET", "/subscriptions/v2/CustomFields").json() == [defined.json()]
    assert ipaas.call("POST", "/subscriptions/v2/CustomField", definition).json()["code"] == "BIZL-1006"
    assert ipaas.accepted("POST", "Product", {**PRODUCT, "custom_fields": values})["custom_fields"] == values
    category = {"name": "Shoes", "custom_fields": values}
    assert ipaas.refused("POST", "Category", category) == (400, "VALD-1011")
    ipaas.state.define_custom_fields(["Family"], table="product category")
    assert ipaas.accepted("POST", "Category", category)["custom_fields"] == values


def test_definitions_can_be_forbidden(ipaas: Client) -> None:
    ipaas.state.custom_field_definitions_allowed = False
    response = ipaas.call("POST", "/subscriptions/v2/CustomField", {"name": "Family", "table_name": "product"})
    assert (response.status_code, response.json()["code"]) == (403, "AUTZ-1002")


def test_a_custom_field_must_match_its_data_type(ipaas: Client) -> None:
    ipaas.state.define_custom_fields(["Weight"], data_type="number")
    body = {**PRODUCT, "custom_fields": [{"custom_field_name": "Weight", "value": "heavy"}]}
    assert ipaas.refused("POST", "Product", body) == (400, "VALD-1025")
    body = {**PRODUCT, "custom_fields": [{"custom_field_name": "Weight", "value": 2.5}]}
    chair = ipaas.accepted("POST", "Product", body)
    value = {"internal_id": chair["id"], "custom_field_name": "Weight", "value": 3}
    changed = ipaas.call("PUT", "/products/v2/CustomField/Product", value).json()
    assert changed["custom_fields"] == [{"custom_field_name": "Weight", "value": 3}]


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("object", {"code": "VALD-1004", "message": "The id must be an integer."}),
        ("list", {"errors": [{"errorCode": "VALD-1004", "error": "The id must be an integer."}]}),
        ("text", "VALD-1004: The id must be an integer."),
    ],
)
def test_errors_have_three_formats(ipaas: Client, style: ErrorStyle, expected: Any) -> None:
    ipaas.state.error_style = style
    response = ipaas.catalog("GET", "Product/x")
    if style == "text":
        assert response.text == expected
    else:
        document = response.json()
        document.pop("help_link", None)
        assert document == expected


def test_the_journal_contains_the_accepted_writes_in_order(ipaas: Client) -> None:
    root = ipaas.accepted("POST", "Category", _linked({"name": "Master"}, "master"))
    ipaas.refused("POST", "Category", {"name": "Tops", "parent_id": 99_999})
    chair = ipaas.accepted("POST", "Product", _linked(PRODUCT, "uuid"))
    ipaas.accepted("PUT", f"Product/{chair['id']}", {**PRODUCT, "name": "Stool"})
    assert ipaas.state.journal == [
        JournalEntry("category.create", "product category", str(root["id"]), "master"),
        JournalEntry("product.create", "product", str(chair["id"]), "uuid"),
        JournalEntry("product.replace", "product", str(chair["id"]), "uuid"),
    ]


def test_the_tracking_guid_and_the_client_id_are_counted(ipaas: Client) -> None:
    ipaas.catalog("GET", "Products?trackingGuid=8d7c", headers={"X-Client-Id": "acme"})
    assert ipaas.state.tracking_guids == {"8d7c": 1}
    assert ipaas.state.client_ids == {"acme": 1}


def test_a_folder_keeps_everything_for_the_next_start(tmp_path: Path) -> None:
    with Sandbox(tmp_path, apps=("ipaas",)) as sandbox:
        ipaas = Client(sandbox)
        ipaas.state.define_custom_fields(["Family"])
        ipaas.accepted("POST", "Category", {"name": "Master"})
        ipaas.accepted("POST", "Product", _linked(SHIRT, "shirt"))
        chair = ipaas.accepted("POST", "Product", PRODUCT)
        ipaas.state.deactivate(chair["id"])
        ipaas.session.close()
    again = IpaasState(tmp_path)
    assert again.products() == sandbox.ipaas.products()
    assert again.categories() == sandbox.ipaas.categories()
    again.close()
    with Sandbox(tmp_path, apps=("ipaas",)) as sandbox:
        ipaas = Client(sandbox)
        assert ipaas.refused("POST", "Product", PRODUCT) == (409, "BIZL-1009")
        known = {record["id"] for record in again.products()} | {chair["id"]}
        assert ipaas.accepted("POST", "Product", {**PRODUCT, "sku": "stool"})["id"] not in known
        assert _lookup(ipaas, "product", "shirt")[0] == 200
        ipaas.session.close()
