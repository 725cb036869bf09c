"""A mapping file of one's own, from Akeneo to iPaaS.com."""

from __future__ import annotations

from pathlib import Path

import pytest

from akeneo_assets.errors import ConfigurationError
from akeneo_assets_tests.scenarios.polling import poll
from akeneo_assets_tests.scenarios.world import World, full_load, load_families, load_structure

OWN = """
settings: {price_attribute: price, currency: EUR, units: {Weight: GRAM}}
filter: {exclude_families: [gift_cards]}
product:
  weight: weight
  msrp: {formula: (price * 1.2)|round(2)}
  custom_fields:
    fields:
      Material: {field: material, collection: numbered}
    attributes: [{group: marketing}]
product_model:
  custom_fields: {fields: {Country: designer.country}}
variant:
  custom_fields:
    fields:
      Name: {formula: "parent('name') ~ ' / ' ~ sku"}
"""


def own_file(folder: Path, text: str = OWN) -> str:
    path = folder / "mapping.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_rules_of_every_kind_arrive_and_settle(world: World, tmp_path: Path) -> None:
    engine = world.engine(akeneo_assets_mapping=own_file(tmp_path))
    loaded = full_load(engine)
    assert loaded.problems == {}
    products = world.ipaas.products()
    names = {field["custom_field_name"] for product in products for field in product["custom_fields"]}
    assert {"Country", "Material1", "tagline"} <= names
    priced = [product for product in products if product.get("msrp")]
    assert priced
    assert all(abs(product["msrp"] - product["default_price"] * 1.2) < 0.006 for product in priced)
    variant_fields = {
        field["custom_field_name"]: field["value"]
        for variant in world.ipaas.variants()
        for field in variant["custom_fields"]
    }
    assert " / " in variant_fields["Name"]
    world.written()
    full_load(world.engine(akeneo_assets_mapping=own_file(tmp_path)))
    assert world.written() == []


def test_a_misspelt_attribute_of_records_stops_the_run_with_the_right_one(world: World, tmp_path: Path) -> None:
    text = OWN.replace("designer.country", "designer.contry")
    engine = world.engine(akeneo_assets_mapping=own_file(tmp_path, text))
    with pytest.raises(ConfigurationError, match=r"no attribute contry in the reference entity designers.*country\?"):
        load_structure(engine)


def test_a_warning_about_the_file_stops_nothing(world: World, tmp_path: Path) -> None:
    engine = world.engine(akeneo_assets_mapping=own_file(tmp_path, "product: {custom_fields: {attributes: ['x*']}}"))
    load_structure(engine)
    assert engine.mapper.fingerprint


def test_what_the_filter_leaves_out_is_not_sent_and_waits_for_nobody(world: World, tmp_path: Path) -> None:
    own = own_file(tmp_path, "filter: {families: [clothing, accessories], categories: [clothing_women]}")
    loaded = full_load(world.engine(akeneo_assets_mapping=own))

    families = {field["value"] for product in world.ipaas.products() for field in product["custom_fields"]}
    assert "clothing" in families
    assert "tableware" not in families
    assert loaded.problems == {}
    states = world.engine().store.ledger.count_states(kind="product")
    assert states["product", "filtered"] > 0
    assert ("product", "blocked") not in states
    world.written()
    again = full_load(world.engine(akeneo_assets_mapping=own))
    assert world.written() == []
    assert again.planned["products"].counts["filtered"] == loaded.planned["products"].counts["filtered"]


def test_what_a_filter_leaves_out_later_stays_as_it_was_sent(world: World, tmp_path: Path) -> None:
    full_load(world.engine())
    before = world.content()
    own = own_file(tmp_path, "filter: {expression: \"sku != 'linen-shirt-sage-m' and family != 'tableware'\"}")
    world.edit.save_product("linen-shirt-sage-m", {"enabled": False})
    world.edit.save_product("mug-white", {"enabled": False})

    loaded = full_load(world.engine(akeneo_assets_mapping=own))

    assert loaded.problems == {}
    assert world.content() == before
    full_load(world.engine())
    assert world.variant("linen-shirt-sage-m")["status"] == "Disabled"
    assert world.product("mug-white")["status"] == "Disabled"


