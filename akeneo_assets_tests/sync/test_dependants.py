"""Which records depend on a change of the structure."""

from __future__ import annotations

from typing import Any

import pytest

from akeneo_assets.mapping.catalogue.structure import Attribute, Choice, RecordAttribute, Structure
from akeneo_assets.store.records import StructureChange
from akeneo_assets.sync.plan.dependants import OF_ALL_RECORDS, dependence_on
from akeneo_assets.sync.read.structure import STRUCTURE_KINDS

ATTRIBUTES = [
    Attribute("color", "pim_catalog_simpleselect"),
    Attribute("care", "pim_catalog_multiselect"),
    Attribute("brand", "akeneo_reference_entity", reference_entity="brands"),
    Attribute("pictures", "pim_catalog_asset_collection", reference_entity="photos"),
    Attribute("partners", "akeneo_reference_entity_collection", reference_entity="brands"),
]
STRUCTURE = Structure(
    attributes={each.code: each for each in ATTRIBUTES},
    record_attributes={
        "brands": {
            "home": RecordAttribute("reference_entity_single_link", "countries"),
            "styles": RecordAttribute("multiple_options"),
        },
        "countries": {"continent": RecordAttribute("reference_entity_single_link", "continents")},
    },
    records={
        "brands": {
            "acme": Choice(
                "Acme",
                values={
                    "home": [{"locale": None, "channel": None, "data": "Finland"}],
                    "styles": [{"locale": None, "channel": None, "data": ["plain", "loud"]}],
                },
            ),
            "other": Choice("other", values={"home": [{"locale": None, "channel": None, "data": "italy"}]}),
        },
        "countries": {
            "finland": Choice("Finland", values={"continent": [{"locale": None, "channel": None, "data": "europe"}]})
        },
    },
)

SHIRT: dict[str, Any] = {
    "family": "clothing",
    "family_variant": "clothing_color",
    "values": {
        "color": [{"locale": None, "scope": None, "data": "Sage"}],
        "care": [{"locale": None, "scope": None, "data": ["cold", "no_iron"]}],
        "brand": [{"locale": None, "scope": None, "data": "acme"}],
        "partners": [{"locale": None, "scope": "shop", "data": ["zeta"]}],
        "pictures": [{"locale": None, "scope": None, "data": ["front", "back"]}],
        "size": [{"locale": None, "scope": None, "data": 42}],
        "name": [{"locale": "de_DE", "scope": None, "data": "white"}],
    },
    "associations": {"accessories": {"products": ["x"]}},
    "quantified_associations": [],
}


@pytest.mark.parametrize(
    ("kind", "key", "concerned"),
    [
        ("attribute_option", "color/sage", True),
        ("attribute_option", "color/SAGE", True),
        ("attribute_option", "color/white", False),
        ("attribute_option", "shade/sage", False),
        ("attribute_option", "care/no_iron", True),
        ("attribute_option", "care/iron", False),
        ("attribute_option", "size/42", True),
        ("reference_entity_record", "brands/acme", True),
        ("reference_entity_record", "brands/zeta", True),
        ("reference_entity_record", "brands/other", False),
        ("reference_entity_record", "designers/acme", False),
        ("reference_entity_record", "countries/finland", True),
        ("reference_entity_record", "countries/italy", False),
        # A brand shows only the label of its country.
        ("reference_entity_record", "continents/europe", False),
        ("reference_entity_attribute_option", "brands/styles/LOUD", True),
        ("reference_entity_attribute_option", "brands/styles/silent", False),
        ("reference_entity_attribute_option", "brands/colors/loud", False),
        ("reference_entity_attribute", "brands/styles", True),
        ("reference_entity_attribute", "countries/continent", False),
        ("asset", "photos/back", True),
        ("asset", "photos/side", False),
        ("asset", "manuals/back", False),
        ("asset_attribute", "photos/link", True),
        ("asset_attribute", "manuals/link", False),
        ("attribute", "color", True),
        ("attribute", "weight", False),
        ("family", "clothing", True),
        ("family", "shoes", False),
        ("family_variant", "clothing/clothing_color", True),
        ("family_variant", "clothing/clothing_size", False),
        ("association_type", "accessories", True),
        ("association_type", "set", False),
        ("channel", "shop", True),
        ("measurement_family", "Weight", True),
        ("a kind of a later version", "x", True),
    ],
)
def test_only_records_that_use_what_changed_depend_on_it(kind: str, key: str, concerned: bool) -> None:
    dependence = dependence_on([StructureChange(kind, key, 1.0)], STRUCTURE)

    assert (dependence.everything or dependence.concerns(SHIRT)) is concerned


def test_a_record_without_values_depends_on_nothing() -> None:
    changes = [StructureChange("attribute_option", "color/sage", 1.0), StructureChange("family", "clothing", 1.0)]

    assert not dependence_on(changes, STRUCTURE).concerns({"family": None, "values": [], "associations": []})


@pytest.mark.parametrize("kind", STRUCTURE_KINDS)
def test_only_some_kinds_of_the_structure_concern_all_records(kind: str) -> None:
    dependence = dependence_on([StructureChange(kind, "colors/red/blue", 1.0)], STRUCTURE)

    assert dependence.everything is (kind in OF_ALL_RECORDS)
