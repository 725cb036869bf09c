"""The records that a record refers to: its categories, and the records whose ids its formulas looked up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from akeneo_assets.mapping.record.mapped_record import LookedUp, Reference, TargetKind
from akeneo_assets.mapping.shapes import as_codes

if TYPE_CHECKING:
    from akeneo_assets.documents import JsonObject
    from akeneo_assets.mapping.record.record_view import RecordView

_TARGET_KINDS: Final[dict[str, TargetKind]] = {
    "category": "category",
    "product": "product",
    "variant": "product",
    "product_model": "product_model",
}
"""Record kind in formulas → kind in references."""


def categories_of(document: JsonObject) -> tuple[Reference, ...]:
    """Return the categories of a product or product model."""
    codes = sorted(set(as_codes(document.get("categories"))))
    return tuple(Reference("category", code) for code in codes)


def looked_up(view: RecordView) -> tuple[LookedUp, ...]:
    """Return the ids that the formulas of a record, or of its parent model, looked up."""
    asked = {**(view.parent.looked_up if view.parent is not None else {}), **view.looked_up}
    found = {Reference(_TARGET_KINDS[kind], key): each for (kind, key), each in asked.items() if kind in _TARGET_KINDS}
    return tuple(LookedUp(target, found[target]) for target in sorted(found))
