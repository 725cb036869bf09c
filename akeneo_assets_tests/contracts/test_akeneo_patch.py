"""``PATCH``: what Akeneo saves, with which status it responds, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from akeneo_assets_tests.contracts.akeneo_api import AkeneoApi

NAME = {"data": "Hat", "locale": "de_DE", "scope": None}


def patch(akeneo: AkeneoApi, path: str, body: Any, **headers: str) -> requests.Response:
    url = f"{akeneo.sandbox.akeneo_url}/api/rest/v1/{path}"
    return akeneo.session.patch(url, json=body, headers=headers, timeout=10)


def test_values_are_merged_by_attribute_locale_and_scope(editable: AkeneoApi) -> None:
    path = f"products-uuid/{editable.state.product_uuid('straw-hat')}"
    before = editable.document(path)
    editable.state.clock = lambda: 2_000_000_000

    response = patch(editable, path, {"values": {"name": [NAME]}})

    after = editable.document(path)
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["Location"].endswith(path)
    names = {entry["locale"]: entry["data"] for entry in after["values"]["name"]}
    assert names == {**{entry["locale"]: entry["data"] for entry in before["values"]["name"]}, "de_DE": "Hat"}
    assert {**after["values"], "name": 0} == {**before["values"], "name": 0}
    assert after["updated"] == "2033-05-18T03:33:20+00:00"
    assert patch(editable, path, {"values": {"name": [{**NAME, "data": None}]}}).status_code == 204
    assert "de_DE" not in {entry["locale"] for entry in editable.document(path)["values"].get("name", ())}


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("products/new-hat", {"family": "accessories", "enabled": False}, {"enabled": False}),
        (
            "products-uuid/25566245-55c3-42ce-86d9-8610ac459fa8",
            {"values": {"sku": [{"data": "new-hat", "locale": None, "scope": None}]}},
            {"uuid": "25566245-55c3-42ce-86d9-8610ac459fa8"},
        ),
        ("categories/caps", {"parent": "home", "labels": {"en_US": "Hats"}}, {"parent": "home"}),
        ("attributes/color/options/dune", {"labels": {"en_US": "Sand"}}, {"labels": {"en_US": "Sand"}}),
    ],
)
def test_a_record_that_does_not_exist_is_created(
    path: str, body: dict[str, Any], expected: dict[str, Any], editable: AkeneoApi
) -> None:
    assert patch(editable, path, body).status_code == 201
    assert expected.items() <= editable.document(path).items()
    assert patch(editable, path, body).status_code == 204


def test_a_product_is_renamed_by_its_identifier(editable: AkeneoApi) -> None:
    assert patch(editable, "products/straw-hat", {"identifier": "hat"}).status_code == 204
    assert editable.get("products/straw-hat").status_code == 404
    assert editable.document("products/hat")["identifier"] == "hat"


def test_a_product_model_and_a_category_are_changed(editable: AkeneoApi) -> None:
    assert patch(editable, "product-models/linen-shirt", {"values": {"name": [NAME]}}).status_code == 204
    assert (
        NAME.items()
        <= next(
            entry
            for entry in editable.document("product-models/linen-shirt")["values"]["name"]
            if entry["locale"] == "de_DE"
        ).items()
    )
    assert patch(editable, "categories/sofas", {"parent": "furniture"}).status_code == 204
    assert editable.document("categories/sofas")["parent"] == "furniture"


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("products/straw-hat", {"colour": "red"}, 'Property "colour" does not exist.'),
        ("products/straw-hat", {"family": "x"}, 'Property "family" expects a valid family code.'),
        ("products/straw-hat", {"categories": ["x"]}, 'Property "categories" expects a valid category code.'),
        ("products/straw-hat", {"values": {"x": []}}, "The x attribute does not exist in your PIM."),
        ("products/straw-hat", {"values": {"name": "x"}}, 'Property "name" expects an array as data, "string" given.'),
        ("products/straw-hat", {"values": {"name": [{"data": "x"}]}}, 'Property "name" expects an array with valid'),
        ("products/straw-hat", {"values": {"name": [{**NAME, "data": 7}]}}, 'Property "name" expects a string as data'),
        ("categories/sofas", {"parent": "x"}, 'Property "parent" expects a valid category code.'),
        ("categories/sofas", {"code": "x"}, 'The code "x" provided in the request body must match the code "sofas"'),
    ],
)
def test_a_body_with_the_wrong_format_is_refused(path: str, body: Any, message: str, editable: AkeneoApi) -> None:
    response = patch(editable, path, body)

    assert response.status_code == 422
    assert response.json()["code"] == 422
    assert response.json()["message"].startswith(message)


def no_place(data: object) -> list[dict[str, Any]]:
    return [{"data": data, "locale": None, "scope": None}]


@pytest.mark.parametrize(
    ("path", "body", "error"),
    [
        ("products/straw-hat", {"identifier": "mug-white"}, ("identifier", "The mug-white identifier is already used")),
        (
            "products/straw-hat",
            {"values": {"name": no_place("x")}},
            ("values", "The name attribute requires a value per"),
        ),
        (
            "products/straw-hat",
            {"values": {"price": no_place([{"amount": "1", "currency": "XXX"}])}},
            ("values", "The XXX currency does not exist"),
        ),
        ("products/straw-hat", {"values": {"color": no_place("x")}}, ("values", "The x value is not in the color")),
        (
            "product-models/linen-shirt",
            {"values": {"color": no_place("white")}},
            ("attribute", 'Cannot set the property "color"'),
        ),
        ("categories/furniture", {"parent": "sofas"}, ("parent", "A category cannot be moved into itself")),
        ("attributes/color/options/sage", {"labels": {"xx_XX": "x"}}, ("labels", 'The locale "xx_XX" does not exist')),
    ],
)
def test_a_record_that_breaks_a_rule_is_refused_with_its_errors(
    path: str, body: Any, error: tuple[str, str], editable: AkeneoApi
) -> None:
    response = patch(editable, path, body)

    assert response.status_code == 422, response.text
    assert response.json()["message"] == "Validation failed."
    (found,) = response.json()["errors"]
    assert found["property"] == error[0]
    assert found["message"].startswith(error[1])


def test_a_body_that_is_not_json_is_refused(editable: AkeneoApi) -> None:
    assert patch(editable, "products/straw-hat", []).status_code == 400
    assert patch(editable, "products/straw-hat", {}, **{"Content-Type": "text/plain"}).status_code == 415
    assert patch(editable, "attributes/name/options/x", {}).status_code == 404
