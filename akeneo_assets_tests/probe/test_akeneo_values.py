"""Values with another form than the documented one are found, for each type of attribute."""

from __future__ import annotations

from typing import Any, Final

import pytest

from akeneo_assets.mapping.catalogue.selection import Selection
from akeneo_assets.mapping.catalogue.structure import Structure
from akeneo_assets.mapping.record.values import ValueReader
from akeneo_assets.probe.akeneo.forms import unreadable

FORMS: Final[tuple[tuple[str, Any, Any], ...]] = (
    ("pim_catalog_identifier", "a-1", {"value": "a-1"}),
    ("pim_catalog_text", "text", ["text"]),
    ("pim_catalog_textarea", "<p>text</p>", {"html": "text"}),
    ("pim_catalog_boolean", False, "no"),
    ("pim_catalog_number", "12.5000", "twelve"),
    ("pim_catalog_metric", {"amount": "1.0000", "unit": "KILOGRAM"}, {"amount": "one", "unit": "KILOGRAM"}),
    ("pim_catalog_price_collection", [{"amount": "9.90", "currency": "EUR"}], {"EUR": "9.90"}),
    ("pim_catalog_date", "2026-01-31T00:00:00+00:00", {"date": "2026-01-31"}),
    ("pim_catalog_simpleselect", "red", ["red"]),
    ("pim_catalog_multiselect", ["red"], [{"code": "red"}]),
    ("pim_catalog_image", "a/b/c.jpg", {"path": "a/b/c.jpg"}),
    ("pim_catalog_file", "a/b/c.pdf", ["a/b/c.pdf"]),
    ("pim_reference_data_simpleselect", "silk", ["silk"]),
    ("pim_reference_data_multiselect", ["silk"], "silk"),
    ("akeneo_reference_entity", "starck", {"code": "starck"}),
    ("akeneo_reference_entity_collection", ["starck"], "starck"),
    ("pim_catalog_asset_collection", ["front"], "front"),
    ("pim_catalog_table", [{"part": "salt"}], {"part": "salt"}),
    ("pim_catalog_product_link", {"type": "product", "id": "a-1"}, "a-1"),
)


def is_unreadable(kind: str, data: Any) -> bool:
    structure = Structure.from_documents({"attribute": [("a", {"code": "a", "type": kind})]})
    reader = ValueReader(structure, Selection(channel=None, locales=(), currency=None))
    return unreadable(reader, "a", [{"locale": None, "scope": None, "data": data}])


@pytest.mark.parametrize(("kind", "right", "wrong"), FORMS, ids=[kind for kind, _, _ in FORMS])
def test_another_form_is_found(kind: str, right: Any, wrong: Any) -> None:
    assert not is_unreadable(kind, right)
    assert is_unreadable(kind, wrong)


def test_each_known_type_has_a_form() -> None:
    assert {kind for kind, _, _ in FORMS} == ValueReader._readers.keys()


@pytest.mark.parametrize("data", [None, "", " ", [], {}])
def test_an_empty_value_is_no_other_form(data: Any) -> None:
    assert not is_unreadable("pim_catalog_number", data)
