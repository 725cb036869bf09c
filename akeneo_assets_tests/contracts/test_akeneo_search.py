"""Searches on products and models."""

from __future__ import annotations

from typing import Any

import pytest

from akeneo_assets_tests.contracts.akeneo_api import AkeneoApi, search

SHIRTS = {f"linen-shirt-{color}-{size}" for color in ("white", "sage", "navy") for size in ("s", "m", "l", "xl")}
BOOTS = {f"leather-boot-{size}" for size in (38, 39, 40, 41, 42)}
LAMPS = {f"{model}-{kind}" for model in ("pendant-lamp", "floor-lamp") for kind in ("dimmable", "fixed")}

PRODUCTS: list[tuple[dict[str, Any], set[str]]] = [
    ({"sku": ("=", "mug-white")}, {"mug-white"}),
    ({"sku": ("IN", ["mug-white", "MUG-SAND", "x"])}, {"mug-white", "mug-sand"}),
    ({"identifier": ("IN", ["mug-white"])}, {"mug-white"}),
    ({"sku": ("STARTS WITH", "shoe-")}, {"shoe-brush", "shoe-wax", "shoe-care-kit"}),
    ({"sku": ("CONTAINS", "stoneware #3")}, {"mug/stoneware #3 50% é+"}),
    ({"family": ("EMPTY", None)}, {"no-family"}),
    ({"family": ("IN", ["lamps", "gift_cards"])}, LAMPS | {"no-category"}),
    ({"family": ("IN", ["lamps"]), "enabled": ("=", True)}, LAMPS),
    ({"enabled": ("=", False), "family": ("IN", ["shoes"])}, {"leather-boot-42"}),
    ({"categories": ("UNCLASSIFIED", None)}, {"no-category"}),
    ({"categories": ("IN", ["boots"])}, BOOTS),
    (
        {"categories": ("IN CHILDREN", ["collections"]), "family": ("IN", ["lamps"])},
        LAMPS - {"floor-lamp-dimmable", "floor-lamp-fixed"},
    ),
    ({"categories": ("NOT IN CHILDREN", ["master", "collections"])}, {"no-category"}),
    # `=` matches every level below, `IN` only the next one.
    ({"parent": ("=", "linen-shirt")}, SHIRTS),
    ({"parent": ("=", "linen-shirt-sage")}, {code for code in SHIRTS if "sage" in code}),
    ({"parent": ("IN", ["linen-shirt"])}, set()),
    ({"parent": ("IN", ["linen-shirt-sage", "leather-boot"])}, {code for code in SHIRTS if "sage" in code} | BOOTS),
    ({"parent": ("EMPTY", None), "family": ("IN", ["lamps"])}, set()),
    ({"parent": ("NOT EMPTY", None), "family": ("IN", ["lamps"])}, LAMPS),
    ({"color": ("IN", ["marine"])}, {f"basic-tshirt-marine-{size}" for size in "sml"}),
    ({"material": ("IN", ["leather"])}, BOOTS | {"leather-belt-brown"}),
    ({"designer": ("IN", ["aino_lund"]), "family": ("IN", ["chairs"])}, {"dining-chair-aino-lund"}),
    ({"dimmable": ("=", True)}, {"pendant-lamp-dimmable", "floor-lamp-dimmable"}),
    ({"length": (">", {"amount": 2, "unit": "METER"})}, {"oak-table-220.5"}),
    ({"customer_rating": (">=", "4.75")}, {"serving-bowl"}),
    ({"price": (">", {"amount": "2000", "currency": "EUR"})}, {"first-home-set"}),
    ({"release_date": (">", "2026-04-30")}, {"picnic-blanket"}),
    ({"name": {"operator": "CONTAINS", "value": "importé", "locale": "fr_FR"}}, {"import-vase"}),
    ({"tagline": {"operator": "=", "value": "Shade", "scope": "print"}}, {"straw-hat"}),
    (
        {
            "completeness": {"operator": "<", "value": 100, "scope": "print", "locale": "fr_FR"},
            "family": ("IN", ["accessories"]),
        },
        set(),
    ),
]


@pytest.mark.parametrize(("criteria", "identifiers"), PRODUCTS)
def test_products(akeneo: AkeneoApi, criteria: dict[str, Any], identifiers: set[str]) -> None:
    assert akeneo.identifiers(search=search(**criteria)) == identifiers


