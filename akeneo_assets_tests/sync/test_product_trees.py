from __future__ import annotations

from dataclasses import replace

import pytest

from akeneo_assets.mapping.record.mapped_record import MappedRecord
from akeneo_assets.store.records import LedgerEntry
from akeneo_assets.sync.deliver.product_trees import ProductTree


def _variant(sku: str, color: str, price: int = 10) -> MappedRecord:
    payload = {"sku": sku, "default_price": price, "options": [{"option_name": "Color", "value": color}]}
    return MappedRecord(kind="variant", key=f"key of {sku}", sku=sku, payload=payload)


def _entry(mapped: MappedRecord, ipaas_id: str) -> LedgerEntry:
    return LedgerEntry(
        kind=mapped.kind,
        key=mapped.key,
        ipaas_id=ipaas_id,
        parent_ipaas_id=None,
        sku=mapped.sku,
        object=None,
        children={"id": ipaas_id},
        payload_hash=mapped.base_hash,
        related_hash=mapped.related_hash,
        related_count=0,
        source=None,
        document=mapped.to_document(),
        state="sent",
        attempts=0,
        error_code=None,
        error_message=None,
        failed_at=None,
        failed_since=None,
        next_retry_at=None,
        sent_at=None,
        run_id=None,
        partition_key=None,
        looked_at=0.0,
    )


RED, BLUE, GONE = _variant("A-1", "Red"), _variant("A-10", "Blue"), _variant("B", "Green")
OPTIONS = [{"option_name": "Color", "values": [{"option_name": "Color", "value": text} for text in ("Red", "Blue")]}]
MODEL = MappedRecord(kind="product_model", key="A", sku="A", payload={"sku": "A", "options": OPTIONS})
TREE = ProductTree(
    replace(MODEL, variants=(RED, BLUE, GONE)),
    _entry(MODEL, "1"),
    {"key of A-1": _entry(_variant("A-1", "Red", price=5), "2"), "key of B": _entry(GONE, "3")},
    frozenset({"key of B"}),
)


@pytest.mark.parametrize(
    ("message", "named"),
    [
        ("The Sku 'A-1' must be unique.", {"key of A-1"}),
        ("A-10: no such category", {"key of A-10"}),
        ("A-1 and A-10 are refused.", {"key of A-1", "key of A-10"}),
        ("AA-1, A-1-x, A-100 and XA-10", set()),
        ("'B' is refused, and it is kept as it is", set()),
    ],
)
def test_a_message_names_the_variants_whose_whole_sku_it_contains(message: str, named: set[str]) -> None:
    assert TREE.named_in(message) == named


def test_a_removed_variant_is_repeated_as_accepted_or_left_out() -> None:
    tree = TREE.without({"key of A-1", "key of A-10"})
    assert [(variant.sku, variant.payload["default_price"]) for variant in tree.mapped.variants] == [
        ("A-1", 5),
        ("B", 10),
    ]
    assert tree.due == set()
    assert TREE.due == {"key of A-1", "key of A-10"}


def test_option_values_of_kept_and_released_variants_are_kept() -> None:
    remnant = {"id": "9", "sku": "gone-9", "options": [{"option_name": "Size", "value": "L"}]}
    payload = TREE.completed({**MODEL.payload, "variants": []}, [remnant])
    assert [value["value"] for value in payload["options"][0]["values"]] == ["Red", "Blue", "Green"]
    assert payload["options"][1] == {"option_name": "Size", "values": [{"option_name": "Size", "value": "L"}]}
    assert payload["variants"] == [remnant]
    assert OPTIONS[0]["values"] == MODEL.payload["options"][0]["values"]
    assert len(OPTIONS[0]["values"]) == 2


def test_the_destination_contains_the_ids_of_all_known_variants() -> None:
    assert TREE.destination.ipaas_id == "1"
    assert TREE.destination.children is not None
    assert TREE.destination.children["variants"] == {"A-1": {"id": "2"}, "B": {"id": "3"}}
