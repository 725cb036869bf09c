"""Pages: sizes, orders, and the rules for links."""

from __future__ import annotations

from urllib.parse import parse_qs, quote, urlsplit

import pytest

from akeneo_assets.documents import JsonObject
from akeneo_assets_tests.contracts.akeneo_api import AkeneoApi, search

PAGED_BY_NUMBER = [
    "attributes",
    "attributes/color/options",
    "attribute-groups",
    "families",
    "families/clothing/variants",
    "association-types",
    "channels",
    "locales",
    "currencies",
]
KEYS = {"products-uuid": "uuid", "products": "identifier", "product-models": "code"}


def items_of(page: JsonObject) -> list[JsonObject]:
    items: list[JsonObject] = page["_embedded"]["items"]
    return items


def keys(akeneo: AkeneoApi, path: str, **parameters: str | int) -> list[str]:
    return [item[KEYS[path]] for page in akeneo.pages(path, **parameters) for item in items_of(page)]


def parameters_of(link: JsonObject) -> dict[str, str]:
    return {name: texts[0] for name, texts in parse_qs(urlsplit(link["href"]).query).items()}


def test_a_page_has_ten_items_by_default(akeneo: AkeneoApi) -> None:
    page = akeneo.document("products-uuid")
    assert len(items_of(page)) == 10
    assert page["current_page"] == 1
    assert page["_links"].keys() == {"self", "first", "next"}
    assert akeneo.document("products-uuid", page=2)["_links"].keys() == {"self", "first", "previous", "next"}


@pytest.mark.parametrize("path", KEYS)
@pytest.mark.parametrize("pagination_type", ["page", "search_after"])
def test_both_paging_methods_return_each_record_once_in_order(
    akeneo: AkeneoApi, path: str, pagination_type: str
) -> None:
    found = keys(akeneo, path, limit=7, pagination_type=pagination_type)
    assert found == sorted(set(found), key=str.lower)
    total = akeneo.document(path, limit=1, with_count="true")["items_count"]
    assert len(found) == total


def test_a_full_last_page_is_followed_by_an_empty_one(akeneo: AkeneoApi) -> None:
    gift_cards = search(family=("IN", ["gift_cards"]))
    pages = list(akeneo.pages("products-uuid", limit=1, pagination_type="search_after", search=gift_cards))
    assert [len(items_of(page)) for page in pages] == [1, 0]


def test_only_paging_by_number_returns_counts(akeneo: AkeneoApi) -> None:
    assert "items_count" in akeneo.document("categories", with_count="true")
    assert "items_count" not in akeneo.document("categories")
    assert "items_count" not in akeneo.document("products-uuid", pagination_type="search_after", with_count="true")


@pytest.mark.parametrize("path", PAGED_BY_NUMBER)
def test_structure_is_sorted_by_code(akeneo: AkeneoApi, path: str) -> None:
    codes = [item["code"] for page in akeneo.pages(path, limit=3) for item in items_of(page)]
    assert codes
    assert codes == sorted(set(codes), key=str.lower)


@pytest.mark.parametrize(
    ("path", "cursor"),
    [("products-uuid", "80000000-0000-0000-0000-000000000000"), ("products", "m"), ("product-models", "m")],
)
def test_a_page_may_follow_a_key_that_does_not_exist(akeneo: AkeneoApi, path: str, cursor: str) -> None:
    listed = keys(akeneo, path, limit=100)
    after = keys(akeneo, path, limit=100, pagination_type="search_after", search_after=cursor)
    assert cursor not in listed
    assert after == [key for key in listed if key.lower() > cursor]
    assert 0 < len(after) < len(listed)


def test_the_cursor_of_products_ignores_case(akeneo: AkeneoApi) -> None:
    def after(cursor: str) -> list[str]:
        return keys(akeneo, "products", pagination_type="search_after", limit=100, search_after=cursor)

    lower = after("mug")
    assert lower == after("MUG")
    assert lower[0] == "mug-charcoal"


