from __future__ import annotations

import random
from typing import TYPE_CHECKING

from akeneo_assets.mapping.catalogue.required import required_structure
from akeneo_assets.mapping.catalogue.structure import Structure
from akeneo_assets.mapping.file.load import load_mapping
from akeneo_assets_tests.mapping.catalogue import documents, family_variant, mapping, option, structure

if TYPE_CHECKING:
    from pathlib import Path


def test_the_fingerprint_ignores_order_and_sees_content() -> None:
    shuffled = {kind: random.Random(1).sample(each, len(each)) for kind, each in documents().items()}
    known = structure()
    assert Structure.from_documents(shuffled).fingerprint == known.fingerprint
    relabelled = [option("color", "blue", 2, en_US="Bluish")]
    assert structure(attribute_option=relabelled).fingerprint != known.fingerprint
    assert structure(reference_entity_record=[]).fingerprint != known.fingerprint
    assert structure(channel=[]).fingerprint != known.fingerprint


def test_axes_follow_the_levels() -> None:
    key, body = family_variant("clothing/deep", ["color", "weight"], ["size"])
    body["variant_attribute_sets"].reverse()
    assert structure(family_variant=[(key, body)]).axes == {"deep": ("color", "weight", "size")}


def test_the_main_identifier() -> None:
    plain = ("ean", {"code": "ean", "type": "pim_catalog_identifier"})
    main = ("sku", {"code": "sku", "type": "pim_catalog_identifier", "is_main_identifier": True})
    assert structure(attribute=[plain, main]).identifier_attribute == "sku"
    assert structure(attribute=[plain]).identifier_attribute == "ean"
    assert structure(attribute=[]).identifier_attribute is None


def test_empty_lists_for_maps_nulls_and_numeric_codes() -> None:
    odd = structure(
        attribute=[("7", {"code": 7, "type": "pim_catalog_simpleselect", "labels": []})],
        attribute_option=[("7/8", {"code": 8, "attribute": 7, "labels": {"en_US": None, "de_DE": "Acht"}})],
        family=[("f", {"code": "f", "attribute_as_label": None})],
        family_variant=[("f/v", {"code": "v", "variant_attribute_sets": []})],
        channel=[("shop", {"code": "shop", "locales": {"1": "en_US"}})],
    )
    assert odd.options["7"]["8"].labels == {"de_DE": "Acht"}
    assert odd.label_attributes == {}
    assert odd.axes == {"v": ()}
    assert odd.channels["shop"].locales == ("en_US",)
    assert Structure.from_documents({}) == Structure()


def test_the_default_mapping_requires_only_the_lists_of_axes() -> None:
    required = required_structure(load_mapping(), structure(attribute_option=[], reference_entity_record=[]))
    assert required.option_attributes == ("color", "size")
    assert required.reference_entities == ("designers",)


def test_required_lists_grow_with_the_custom_fields(tmp_path: Path) -> None:
    known = structure(family_variant=[])
    named = mapping(tmp_path, product={"custom_fields": {"attributes": ["materials", "team", "gone"]}})
    assert required_structure(named, known).option_attributes == ("materials",)
    assert required_structure(named, known).reference_entities == ("designers",)
    ruled = mapping(tmp_path, variant={"custom_fields": {"fields": {"Colour": "color"}}})
    assert required_structure(ruled, known).option_attributes == ("color",)
    everything = mapping(tmp_path, product={"custom_fields": {"all": True}})
    assert required_structure(everything, known).option_attributes == ("color", "materials", "size")
    # A category attribute is never a product attribute, even with the same code.
    of_categories = mapping(tmp_path, category={"description": "color"})
    assert required_structure(of_categories, known).option_attributes == ()


def test_required_lists_of_formulas_groups_records_and_labels_of_assets(tmp_path: Path) -> None:
    known = structure(family_variant=[])
    formula = mapping(tmp_path, product={"description": {"formula": "label('color') ~ designer.country"}})
    required = required_structure(formula, known)
    assert required.option_attributes == ("color",)
    assert required.reference_entities == required.described_entities == ("designers",)
    assert required.asset_families == ()
    labelled = mapping(tmp_path, product={"description": {"field": "media", "form": "label"}})
    assert required_structure(labelled, known).asset_families == ("photos",)
    assert required_structure(labelled, known).linked_families == ()
    assert required_structure(mapping(tmp_path, product={"description": "media"}), known).asset_families == ()
    linked = mapping(tmp_path, product={"description": {"field": "media", "form": "link"}})
    assert required_structure(linked, known).linked_families == ("photos",)
    assert required_structure(linked, known).asset_families == ("photos",)
    by_settings = mapping(tmp_path, settings={"media": "link"}, variant={"custom_fields": {"attributes": ["m*"]}})
    assert required_structure(by_settings, known).linked_families == ("photos",)
    pattern = mapping(tmp_path, variant={"custom_fields": {"attributes": ["m*"]}})
    assert required_structure(pattern, known).option_attributes == ("materials",)
    filtering = mapping(tmp_path, filter={"expression": "label('materials') == 'Silk'"})
    assert required_structure(filtering, known).option_attributes == ("materials",)


def test_data_that_only_checks_use_is_not_in_the_fingerprint() -> None:
    families = [("clothing", {"code": "clothing", "attribute_as_label": "name", "attributes": ["sku"]})]
    more = [("clothing", {"code": "clothing", "attribute_as_label": "name", "attributes": ["sku", "name"]})]
    assert structure(family=families).fingerprint == structure(family=more).fingerprint
    assert structure(measurement_family=[]).fingerprint != structure().fingerprint
