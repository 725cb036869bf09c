from __future__ import annotations

from dataclasses import replace

from akeneo_assets.documents import canonical_bytes, pack, unpack
from akeneo_assets.mapping.record.mapped_record import (
    BlockedRecord,
    Component,
    MappedRecord,
    MappingWarning,
    Reference,
    RelatedLink,
)

VARIANT = MappedRecord("variant", "v-1", "sku-1", {"sku": "sku-1", "options": []})
FULL = MappedRecord(
    kind="product_model",
    key="m-1",
    sku="m-1",
    payload={"sku": "m-1", "options": [{"option_name": "Color", "values": []}], "default_price": 19.99},
    parent=Reference("category", "root"),
    categories=(Reference("category", "a"), Reference("category", "b")),
    components=(Component(Reference("product", "p-1"), 2),),
    kit={"sku": "m-1", "type": "Basic"},
    related=(RelatedLink(Reference("product", "hat-1", "identifier"), "X_SELL"),),
    variants=(VARIANT,),
    warnings=(MappingWarning("default_price", "price", "has no price"), MappingWarning("kit", None, "…")),
    blocked_variants=(BlockedRecord("v-2", "missing_axis_value", "no color"),),
)


def test_a_record_survives_being_stored() -> None:
    assert MappedRecord.from_document(unpack(pack(FULL.to_document()))) == FULL


def test_a_stored_record_has_the_same_hashes() -> None:
    stored = MappedRecord.from_document(FULL.to_document())
    assert (stored.base_hash, stored.related_hash) == (FULL.base_hash, FULL.related_hash)
    assert canonical_bytes(stored.to_document()) == canonical_bytes(FULL.to_document())


def test_hashes_show_what_changed() -> None:
    def moved(changed: MappedRecord) -> tuple[bool, bool]:
        return changed.base_hash != FULL.base_hash, changed.related_hash != FULL.related_hash

    assert moved(replace(FULL, payload={**FULL.payload, "options": []})) == (True, False)
    assert moved(replace(FULL, categories=())) == (True, False)
    assert moved(replace(FULL, components=())) == (True, False)
    assert moved(replace(FULL, kit=None)) == (True, False)
    assert moved(replace(FULL, variants=())) == (False, False)
    assert moved(replace(FULL, related=())) == (False, True)
    assert moved(replace(FULL, warnings=(), blocked_variants=())) == (False, False)
