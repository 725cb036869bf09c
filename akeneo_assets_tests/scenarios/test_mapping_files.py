"""A custom mapping file, from Akeneo to iPaaS.com."""

from __future__ import annotations

from pathlib import Path

import pytest

from akeneo_assets.errors import ConfigurationError
from akeneo_assets.sandbox.catalogue.records import prices, value
from akeneo_assets.sync.inspect.explain import explain
from akeneo_assets_tests.scenarios.polling import poll
from akeneo_assets_tests.scenarios.world import World, full_load, load_families, load_structure

pytestmark = pytest.mark.exhaustive

OWN = """
settings: {price_attribute: price, currency: EUR, units: {Weight: GRAM}}
filter: {exclude_families: [sets]}
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


def test_rules_of_every_kind_are_sent_once(small_world: World, tmp_path: Path) -> None:
    engine = small_world.engine(akeneo_assets_mapping=own_file(tmp_path))
    loaded = full_load(engine)
    assert loaded.problems == {}
    products = small_world.ipaas.products()
    names = {field["custom_field_name"] for product in products for field in product["custom_fields"]}
    assert {"Country", "Material1", "tagline"} <= names
    priced = [product for product in products if product.get("msrp")]
    assert priced
    assert all(abs(product["msrp"] - product["default_price"] * 1.2) < 0.006 for product in priced)
    variant_fields = {
        field["custom_field_name"]: field["value"]
        for variant in small_world.ipaas.variants()
        for field in variant["custom_fields"]
    }
    assert " / " in variant_fields["Name"]
    small_world.written()
    full_load(small_world.engine(akeneo_assets_mapping=own_file(tmp_path)))
    assert small_world.written() == []


def test_a_price_that_is_emptied_blocks_only_its_record(small_world: World, tmp_path: Path) -> None:
    own = own_file(tmp_path, "settings: {price_attribute: price, currency: EUR}")
    full_load(small_world.engine(akeneo_assets_mapping=own))
    before = {"fjord-sofa-sand": small_world.variant("fjord-sofa-sand"), "straw-hat": small_world.product("straw-hat")}
    hat, sofa = small_world.uuid("straw-hat"), small_world.uuid("fjord-sofa-sand")
    for uuid in (hat, sofa):
        small_world.edit.save_product(uuid, {"values": {"price": [value(None)]}})
    small_world.edit.save_product("fjord-sofa-sky", {"values": {"price": prices(777)}})

    loaded = full_load(small_world.engine(akeneo_assets_mapping=own))

    problems = {key: each.code for key, each in loaded.problems.items()}
    assert problems == {hat: "missing_price", sofa: "missing_price"}
    assert small_world.variant("fjord-sofa-sky")["default_price"] == 777
    assert small_world.variant("fjord-sofa-sand") == before["fjord-sofa-sand"]
    assert small_world.product("straw-hat") == before["straw-hat"]
    explanation = explain(small_world.engine(akeneo_assets_mapping=own), "product", "straw-hat")
    assert explanation.problem is not None
    assert explanation.problem.code == "missing_price"
    assert [each.result for each in explanation.fields if each.destination == "default_price"] == [None]
    own_file(tmp_path, "settings: {price_attribute: price, currency: EUR, missing_price: zero}")
    full_load(small_world.engine(akeneo_assets_mapping=own))
    assert small_world.product("straw-hat")["default_price"] == 0
    assert small_world.variant("fjord-sofa-sand")["default_price"] == 0


def test_a_misspelt_attribute_of_records_stops_the_run_and_the_right_one_is_suggested(
    small_world: World, tmp_path: Path
) -> None:
    text = OWN.replace("designer.country", "designer.contry")
    engine = small_world.engine(akeneo_assets_mapping=own_file(tmp_path, text))
    with pytest.raises(ConfigurationError, match=r"no attribute contry in the reference entity designers.*country\?"):
        load_structure(engine)


def test_a_warning_about_the_file_does_not_stop_the_run(small_world: World, tmp_path: Path) -> None:
    engine = small_world.engine(
        akeneo_assets_mapping=own_file(tmp_path, "product: {custom_fields: {attributes: ['x*']}}")
    )
    load_structure(engine)
    assert engine.mapper.fingerprint


def test_filtered_records_are_not_sent_and_are_not_waiting(small_world: World, tmp_path: Path) -> None:
    own = own_file(tmp_path, "filter: {families: [clothing, accessories], categories: [accessories]}")
    loaded = full_load(small_world.engine(akeneo_assets_mapping=own))

    assert small_world.skus() == ["canvas-tote-navy", "straw-hat"]
    assert loaded.problems == {}
    states = small_world.engine().store.reports.summary()["records"]
    assert states["product"]["filtered"] == 5
    assert states["product_model"]["filtered"] == 2
    assert "blocked" not in states["product"]
    small_world.written()
    again = full_load(small_world.engine(akeneo_assets_mapping=own))
    assert small_world.written() == []
    assert again.planned["products"].counts["filtered"] == loaded.planned["products"].counts["filtered"]


def test_records_that_are_filtered_later_stay_as_they_were_sent(small_world: World, tmp_path: Path) -> None:
    del small_world.variables["AKENEO_ASSETS_MAPPING"]
    full_load(small_world.engine())
    before = small_world.content()
    own = own_file(tmp_path, "filter: {expression: \"sku != 'linen-shirt-sage-s' and family != 'tableware'\"}")
    small_world.edit.save_product("linen-shirt-sage-s", {"enabled": False})
    small_world.edit.save_product("mug-white", {"enabled": False})

    loaded = full_load(small_world.engine(akeneo_assets_mapping=own))

    assert loaded.problems == {}
    assert small_world.content() == before
    full_load(small_world.engine())
    assert small_world.variant("linen-shirt-sage-s")["status"] == "Disabled"
    assert small_world.product("mug-white")["status"] == "Disabled"


def test_products_of_a_category_that_moves_into_the_filter_are_sent(small_world: World, tmp_path: Path) -> None:
    own = own_file(tmp_path, "filter: {categories: [furniture]}")
    full_load(small_world.engine(akeneo_assets_mapping=own))
    assert "straw-hat" not in small_world.skus()
    small_world.edit.save_category("hats", {"parent": "furniture"})

    poll(small_world.engine(akeneo_assets_mapping=own))
    poll(small_world.engine(akeneo_assets_mapping=own))

    assert "straw-hat" in small_world.skus()
    assert poll(small_world.engine(akeneo_assets_mapping=own)).found_nothing


def test_only_complete_products_are_sent_if_the_mapping_says_so(small_world: World, tmp_path: Path) -> None:
    own = own_file(tmp_path, "filter: {completeness: {minimum: 100}}")
    loaded = full_load(small_world.engine(akeneo_assets_mapping=own))

    counts = loaded.planned["products"].counts
    assert counts["created"] > 0
    assert counts["filtered"] > 0
    # The message about a bundle names the components that are not sent.
    assert {problem.code for problem in loaded.problems.values()} <= {"missing_component"}


@pytest.mark.parametrize("create", [True, False])
def test_stock_is_sent_to_the_location_with_that_name(small_world: World, tmp_path: Path, create: bool) -> None:
    text = "inventory:\n  - {location: {static: Hamburg}, qty_on_hand: stock_quantity}"
    engine = small_world.engine(akeneo_assets_mapping=own_file(tmp_path, text), create_missing_locations=create)

    loaded = load_families(engine, "accessories", "clothing")

    stocked = [*small_world.ipaas.variants(), *small_world.ipaas.products()]
    rows = [row for record in stocked for row in record.get("inventory") or ()]
    warnings = {text for result in loaded.delivered.values() for text in result.warnings}
    if create:
        (location,) = small_world.ipaas.locations("Hamburg")
        assert rows
        assert {row["location_id"] for row in rows} == {location["id"]}
        assert small_world.sandbox.ipaas_counters.requests("location.create") == 1
    else:
        assert rows == []
        assert "stock was left out, because iPaaS.com has no location 'Hamburg'. Create it there." in warnings
    small_world.written()
    load_families(small_world.engine(akeneo_assets_mapping=own_file(tmp_path, text)), "accessories", "clothing")
    assert small_world.written() == [], "the ids of its rows are known"


def test_barcodes_become_alternate_ids(small_world: World, tmp_path: Path) -> None:
    text = "alternate_id:\n  - {alternate_id_type_id: {static: '1'}, alternate_id: ean}"
    own = own_file(tmp_path, text)

    load_families(small_world.engine(akeneo_assets_mapping=own), "clothing")

    (barcode,) = small_world.variant("linen-shirt-sage-s")["alternate_ids"]
    ean = small_world.sandbox.akeneo.database.get("product", small_world.uuid("linen-shirt-sage-s"))
    assert ean is not None
    assert barcode["alternate_id"] == ean["values"]["ean"][0]["data"]
    small_world.written()
    load_families(small_world.engine(akeneo_assets_mapping=own), "clothing")
    assert small_world.written() == []


def test_a_formula_gets_the_ids_of_existing_records(small_world: World, tmp_path: Path) -> None:
    text = "product: {custom_fields: {fields: {Tree: {formula: \"ipaas_id('category', 'accessories')\"}}}}"
    full_load(small_world.engine(akeneo_assets_mapping=own_file(tmp_path, text)))

    fields = {each["custom_field_name"]: each["value"] for each in small_world.product("straw-hat")["custom_fields"]}
    assert fields["Tree"] == str(small_world.category("accessories")["id"])
