"""A mapping file of one's own, from Akeneo to iPaaS.com."""

from __future__ import annotations

from pathlib import Path

import pytest

from akeneo_assets.errors import ConfigurationError
from akeneo_assets_tests.scenarios.world import World, full_load, load_structure

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
    assert {attention.code for attention in loaded.problems.values()} <= {"filtered"}
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
