"""The local Akeneo as a program: edits and switches from another process, counters, and stored state."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from akeneo_assets.sandbox.akeneo import AkeneoState
from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets_tests.contracts.akeneo_api import AkeneoApi, search


@pytest.fixture
def akeneo() -> Iterator[AkeneoApi]:
    with Sandbox(apps=("akeneo",)) as sandbox:
        api = AkeneoApi(sandbox)
        yield api
        api.session.close()


def post(akeneo: AkeneoApi, path: str, body: dict[str, Any]) -> requests.Response:
    return requests.post(f"{akeneo.sandbox.akeneo_url}/_sandbox/{path}", json=body, timeout=10)


@pytest.mark.parametrize(
    ("edit", "path", "field", "expected"),
    [
        ({"kind": "product", "code": "0042", "patch": {"enabled": False}}, "products/0042", "enabled", False),
        (
            {"kind": "product_model", "code": "floor-lamp", "patch": {"categories": ["home"]}},
            "product-models/floor-lamp",
            "categories",
            ["home"],
        ),
        ({"kind": "category", "code": "new", "patch": {"parent": "home"}}, "categories/new", "parent", "home"),
        (
            {"kind": "attribute_option", "code": "color/sage", "patch": {"labels": {"en_US": "Salvia"}}},
            "attributes/color/options/sage",
            "labels",
            {"en_US": "Salvia", "fr_FR": "Sauge", "de_DE": "Salbei"},
        ),
        (
            {"kind": "family", "code": "shoes", "patch": {"attribute_as_label": "sku"}},
            "families/shoes",
            "attribute_as_label",
            "sku",
        ),
        (
            {"kind": "asset", "code": "product_pictures/new", "patch": {"values": {}}},
            "asset-families/product_pictures/assets/new",
            "asset_family_code",
            "product_pictures",
        ),
    ],
)
def test_another_process_can_edit(
    akeneo: AkeneoApi, edit: dict[str, Any], path: str, field: str, expected: object
) -> None:
    assert post(akeneo, "edit", edit).status_code == 200
    assert akeneo.document(path)[field] == expected


def test_another_process_can_delete(akeneo: AkeneoApi) -> None:
    deletion = {"kind": "product", "code": "mug-white", "delete": True}
    assert post(akeneo, "edit", deletion).status_code == 200
    assert akeneo.get("products/mug-white").status_code == 404
    assert post(akeneo, "edit", deletion).status_code == 404


@pytest.mark.parametrize(
    ("body", "status"), [({"kind": "spaceship", "code": "x"}, 404), ({"kind": "product"}, 422), ({}, 422)]
)
def test_wrong_edits_are_refused(akeneo: AkeneoApi, body: dict[str, Any], status: int) -> None:
    assert post(akeneo, "edit", body).status_code == status


def test_another_process_can_set_switches(akeneo: AkeneoApi) -> None:
    response = post(akeneo, "switches", {"version": "7.0.21", "edition": "CE", "index_lag_seconds": 60})
    assert response.json()["index_lag_seconds"] == 60
    assert akeneo.document("system-information") == {"version": "7.0.21", "edition": "CE"}
    assert post(akeneo, "switches", {"edition": "Deluxe"}).status_code == 422
    assert post(akeneo, "switches", {"time_zone": "Mars/Olympus"}).status_code == 422
    akeneo.edit.save_product("new-mug")
    assert "new-mug" not in akeneo.identifiers()
    assert post(akeneo, "reindex", {}).status_code == 204
    assert "new-mug" in akeneo.identifiers()


def test_requests_are_counted_by_route(akeneo: AkeneoApi) -> None:
    counters = akeneo.sandbox.akeneo_counters
    akeneo.product("mug-white")
    akeneo.items("attributes/color/options")
    akeneo.get("categories/x")
    assert (counters.requests("token"), counters.requests("products-uuid.get")) == (1, 1)
    assert (counters.requests("attribute-options.list"), counters.requests("categories.get")) == (1, 1)
    assert (counters.statuses(200), counters.statuses(404)) == (3, 1)


def test_a_folder_keeps_records_and_edits(tmp_path: Path) -> None:
    state = AkeneoState(tmp_path)
    state.edit.save_product("new-mug", {"family": "tableware"})
    state.edit.delete_product("mug-white")
    state.edit.save_category("sofas", {"parent": "home"})
    number = len(state.database.keys("product"))
    state.close()
    with Sandbox(tmp_path, catalogue="empty", apps=("akeneo",)) as sandbox:
        api = AkeneoApi(sandbox)
        assert len(sandbox.akeneo.database.keys("product")) == number
        assert "new-mug" in api.identifiers(search=search(family=("IN", ["tableware"])))
        assert "mug-white" not in api.identifiers()
        assert api.document("categories/sofas")["parent"] == "home"
        api.session.close()


def test_an_empty_catalogue_returns_empty_lists() -> None:
    with Sandbox(catalogue="empty", apps=("akeneo",)) as sandbox:
        api = AkeneoApi(sandbox)
        for path in ("products-uuid", "products", "product-models", "categories", "attributes", "channels"):
            assert api.items(path) == []
        api.session.close()