MODELS: list[tuple[dict[str, Any], set[str]]] = [
    ({"identifier": ("IN", ["linen-shirt", "x"])}, {"linen-shirt"}),
    ({"parent": ("IN", ["linen-shirt"])}, {"linen-shirt-white", "linen-shirt-sage", "linen-shirt-navy"}),
    ({"parent": ("EMPTY", None), "family": ("IN", ["shoes"])}, {"canvas-sneaker", "leather-boot", "cork-sandal"}),
    ({"parent": ("NOT EMPTY", None), "categories": ("IN", ["women_shirts"])}, {"linen-shirt-sage"}),
    ({"categories": ("IN CHILDREN", ["women_outerwear"])}, {"autumn-poncho"}),
]


@pytest.mark.parametrize(("criteria", "codes"), MODELS)
def test_models(akeneo: AkeneoApi, criteria: dict[str, Any], codes: set[str]) -> None:
    assert {item["code"] for item in akeneo.items("product-models", search=search(**criteria))} == codes


def test_search_locale_is_the_default_of_criteria(akeneo: AkeneoApi) -> None:
    criteria = search(name=("=", "Vase importé"))
    [product] = akeneo.items("products-uuid", search=criteria, search_locale="fr_FR")
    assert product["values"]["sku"][0]["data"] == "import-vase"


def test_products_without_an_identifier_are_listed_only_by_uuid(akeneo: AkeneoApi) -> None:
    by_uuid = akeneo.document("products-uuid", limit=1, with_count="true")["items_count"]
    by_identifier = akeneo.document("products", limit=1, with_count="true")["items_count"]
    assert by_uuid == by_identifier + 1
    [unnamed] = akeneo.items("products-uuid", search=search(sku=("EMPTY", None)))
    assert "sku" not in unnamed["values"]
    assert akeneo.get("products/unnamed-sample").status_code == 404


def test_a_scope_hides_records_outside_the_tree_of_the_channel(akeneo: AkeneoApi) -> None:
    everything = akeneo.identifiers()
    printed = akeneo.identifiers(scope="print")
    assert {"no-category", "mug-white", "floor-lamp-fixed"} <= everything - printed
    assert "linen-shirt-white-s" in printed
    # A search by category turns this off.
    assert "mug-white" in akeneo.identifiers(scope="print", search=search(categories=("IN", ["mugs"])))


def test_scope_and_locales_filter_values(akeneo: AkeneoApi) -> None:
    def texts(**parameters: str) -> set[str]:
        values = akeneo.product("linen-shirt-white-s", **parameters)["values"]
        return {entry["data"] for entry in values.get("description", ()) + values["name"]}

    assert texts() > texts(scope="ecommerce") > texts(locales="fr_FR")
    assert texts(scope="print") == {"Woven in Flanders, shown on page 12.", "Linen shirt", "Chemise en lin"}
    assert texts(locales="fr_FR") == {"<p>Tissée en Flandre.</p>", "Chemise en lin"}


def test_attributes_also_filter_the_identifier(akeneo: AkeneoApi) -> None:
    assert akeneo.product("mug-white", attributes="name")["values"].keys() == {"name"}


def test_dates_without_an_offset_are_in_the_time_zone_of_the_server(editable: AkeneoApi) -> None:
    body = editable.product("mug-white")
    created = body["created"][:19].replace("T", " ")
    exactly = search(created=("=", created))
    assert "mug-white" in editable.identifiers(search=exactly)
    editable.switches.time_zone = "Europe/Paris"
    assert editable.identifiers(search=exactly) == set()


def test_bounds_of_dates(akeneo: AkeneoApi) -> None:
    at, before, later = "2026-01-13 00:40:00", "2026-01-13 00:39:59", "2026-01-13 00:40:01"

    def found(*criterion: Any) -> set[str]:
        return akeneo.identifiers(search=search(updated=criterion))

    assert found("=", at) == {"canvas-tote-natural"}
    assert found("BETWEEN", [at, at]) == {"canvas-tote-natural"}
    assert "canvas-tote-natural" not in found(">", at)
    assert "canvas-tote-natural" not in found("<", at)
    assert "canvas-tote-natural" in found(">", before) & found("<", later) & found("NOT BETWEEN", [later, later])
    assert found("SINCE LAST N DAYS", 100_000) == akeneo.identifiers()


def test_saas_supports_searches_in_the_body(akeneo: AkeneoApi) -> None:
    response = akeneo.session.post(
        f"{akeneo.sandbox.akeneo_url}/api/rest/v1/products-uuid/search",
        params={"limit": "100", "pagination_type": "search_after"},
        json={"search": search(parent=("=", "linen-shirt")), "with_completenesses": True},
        timeout=10,
    )
    items = response.json()["_embedded"]["items"]
    assert {item["values"]["sku"][0]["data"] for item in items} == SHIRTS
    assert all("completenesses" in item for item in items)