@pytest.mark.parametrize(
    ("path", "kept", "lost"),
    [
        ("products-uuid", "with_quality_scores", "search_locale"),
        ("product-models", "search_scope", "search_locale"),
        ("product-models", "search_scope", "with_quality_scores"),
    ],
)
def test_next_links_leave_out_some_parameters(akeneo: AkeneoApi, path: str, kept: str, lost: str) -> None:
    values = {"search_locale": "en_US", "with_quality_scores": "true", "search_scope": "ecommerce"}
    page = akeneo.document(path, limit=1, pagination_type="search_after", **{kept: values[kept], lost: values[lost]})
    following = parameters_of(page["_links"]["next"])
    assert kept in following
    assert lost not in following


def test_links_can_contain_another_host(editable: AkeneoApi) -> None:
    editable.switches.public_url = "http://pim.internal:8080"
    page = editable.document("products-uuid")
    assert page["_links"]["next"]["href"].startswith("http://pim.internal:8080/api/rest/v1/products-uuid?")


def test_links_leave_some_characters_unencoded(akeneo: AkeneoApi) -> None:
    href = akeneo.document("products-uuid", search=search(family=("IN", ["shoes"])))["_links"]["self"]["href"]
    assert "search=%7B%22family%22:%5B%7B%22operator%22:%22IN%22,%22value%22" in href


@pytest.mark.parametrize("path", KEYS)
def test_a_deletion_during_paging_ends_the_chain_early(editable: AkeneoApi, path: str) -> None:
    limit = 5
    listed = keys(editable, path, limit=100)
    if path == "product-models":
        victim = "linen-dress-sand"
        editable.switches.index_lag_seconds = 3600
        editable.edit.delete_model(victim)
    else:
        victim = listed[limit + 1]
        editable.edit.delete_product(victim, leave_in_index=True)
    pages = list(editable.pages(path, limit=limit, pagination_type="search_after"))
    full_pages = listed.index(victim) // limit
    assert [len(items_of(page)) for page in pages] == [limit] * full_pages + [limit - 1]
    # The count is that of the index, and another page can be requested.
    assert editable.document(path, limit=1, with_count="true")["items_count"] == len(listed)
    cursor = items_of(pages[-1])[-1][KEYS[path]]
    assert items_of(editable.document(path, limit=limit, pagination_type="search_after", search_after=cursor))


def test_records_are_paged_by_an_opaque_cursor(editable: AkeneoApi) -> None:
    editable.switches.record_page_size = 2
    pages = list(editable.pages("reference-entities/designers/records"))
    assert [[record["code"] for record in items_of(page)] for page in pages] == [
        ["aino_lund", "bruno_castelli"],
        ["maison_verre", "no_label"],
        ["tomas_ek"],
    ]
    assert parameters_of(pages[0]["_links"]["next"])["search_after"] != "bruno_castelli"


@pytest.mark.parametrize("identifier", ["mug/stoneware #3 50% é+", "0042", "MUG-WHITE"])
def test_codes_in_paths_keep_their_slashes_and_encode_other_characters(akeneo: AkeneoApi, identifier: str) -> None:
    body = akeneo.document(f"products/{quote(identifier)}")
    assert body["identifier"].lower() == identifier.lower()


@pytest.mark.parametrize("path", ["products", "product-models"])
def test_before_version_6_a_request_continues_only_after_the_cursor_of_a_link(editable: AkeneoApi, path: str) -> None:
    listed = keys(editable, path, limit=100)
    editable.state.switches.version = "5.0.100"
    found = keys(editable, path, limit=7, pagination_type="search_after")
    assert sorted(found) == sorted(listed) != found
    first = editable.document(path, limit=7, pagination_type="search_after")
    assert parameters_of(first["_links"]["next"])["search_after"] not in found
    after_a_key = editable.document(path, limit=7, pagination_type="search_after", search_after=found[6])
    assert [item[KEYS[path]] for item in items_of(after_a_key)] != found[7:14]


def test_pages_that_are_too_large_for_a_server_fail(editable: AkeneoApi) -> None:
    editable.state.switches.largest_product_page = 20
    assert editable.get("product-models", limit=21).status_code == 500
    assert editable.get("product-models", limit=20).status_code == 200
