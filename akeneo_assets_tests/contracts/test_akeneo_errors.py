"""Refused reads: status and wording."""

from __future__ import annotations

from typing import Any

import pytest

from akeneo_assets_tests.contracts.akeneo_api import AkeneoApi, search

NO_ACCESS = "does not exist or you do not have permission to access it."
PAGE_WALL = (
    'You have reached the maximum number of pages you can retrieve with the "page" pagination type.'
    " Please use the search after pagination type instead"
)
STRUCTURE = (
    'Structure of filter "family" should respect this structure: '
    '{"family":[{"operator": "my_operator", "value": "my_value"}]}'
)
CATEGORY_FILTERS = (
    'Available search filters are "code, parent, is_root, updated" and you tried to search on unavailable filter "x"'
)
COUNT = 'Parameter "with_count" has to be a boolean. Only "true" or "false" allowed, "1" given.'
LOCAL_DATE = (
    'Property "updated" expects a string with the format "yyyy-mm-dd H:i:s" as data, "2026-01-01T00:00:00Z" given.'
)
ISO_DATE = "This value is not in a valid ISO 8601 standard datetime format"
NO_OPTIONS = (
    'Attribute "name" does not support options. Only attributes of type'
    ' "pim_catalog_simpleselect", "pim_catalog_multiselect" support options.'
)
UUID = "00000000-0000-4000-8000-000000000000"

CASES: list[tuple[str, dict[str, Any], int, str]] = [
    # search
    ("products-uuid", {"search": "{"}, 400, "Search query parameter should be valid JSON."),
    ("products-uuid", {"search": '["x"]'}, 400, "Search query parameter should be valid JSON."),
    ("products-uuid", {"search": search(x=("=", 1))}, 422, f'"x" {NO_ACCESS}'),
    ("products", {"search": search(x=("=", 1))}, 404, f'"x" {NO_ACCESS}'),
    ("product-models", {"search": search(x=("=", 1))}, 404, f'"x" {NO_ACCESS}'),
    ("product-models", {"search": search(enabled=("=", True))}, 404, f'"enabled" {NO_ACCESS}'),
    ("products-uuid", {"search": '{"family":{"operator":"EMPTY"}}'}, 422, STRUCTURE),
    (
        "products-uuid",
        {"search": search(family={"value": ["shoes"]})},
        422,
        'Operator is missing for the property "family".',
    ),
    (
        "products-uuid",
        {"search": search(family=("BETWEEN", ["a"]))},
        422,
        'Filter on property "family" is not supported or does not support operator "BETWEEN"',
    ),
    ("products-uuid", {"search": search(name=("=", "x"))}, 422, 'Attribute "name" expects a locale, none given.'),
    ("products-uuid", {"search": search(tagline=("=", "x"))}, 422, 'Attribute "tagline" expects a scope, none given.'),
    ("products-uuid", {"search": search(updated=(">", "2026-01-01T00:00:00Z"))}, 422, LOCAL_DATE),
    ("product-models", {"search": search(updated=(">", "2026-01-01T00:00:00Z"))}, 422, LOCAL_DATE),
    (
        "products-uuid",
        {"search": search(updated=("SINCE LAST N DAYS", "4"))},
        422,
        'Property "updated" expects a numeric as data, "4" given.',
    ),
    ("products-uuid", {"search": search(categories=("IN", ["x"]))}, 422, 'Category "x" does not exist.'),
    (
        "products",
        {"search": search(identifier=("IN", [str(number) for number in range(101)]))},
        400,
        "The identifier filter can't contain more than 100 product identifiers.",
    ),
    ("categories", {"search": search(x=("=", 1))}, 400, CATEGORY_FILTERS),
    ("categories", {"search": search(parent=("=", "x"))}, 400, "Parent code x does not exist."),
    ("categories", {"search": search(updated=(">", "2026-01-01 00:00:00"))}, 400, ISO_DATE),
    ("categories", {"search": search(updated=(">", "2026-01-01T00:00:00"))}, 400, ISO_DATE),
    # paging
    ("products-uuid", {"limit": 101}, 422, "You cannot request more than 100 items."),
    ("categories", {"limit": 101}, 422, "You cannot request more than 100 items."),
    ("products-uuid", {"page": "string"}, 422, '"string" is not a valid page number.'),
    ("products-uuid", {"limit": "string"}, 422, '"string" is not a valid limit number.'),
    ("products-uuid", {"limit": 0}, 422, '"0" is not a valid limit number.'),
    ("products-uuid", {"pagination_type": "x"}, 422, "Pagination type does not exist."),
    ("categories", {"pagination_type": "search_after"}, 422, "Pagination type is not supported."),
    ("products-uuid", {"with_count": 1}, 422, COUNT),
    # shaping
    ("products-uuid", {"scope": "x"}, 422, 'Scope "x" does not exist.'),
    ("products-uuid", {"locales": "es_ES"}, 422, 'Locale "es_ES" does not exist or is not activated.'),
    (
        "products-uuid",
        {"locales": "de_DE", "scope": "print"},
        422,
        'Locale "de_DE" is not activated for the scope "print".',
    ),
    ("products-uuid", {"attributes": "name,x"}, 422, 'Attribute "x" does not exist.'),
    ("products-uuid", {"attributes": "x,y"}, 422, 'Attributes "x, y" do not exist.'),
    # single records
    (f"products-uuid/{UUID}", {}, 404, f'Product "{UUID}" {NO_ACCESS}'),
    ("products/x", {}, 404, f'Product "x" {NO_ACCESS}'),
    ("product-models/x", {}, 404, f'Product model "x" {NO_ACCESS}'),
    ("categories/x", {}, 404, 'Category "x" does not exist.'),
    ("attributes/x", {}, 404, 'Attribute "x" does not exist.'),
    ("channels/x", {}, 404, 'Channel "x" does not exist.'),
    ("families/x", {}, 404, 'Family "x" does not exist.'),
    ("families/x/variants", {}, 404, 'Family "x" does not exist.'),
    ("attributes/x/options", {}, 404, 'Attribute "x" does not exist.'),
    ("attributes/name/options", {}, 404, NO_OPTIONS),
    ("reference-entities/x/records", {}, 404, 'Reference entity "x" does not exist.'),
    ("asset-families/x", {}, 404, 'Asset family "x" does not exist.'),
    ("asset-families/x/attributes", {}, 404, 'Asset family "x" does not exist.'),
    ("asset-families/x/assets", {}, 404, 'Asset family "x" does not exist.'),
    ("asset-families/PRODUCT_PICTURES/assets", {}, 404, 'Asset family "PRODUCT_PICTURES" does not exist.'),
    (
        "asset-families/product_pictures/assets/x",
        {},
        404,
        'Asset "x" does not exist for the asset family "product_pictures".',
    ),
    (
        "asset-families/product_pictures/assets",
        {"search_after": "linen_field"},
        422,
        '"linen_field" is not a valid search_after cursor.',
    ),
    # parameters
    ("products-uuid", {"attributes[]": "name"}, 400, "Bracket syntax is not supported in query parameters."),
]


