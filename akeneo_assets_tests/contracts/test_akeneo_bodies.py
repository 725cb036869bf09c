"""Bodies of products and models: what is merged, what is included although empty, and what is left out."""

from __future__ import annotations

from akeneo_assets.documents import JsonObject
from akeneo_assets_tests.contracts.akeneo_api import AkeneoApi

NOTHING: JsonObject = {"products": [], "product_models": [], "groups": []}


def test_a_variant_shows_the_values_of_all_levels(akeneo: AkeneoApi) -> None:
    values = akeneo.product("linen-shirt-sage-m")["values"]
    root, sub = akeneo.document("product-models/linen-shirt"), akeneo.document("product-models/linen-shirt-sage")
    assert root["values"].keys() < sub["values"].keys() < values.keys()
    assert {"name", "price"} <= root["values"].keys()
    assert sub["values"].keys() - root["values"].keys() == {"color", "picture", "tagline"}
    assert values.keys() - sub["values"].keys() == {"sku", "ean", "size", "stock_quantity", "weight"}


def test_a_variant_shows_the_categories_and_associations_of_all_levels(akeneo: AkeneoApi) -> None:
    variant = akeneo.product("linen-shirt-sage-m")
    assert variant["categories"] == ["men_shirts", "ss26_linen", "women_shirts"]
    assert variant["parent"] == "linen-shirt-sage"
    assert variant["associations"]["substitution"]["product_models"] == ["cotton-shirt"]
    belt, scarf = (akeneo.state.product_uuid(name) for name in ("leather-belt-brown", "silk-scarf-sky"))
    assert variant["associations"]["accessories"]["products"] == sorted((belt, scarf))


def test_the_root_of_a_variant_is_shown_on_request(akeneo: AkeneoApi) -> None:
    assert akeneo.product("linen-shirt-sage-m", with_root_parent="true")["root_parent"] == "linen-shirt"
    assert akeneo.product("mug-white", with_root_parent="true")["root_parent"] is None


def test_simple_types_are_always_present_but_quantified_ones_only_with_members(akeneo: AkeneoApi) -> None:
    body = akeneo.product("mug-white")
    assert body["associations"] == {"accessories": NOTHING, "substitution": NOTHING}
    assert body["quantified_associations"] == {}


def test_products_are_referred_to_by_uuid_or_by_identifier(akeneo: AkeneoApi) -> None:
    by_uuid = akeneo.product("living-room-set")["quantified_associations"]["PRODUCTSET"]
    by_identifier = akeneo.document("products/living-room-set")["quantified_associations"]["PRODUCTSET"]
    names = {"fjord-sofa-sand": 1, "linen-cushion-sage": 3, "wool-throw-grey": 1}
    assert {member["uuid"]: member["quantity"] for member in by_uuid["products"]} == {
        akeneo.state.product_uuid(name): quantity for name, quantity in names.items()
    }
    assert {member["identifier"]: member["quantity"] for member in by_identifier["products"]} == names
    assert by_uuid["product_models"] == by_identifier["product_models"] == [{"identifier": "floor-lamp", "quantity": 1}]


def test_models_always_refer_to_products_by_identifier(akeneo: AkeneoApi) -> None:
    members = akeneo.document("product-models/linen-shirt")["associations"]["accessories"]
    assert members["products"] == ["leather-belt-brown", "silk-scarf-sky"]


def test_a_member_without_identifier_is_null(akeneo: AkeneoApi) -> None:
    assert akeneo.document("products/picnic-blanket")["associations"]["accessories"]["products"] == [None]
    assert len(akeneo.product("picnic-blanket")["associations"]["accessories"]["products"][0]) == 36


def test_the_key_of_models_in_bundles_varies(editable: AkeneoApi) -> None:
    editable.switches.quantified_model_key = "code"
    members = editable.product("living-room-set")["quantified_associations"]["PRODUCTSET"]
    assert members["product_models"] == [{"code": "floor-lamp", "quantity": 1}]


def test_deleted_options_disappear_from_values_without_a_new_date(editable: AkeneoApi) -> None:
    before = editable.product("mug-sage")
    editable.edit.delete_option("color", "sage")
    editable.edit.delete_option("material", "stoneware")
    after = editable.product("mug-sage")
    assert before["values"].keys() - after["values"].keys() == {"color", "material"}
    assert after["updated"] == before["updated"]


def test_prices_in_a_deactivated_currency_disappear(editable: AkeneoApi) -> None:
    editable.edit.save("currency", "USD", {}, {"enabled": False})
    assert editable.product("mug-white")["values"]["price"][0]["data"] == [{"amount": "12.00", "currency": "EUR"}]
    assert "price" not in editable.product("import-vase")["values"]


def test_values_of_a_deactivated_locale_and_of_deleted_records_disappear(editable: AkeneoApi) -> None:
    editable.edit.save("locale", "fr_FR", {}, {"enabled": False})
    editable.edit.delete("reference_entity_record", "designers/tomas_ek")
    values = editable.product("fjord-sofa-sand")["values"]
    assert {entry["locale"] for entry in values["name"]} == {"en_US", "de_DE"}
    assert "designer" not in values


def test_deleted_members_are_skipped(editable: AkeneoApi) -> None:
    bundle = editable.product("shoe-care-kit")
    editable.edit.delete_product("shoe-wax")
    after = editable.product("shoe-care-kit")
    brush = editable.state.product_uuid("shoe-brush")
    assert after["quantified_associations"] == {
        "PRODUCTSET": {"products": [{"uuid": brush, "quantity": 1}], "product_models": []}
    }
    assert after["updated"] == bundle["updated"]
    editable.edit.delete_product("shoe-brush")
    assert editable.product("shoe-care-kit")["quantified_associations"] == {}


def test_the_lower_level_takes_precedence_for_a_component_on_two_levels(editable: AkeneoApi) -> None:
    mug = editable.state.product_uuid("mug-white")

    def components(quantity: int) -> JsonObject:
        members = {"products": [{"uuid": mug, "quantity": quantity}], "product_models": []}
        return {"quantified_associations": {"PRODUCTSET": members}}

    editable.edit.save_model("leather-boot", components(2))
    editable.edit.save_product("leather-boot-40", components(5))
    assert editable.product("leather-boot-40")["quantified_associations"] == {
        "PRODUCTSET": components(5)["quantified_associations"]["PRODUCTSET"]
    }


def test_an_orphan_keeps_its_own_values(editable: AkeneoApi) -> None:
    editable.edit.save_product("leather-boot-40", {"parent": "ghost"})
    body = editable.product("leather-boot-40")
    assert body["parent"] == "ghost"
    assert "name" not in body["values"]


def test_completeness_by_channel_and_locale(akeneo: AkeneoApi) -> None:
    shares = akeneo.product("import-vase", with_completenesses="true")["completenesses"]
    assert {(share["scope"], share["locale"]): share["data"] for share in shares} == {
        ("ecommerce", "en_US"): 66,
        ("ecommerce", "fr_FR"): 100,
        ("ecommerce", "de_DE"): 66,
        ("print", "en_US"): 50,
        ("print", "fr_FR"): 100,
    }


def test_a_value_can_contain_the_code_of_its_option_in_another_case(akeneo: AkeneoApi) -> None:
    [entry] = akeneo.product("shoe-brush", with_attribute_options="true")["values"]["color"]
    assert (entry["data"], entry["linked_data"]["code"]) == ("Black", "black")
