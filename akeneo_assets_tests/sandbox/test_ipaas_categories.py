"""Rules of categories, locations, lists and searches."""

from __future__ import annotations

import orjson
import pytest

from akeneo_assets_tests.sandbox.ipaas_client import PRODUCT, Client


def test_a_category_needs_a_name_and_a_parent_that_exists(ipaas: Client) -> None:
    assert ipaas.refused("POST", "Category", {"description": "tops"}) == (400, "VALD-1002")
    assert ipaas.refused("POST", "Category", {"name": "Tops", "parent_id": 77}) == (400, "VALD-1038")
    assert ipaas.refused("POST", "Category", {"name": "Tops", "position": 1}) == (400, "VALD-1003")
    root = ipaas.accepted("POST", "Category", {"name": "Master"})
    child = ipaas.accepted("POST", "Category", {"name": "Tops", "parent_id": str(root["id"])})
    assert child["parent_id"] == root["id"]
    assert ipaas.accepted("GET", f"Category/{child['id']}") == child
    assert ipaas.state.categories() == [root, child]


def test_a_category_cannot_be_below_itself(ipaas: Client) -> None:
    root = ipaas.accepted("POST", "Category", {"name": "Master"})
    child = ipaas.accepted("POST", "Category", {"name": "Tops", "parent_id": root["id"]})
    cycle = {"name": "Master", "parent_id": child["id"]}
    assert ipaas.refused("PUT", f"Category/{root['id']}", cycle) == (400, "VALD-1025")
    own = {"name": "Master", "parent_id": root["id"]}
    assert ipaas.refused("PUT", f"Category/{root['id']}", own) == (400, "VALD-1025")


def test_put_replaces_a_category_and_counts_no_ops(ipaas: Client) -> None:
    root = ipaas.accepted("POST", "Category", {"name": "Master"})
    child = ipaas.accepted("POST", "Category", {"name": "Tops", "parent_id": root["id"], "description": "tops"})
    path = f"Category/{child['id']}"
    same = {"name": "Tops", "parent_id": root["id"], "description": "tops", "id": child["id"]}
    assert ipaas.accepted("PUT", path, same) == child
    assert ipaas.counters.no_op_writes("category.replace") == 1
    moved = ipaas.accepted("PUT", path, {"name": "Tops"})
    assert "parent_id" not in moved
    assert "description" not in moved


def test_a_deactivated_category_cannot_be_a_parent_or_target(ipaas: Client) -> None:
    root = ipaas.accepted("POST", "Category", {"name": "Master"})
    ipaas.accepted("DELETE", f"Category/{root['id']}")
    assert ipaas.refused("GET", f"Category/{root['id']}") == (404, "NFND-1005")
    assert ipaas.refused("PUT", f"Category/{root['id']}", {"name": "M"}) == (404, "NFND-1005")
    assert ipaas.refused("POST", "Category", {"name": "T", "parent_id": root["id"]}) == (400, "VALD-1038")
    assigned = {**PRODUCT, "categories": [{"id": root["id"]}]}
    assert ipaas.refused("POST", "Product", assigned) == (400, "VALD-1038")
    ipaas.accepted("PUT", f"Category/Reactivate/{root['id']}")
    assert ipaas.accepted("POST", "Product", assigned)["categories"][0]["category_id"] == root["id"]


def test_lists_have_pages_of_at_most_100_with_ids_and_names_only(ipaas: Client) -> None:
    ids = [ipaas.accepted("POST", "Product", {**PRODUCT, "sku": f"p{number}"})["id"] for number in range(105)]
    response = ipaas.catalog("GET", "Products?pageNumber=1&pageSize=500")
    assert response.json() == [{"id": ids[number], "sku": f"p{number}"} for number in range(100)]
    pagination = orjson.loads(response.headers["X-Pagination"])
    assert pagination == {"total_Count": 105, "page_Size": 100, "current_Page": 1, "total_Pages": 2}
    assert [hit["id"] for hit in ipaas.accepted("GET", "Products?pageNumber=2")] == ids[100:]
    assert ipaas.accepted("GET", "Products?pageNumber=3") == []
    ipaas.accepted("PUT", f"Product/{ids[0]}", {**PRODUCT, "sku": "p0", "name": "Stool"})
    assert ipaas.accepted("GET", "Products?pageSize=1") == [{"id": ids[0], "sku": "p0"}]


def test_a_search_finds_equal_values_only(ipaas: Client) -> None:
    chair = ipaas.accepted("POST", "Product", PRODUCT)
    tops = ipaas.accepted("POST", "Category", {"name": "Tops"})
    assert ipaas.accepted("GET", "Products?action=equals&Sku=chair") == [{"id": chair["id"], "sku": "chair"}]
    assert ipaas.accepted("GET", "Products?action=equals&Sku=chai") == []
    assert ipaas.accepted("GET", "Product/Variants?action=equals&Sku=chair") == []
    assert ipaas.accepted("GET", "Categories?action=equals&Name=Tops") == [{"id": tops["id"], "name": "Tops"}]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("action=equals&sku=chair", "VALD-1025"),
        ("action=contains&Sku=chair", "VALD-1025"),
        ("Sku=chair", "VALD-1002"),
        ("action=equals", "VALD-1002"),
        ("pageNumber=0", "VALD-1005"),
        ("pageSize=all", "VALD-1004"),
    ],
)
def test_a_wrong_search_is_refused(ipaas: Client, query: str, code: str) -> None:
    assert ipaas.refused("GET", f"Products?{query}") == (400, code)


def test_stock_belongs_to_locations(ipaas: Client) -> None:
    location = ipaas.accepted("POST", "Location", {"name": "Berlin"})
    assert ipaas.refused("POST", "Location", {"name": "Berlin"}) == (409, "BIZL-1004")
    assert ipaas.accepted("GET", "Locations?action=equals&Name=Berlin") == [location]
    stock = {"location_id": location["id"], "qty_on_hand": 3}
    chair = ipaas.accepted("POST", "Product", {**PRODUCT, "inventory": [stock]})
    assert chair["inventory"][0]["qty_on_hand"] == 3
