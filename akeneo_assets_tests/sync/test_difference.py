from __future__ import annotations

from dataclasses import replace

from akeneo_assets.mapping.record.mapped_record import MappedRecord, MappingWarning, Reference, RelatedLink
from akeneo_assets.sync.difference import difference

RECORD = MappedRecord(
    kind="product",
    key="hat",
    sku="hat",
    payload={"name": "Hat", "default_price": 10, "description": "Straw"},
    categories=(Reference("category", "hats"),),
)


def _changed(**fields: object) -> dict[str, object]:
    document = RECORD.to_document()
    return difference(document, {**document, **fields})


def test_equal_records_do_not_differ() -> None:
    assert _changed() == {}


def test_changed_added_and_removed_fields_are_reported_with_both_values() -> None:
    assert _changed(payload={"name": "Straw hat", "default_price": 10, "status": "Active"}) == {
        "description": {"from": "Straw", "to": None},
        "name": {"from": "Hat", "to": "Straw hat"},
        "status": {"from": None, "to": "Active"},
    }


def test_custom_fields_differ_one_by_one() -> None:
    def custom(**values: str) -> dict[str, object]:
        return {"custom_fields": [{"custom_field_name": name, "value": value} for name, value in values.items()]}

    due = replace(RECORD, payload=custom(Brand="Acme", Care="Wash")).to_document()
    accepted = replace(RECORD, payload=custom(Brand="Acme", Care="Iron", Old="x")).to_document()
    assert difference(accepted, due) == {
        "custom_fields.Care": {"from": "Iron", "to": "Wash"},
        "custom_fields.Old": {"from": "x", "to": None},
    }


def test_links_are_compared_too() -> None:
    related = (RelatedLink(Reference("product", "scarf"), "accessories"),)
    due = replace(RECORD, related=related, categories=()).to_document()
    assert set(difference(RECORD.to_document(), due)) == {"related", "categories"}


def test_warnings_and_variants_are_not_compared() -> None:
    warning = MappingWarning("default_price", None, "left out")
    due = replace(RECORD, warnings=(warning,), variants=(RECORD,)).to_document()
    assert difference(RECORD.to_document(), due) == {}