def test_a_category_that_moves_below_one_that_is_sent_brings_its_products(world: World, tmp_path: Path) -> None:
    own = own_file(tmp_path, "filter: {categories: [furniture]}")
    full_load(world.engine(akeneo_assets_mapping=own))
    assert "straw-hat" not in world.skus()
    world.edit.save_category("hats", {"parent": "furniture"})

    poll(world.engine(akeneo_assets_mapping=own))
    poll(world.engine(akeneo_assets_mapping=own))

    assert "straw-hat" in world.skus()
    assert poll(world.engine(akeneo_assets_mapping=own)).found_nothing


def test_only_what_is_complete_is_sent_where_the_mapping_says_so(world: World, tmp_path: Path) -> None:
    own = own_file(tmp_path, "filter: {completeness: {minimum: 100}}")
    loaded = full_load(world.engine(akeneo_assets_mapping=own))

    counts = loaded.planned["products"].counts
    assert counts["created"] > 0
    assert counts["filtered"] > 0
    # A bundle is told what it is made of that is not sent.
    assert {attention.code for attention in loaded.problems.values()} <= {"missing_component"}


@pytest.mark.parametrize("create", [True, False])
def test_stock_goes_to_the_location_of_that_name(world: World, tmp_path: Path, create: bool) -> None:
    text = "inventory:\n  - {location: {static: Hamburg}, qty_on_hand: stock_quantity}"
    engine = world.engine(akeneo_assets_mapping=own_file(tmp_path, text), create_missing_locations=create)

    loaded = load_families(engine, "accessories", "clothing")

    stocked = [*world.ipaas.variants(), *world.ipaas.products()]
    rows = [row for record in stocked for row in record.get("inventory") or ()]
    warnings = {text for result in loaded.delivered.values() for text in result.warnings}
    if create:
        (location,) = world.ipaas.locations("Hamburg")
        assert rows
        assert {row["location_id"] for row in rows} == {location["id"]}
        assert world.sandbox.ipaas_counters.requests("location.create") == 1
    else:
        assert rows == []
        assert "stock was left out: iPaaS.com has no location 'Hamburg'; create it there" in warnings
    world.written()
    load_families(world.engine(akeneo_assets_mapping=own_file(tmp_path, text)), "accessories", "clothing")
    assert world.written() == [], "the ids of its rows are known"


def test_barcodes_become_alternate_ids(world: World, tmp_path: Path) -> None:
    text = "alternate_id:\n  - {alternate_id_type_id: {static: '1'}, alternate_id: ean}"
    own = own_file(tmp_path, text)

    load_families(world.engine(akeneo_assets_mapping=own), "clothing")

    (barcode,) = world.variant("linen-shirt-sage-m")["alternate_ids"]
    ean = world.sandbox.akeneo.database.get("product", world.uuid("linen-shirt-sage-m"))
    assert ean is not None
    assert barcode["alternate_id"] == ean["values"]["ean"][0]["data"]
    world.written()
    load_families(world.engine(akeneo_assets_mapping=own), "clothing")
    assert world.written() == []


def test_a_formula_knows_the_ids_of_records_that_are_there(world: World, tmp_path: Path) -> None:
    text = "product: {custom_fields: {fields: {Tree: {formula: \"ipaas_id('category', 'accessories')\"}}}}"
    full_load(world.engine(akeneo_assets_mapping=own_file(tmp_path, text)))

    fields = {each["custom_field_name"]: each["value"] for each in world.product("straw-hat")["custom_fields"]}
    assert fields["Tree"] == str(world.category("accessories")["id"])
