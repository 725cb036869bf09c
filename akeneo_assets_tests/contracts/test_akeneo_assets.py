"""Assets: their lists, their bodies in each edition, and the share links next to the values of products."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from akeneo_assets.documents import JsonObject
from akeneo_assets_tests.contracts.akeneo_api import AkeneoApi, search

ASSETS = "asset-families/product_pictures/assets"
SHARED = "https://assets.akeneo.example/product_pictures/file/"


def codes(akeneo: AkeneoApi, **parameters: Any) -> list[str]:
    return [item["code"] for item in akeneo.document(ASSETS, **parameters)["_embedded"]["items"]]


def test_assets_are_paged_by_an_opaque_cursor_and_the_server_chooses_the_page_size(editable: AkeneoApi) -> None:
    editable.switches.record_page_size = 4
    pages = list(editable.pages(ASSETS, limit=1))
    assert [[asset["code"] for asset in page["_embedded"]["items"]] for page in pages] == [
        ["canvas_tote_front", "canvas_tote_worn", "fjord_sofa_room", "fjord_sofa_sand"],
        ["linen_field", "linen_shirt_folded"],
    ]


def test_assets_are_searched_by_code_and_date(editable: AkeneoApi) -> None:
    assert codes(editable, search=search(code=("IN", ["linen_field", "x"]))) == ["linen_field"]
    assert codes(editable, search=search(updated=(">", "2026-02-01T00:00:00Z"))) == []
    editable.edit.save_asset("product_pictures", "linen_field", {"values": {}})
    assert codes(editable, search=search(updated=(">", "2026-02-01T00:00:00Z"))) == ["linen_field"]
    refused = editable.get(ASSETS, search=search(color=("IN", ["x"])))
    assert refused.status_code == 422


def test_channel_and_locales_filter_the_values(akeneo: AkeneoApi) -> None:
    asset = akeneo.document(f"{ASSETS}/fjord_sofa_room", locales="fr_FR")
    assert [entry["data"] for entry in asset["values"]["label"]] == ["Canapé Fjord dans un salon"]
    assert "link" in asset["values"], "what has no locale stays"
    assert akeneo.document(f"{ASSETS}/fjord_sofa_room", locales="de_DE")["values"].keys() == {"link"}


def test_a_link_has_its_prefix_and_suffix_on_saas(editable: AkeneoApi) -> None:
    [entry] = editable.document(f"{ASSETS}/fjord_sofa_room")["values"]["link"]
    assert entry == {
        "locale": None,
        "channel": None,
        "data": "fjord/room.jpg",
        "linked_data": {
            "full_url": "https://pictures.example/fjord/room.jpg?width=1200",
            "prefix": "https://pictures.example/",
            "suffix": "?width=1200",
        },
        "attribute_type": "media_link",
    }
    editable.switches.edition = "EE"
    asset = editable.document(f"{ASSETS}/fjord_sofa_room")
    assert asset["values"]["link"] == [{"locale": None, "channel": None, "data": "fjord/room.jpg"}]
    assert "asset_family_code" not in asset
    attributes = {each["code"]: each for each in editable.document("asset-families/product_pictures/attributes")}
    assert (attributes["link"]["prefix"], attributes["link"]["suffix"]) == ("https://pictures.example/", "?width=1200")


def test_a_file_links_to_its_download_and_its_share_link(editable: AkeneoApi) -> None:
    [entry] = editable.document(f"{ASSETS}/linen_field")["values"]["file"]
    path = "/api/rest/v1/asset-media-files/c/4/d/5/c4d5_linen_field.jpg"
    assert entry["_links"] == {
        "download": {"href": editable.sandbox.akeneo_url + path},
        "share_link": {"href": f"{SHARED}linen_field.jpg"},
    }
    editable.switches.asset_sharing = "off"
    [entry] = editable.document(f"{ASSETS}/linen_field")["values"]["file"]
    assert entry["_links"].keys() == {"download"}


def test_products_refer_to_assets_by_code(akeneo: AkeneoApi) -> None:
    [entry] = akeneo.product("canvas-tote-natural")["values"]["pictures"]
    assert entry == {
        "locale": None,
        "scope": None,
        "data": ["canvas_tote_worn", "canvas_tote_front"],
        "attribute_type": "pim_catalog_asset_collection",
        "reference_data_name": "product_pictures",
    }
    assert akeneo.identifiers(search=search(pictures=("IN", ["fjord_sofa_room"]))) == {"fjord-sofa-sand"}


def shared(code: str) -> list[JsonObject]:
    return [
        {
            "attribute": "file",
            "scope": None,
            "locale": None,
            "_links": {"self": {"href": f"{SHARED}{code}.jpg"}},
        }
    ]


def entries(akeneo: AkeneoApi, **parameters: str) -> dict[str, JsonObject]:
    """Return the pictures of a product, a model and a variant, read one by one and from the lists."""
    uuid = akeneo.state.product_uuid("fjord-sofa-sand")
    [listed] = akeneo.items("products-uuid", search=search(uuid=("IN", [uuid])), **parameters)
    [by_identifier] = akeneo.items("products", search=search(sku=("=", "fjord-sofa-sand")), **parameters)
    [model] = akeneo.items("product-models", search=search(identifier=("IN", ["linen-shirt"])), **parameters)
    documents = {
        "by uuid": akeneo.document(f"products-uuid/{uuid}", **parameters),
        "by identifier": akeneo.document("products/fjord-sofa-sand", **parameters),
        "listed": listed,
        "listed by identifier": by_identifier,
        "model": akeneo.document("product-models/linen-shirt", **parameters),
        "listed model": model,
    }
    return {name: document["values"]["pictures"][0] for name, document in documents.items()}


def test_share_links_are_next_to_the_values_on_request(akeneo: AkeneoApi) -> None:
    sofa = {"fjord_sofa_sand": {"share_links": shared("fjord_sofa_sand")}, "fjord_sofa_room": {"share_links": []}}
    shirt = {code: {"share_links": shared(code)} for code in ("linen_shirt_folded", "linen_field")}
    for name, entry in entries(akeneo, with_asset_share_links="true").items():
        assert entry["linked_data"] == (shirt if "model" in name else sofa), name
    for name, entry in entries(akeneo).items():
        assert "linked_data" not in entry, name
    variant = akeneo.product("linen-shirt-white-s", with_asset_share_links="true")["values"]["pictures"][0]
    assert variant["linked_data"] == shirt, "as its model"


@pytest.mark.parametrize("edition", ["CE", "EE"])
def test_only_saas_supports_share_links(editable: AkeneoApi, edition: Literal["CE", "EE"]) -> None:
    editable.switches.edition = edition
    entry = editable.product("straw-hat", with_asset_share_links="true")["values"]["pictures"][0]
    assert "linked_data" not in entry


def test_signed_links_differ_in_every_response(editable: AkeneoApi) -> None:
    editable.switches.asset_sharing = "signed"

    def link() -> str:
        entry = editable.product("straw-hat", with_asset_share_links="true")["values"]["pictures"][0]
        address: str = entry["linked_data"]["linen_field"]["share_links"][0]["_links"]["self"]["href"]
        return address

    first, second = link(), link()
    assert first != second
    assert first.partition("?")[0] == second.partition("?")[0] == f"{SHARED}linen_field.jpg"


def test_deleted_assets_disappear_from_values_without_a_new_date(editable: AkeneoApi) -> None:
    before = editable.product("canvas-tote-natural")
    editable.edit.delete("asset", "product_pictures/canvas_tote_worn")
    after = editable.product("canvas-tote-natural")
    assert after["values"]["pictures"][0]["data"] == ["canvas_tote_front"]
    assert after["updated"] == before["updated"]
