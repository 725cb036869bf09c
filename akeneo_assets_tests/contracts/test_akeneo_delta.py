"""When a search by date finds an edit: the rules that decide whether a poll loses changes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from akeneo_assets.sandbox.catalogue.records import value
from akeneo_assets_tests.contracts.akeneo_api import AkeneoApi, search

NOON = 1_800_014_400
"""2027-01-15 12:00:00 UTC, when the edits of these tests happen."""

BEFORE_NOON = search(updated=(">", "2027-01-15 11:59:59"))
NEW_NAME = {"values": {"name": [value("New name", locale="en_US")]}}
BOOTS = {f"leather-boot-{size}" for size in (38, 39, 40, 41, 42)}


@pytest.fixture
def noon(editable: AkeneoApi) -> AkeneoApi:
    editable.state.clock = lambda: NOON
    return editable


def changed_models(akeneo: AkeneoApi) -> set[str]:
    return {item["code"] for item in akeneo.items("product-models", search=BEFORE_NOON)}


def test_an_edit_of_a_product_is_found_and_updates_its_date(noon: AkeneoApi) -> None:
    noon.edit.save_product("mug-white", NEW_NAME)
    assert noon.identifiers(search=BEFORE_NOON) == {"mug-white"}
    assert noon.product("mug-white")["updated"] == "2027-01-15T12:00:00+00:00"
    assert noon.product("mug-white")["created"].startswith("2026-01-1")


def test_a_save_without_a_change_updates_no_date(noon: AkeneoApi) -> None:
    noon.edit.save_product("mug-white", {"enabled": True, "values": {"color": [value("white")]}})
    noon.edit.save_model("linen-shirt", {"categories": ["men_shirts", "ss26_linen"]})
    assert noon.identifiers(search=BEFORE_NOON) == changed_models(noon) == set()


def test_after_an_edit_of_a_root_model_all_records_below_are_found_with_their_old_dates(noon: AkeneoApi) -> None:
    noon.edit.save_model("linen-shirt", NEW_NAME)
    found = noon.items("products-uuid", search=BEFORE_NOON)
    assert len(found) == 12
    assert {item["updated"][:4] for item in found} == {"2026"}
    assert {item["values"]["name"][0]["data"] for item in found} == {"New name"}
    assert changed_models(noon) == {"linen-shirt", "linen-shirt-white", "linen-shirt-sage", "linen-shirt-navy"}
    assert noon.document("product-models/linen-shirt-sage")["updated"].startswith("2026")
    assert noon.document("product-models/linen-shirt")["updated"].startswith("2027")


def test_an_edit_of_a_variant_does_not_change_the_models_above(noon: AkeneoApi) -> None:
    noon.edit.save_product("linen-shirt-sage-m", {"enabled": False})
    assert noon.identifiers(search=BEFORE_NOON) == {"linen-shirt-sage-m"}
    assert changed_models(noon) == set()


def test_the_index_lags_behind_the_records(noon: AkeneoApi) -> None:
    noon.switches.index_lag_seconds = 30
    noon.edit.save_model("leather-boot", NEW_NAME)
    assert noon.document("product-models/leather-boot")["values"]["name"][0]["data"] == "New name"
    assert noon.identifiers(search=BEFORE_NOON) == changed_models(noon) == set()
    # In the meantime, the variants are found through their parent.
    assert noon.identifiers(search=search(parent=("=", "leather-boot"))) == BOOTS
    noon.state.clock = lambda: NOON + 30
    assert noon.identifiers(search=BEFORE_NOON) == BOOTS
    assert changed_models(noon) == {"leather-boot"}


def test_a_new_product_can_be_read_before_it_is_listed(noon: AkeneoApi) -> None:
    noon.switches.index_lag_seconds = 3600
    noon.edit.save_product("new-mug", {"family": "tableware"})
    assert noon.product("new-mug")["family"] == "tableware"
    assert "new-mug" not in noon.identifiers()
    noon.state.reindex()
    assert "new-mug" in noon.identifiers()


def test_a_new_two_way_association_updates_the_dates_of_both_sides(noon: AkeneoApi) -> None:
    mug, cup = noon.state.product_uuid("mug-white"), noon.state.product_uuid("espresso-cup-white")
    noon.edit.save_product("mug-white", {"associations": {"substitution": {"products": [cup]}}})
    assert noon.product("espresso-cup-white")["associations"]["substitution"]["products"] == [mug]
    assert noon.identifiers(search=BEFORE_NOON) == {"mug-white", "espresso-cup-white"}


def test_the_other_side_of_a_removed_two_way_association_is_not_found(noon: AkeneoApi) -> None:
    noon.edit.save_product("dinner-plate-white", {"associations": {"substitution": {"products": []}}})
    partner = noon.product("dinner-plate-sand")
    assert partner["associations"]["substitution"]["products"] == []
    assert partner["updated"].startswith("2027")
    assert noon.identifiers(search=BEFORE_NOON) == {"dinner-plate-white"}


UNSEEN: dict[str, Callable[[AkeneoApi], object]] = {
    "label of an option": lambda noon: noon.edit.save_option("color", "white", {"labels": {"en_US": "Snow"}}),
    "deleted option": lambda noon: noon.edit.delete_option("color", "white"),
    "deleted category": lambda noon: noon.edit.delete_category("mugs"),
    "moved category": lambda noon: noon.edit.save_category("mugs", {"parent": "kitchen"}),
    "deleted component": lambda noon: noon.edit.delete_product("mug-white"),
    "record": lambda noon: noon.edit.save_record("designers", "tomas_ek", {"values": {}}),
    "family variant": lambda noon: noon.edit.save("family_variant", "shoes/shoes_size", {}, {"labels": {"en_US": "x"}}),
}


@pytest.mark.parametrize("edit", UNSEEN.values(), ids=UNSEEN)
def test_edits_that_no_search_for_products_finds(noon: AkeneoApi, edit: Callable[[AkeneoApi], object]) -> None:
    edit(noon)
    assert noon.identifiers(search=BEFORE_NOON) == changed_models(noon) == set()


def test_a_deleted_product_leaves_no_trace(noon: AkeneoApi) -> None:
    uuid = noon.state.product_uuid("mug-white")
    noon.edit.delete_product("mug-white")
    assert noon.get(f"products-uuid/{uuid}").status_code == 404
    assert "mug-white" not in noon.identifiers()


def test_a_deleted_model_is_deleted_with_everything_below(noon: AkeneoApi) -> None:
    noon.edit.delete_model("linen-shirt")
    assert not any(code.startswith("linen-shirt") for code in noon.identifiers())
    assert noon.get("product-models/linen-shirt-sage").status_code == 404
    assert noon.get("products-uuid", search=search(parent=("=", "linen-shirt"))).status_code == 422


def test_an_emptied_value_is_left_out(noon: AkeneoApi) -> None:
    noon.edit.save_product("mug-white", {"values": {"price": [value(None)]}})
    assert "price" not in noon.product("mug-white")["values"]


def test_a_product_can_change_family_parent_and_identifier(noon: AkeneoApi) -> None:
    uuid = noon.state.product_uuid("mug-white")
    noon.edit.save_product(
        "mug-white", {"family": "lamps", "parent": "floor-lamp", "values": {"sku": [value("lamp-x")]}}
    )
    assert noon.get("products/mug-white").status_code == 404
    assert noon.document("products/lamp-x")["uuid"] == uuid
    assert "lamp-x" in noon.identifiers(search=search(parent=("=", "floor-lamp"), family=("IN", ["lamps"])))