@pytest.mark.parametrize(("path", "parameters", "status", "message"), CASES)
def test_refusals(akeneo: AkeneoApi, path: str, parameters: dict[str, Any], status: int, message: str) -> None:
    response = akeneo.get(path, **parameters)
    assert (response.status_code, response.json()) == (status, {"code": status, "message": message})


@pytest.mark.parametrize("path", ["products-uuid", "products", "product-models"])
def test_result_10_000_is_the_last_by_page(akeneo: AkeneoApi, path: str) -> None:
    assert akeneo.get(path, page=100, limit=100).status_code == 200
    response = akeneo.get(path, page=101, limit=100)
    assert (response.status_code, response.json()["message"]) == (422, PAGE_WALL)
    assert "documentation" in response.json()["_links"]


@pytest.mark.parametrize("accept", ["application/xml", "application/json, text/plain"])
def test_other_formats_are_refused(akeneo: AkeneoApi, accept: str) -> None:
    url = f"{akeneo.sandbox.akeneo_url}/api/rest/v1/channels"
    response = akeneo.session.get(url, headers={"Accept": accept}, timeout=10)
    message = f'"{accept}" in "Accept" header is not valid. Only "application/json" is allowed.'
    assert (response.status_code, response.json()["message"]) == (406, message)


@pytest.mark.parametrize("accept", ["*/*", "application/json", None])
def test_accepted_formats(akeneo: AkeneoApi, accept: str | None) -> None:
    url = f"{akeneo.sandbox.akeneo_url}/api/rest/v1/channels"
    assert akeneo.session.get(url, headers={"Accept": accept}, timeout=10).status_code == 200


def test_wrong_methods_and_paths_have_no_route(akeneo: AkeneoApi) -> None:
    root = f"{akeneo.sandbox.akeneo_url}/api/rest/v1"
    wrong_method = akeneo.session.post(f"{root}/categories", timeout=10)
    assert (wrong_method.status_code, wrong_method.json()["code"]) == (405, 405)
    assert wrong_method.json()["message"].startswith('No route found for "POST ')
    for path in ("nothing", "products-uuid/not-a-uuid"):
        wrong_path = akeneo.get(path)
        assert wrong_path.status_code == 404
        assert wrong_path.json()["message"].startswith('No route found for "GET ')


@pytest.mark.parametrize(
    ("action", "path", "message"),
    [
        ("products-uuid.*", "products-uuid", "Access forbidden. You are not allowed to list products."),
        ("products.*", "products", "Access forbidden. You are not allowed to list products."),
        ("categories.*", "categories", "Access forbidden. You are not allowed to list categories."),
        (
            "attribute-options.*",
            "attributes/color/options",
            "Access forbidden. You are not allowed to list attribute options.",
        ),
        (
            "asset-families.*",
            "asset-families/product_pictures/attributes",
            "Access forbidden. You are not allowed to list asset families.",
        ),
        (
            "assets.*",
            "asset-families/product_pictures/assets",
            "Access forbidden. You are not allowed to list assets.",
        ),
        ("*", "channels", "You are not allowed to access the web API."),
    ],
)
def test_a_missing_permission_affects_only_its_endpoint(
    editable: AkeneoApi, action: str, path: str, message: str
) -> None:
    editable.faults.forbid(action)
    response = editable.get(path)
    assert (response.status_code, response.json()) == (403, {"code": 403, "message": message})
    assert editable.get("families").status_code == (403 if action == "*" else 200)


def test_throttling_has_the_message_of_saas(editable: AkeneoApi) -> None:
    editable.faults.add("throttle", retry_after=7)
    response = editable.get("channels")
    assert response.status_code == 429
    assert response.headers["Retry-After"] == "7"
    assert response.json() == {"code": 429, "message": "You have exceeded the limit of API requests per second."}
