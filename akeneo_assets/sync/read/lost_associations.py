"""Finds records that lost a two-way association with records that changed.

Akeneo also removes the association from the other side, but its searches do not report that side as changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from akeneo_assets.documents import JsonObject
from akeneo_assets.mapping.shapes import as_codes, as_map
from akeneo_assets.objects import PRODUCT_SOURCE_KINDS, SOURCES
from akeneo_assets.store.records import SourceRecord
from akeneo_assets.store.store import Store

_MEMBERS: Final = {SOURCES[kind]: kind for kind in PRODUCT_SOURCE_KINDS}
"""Member list of an association → the source kind of its members."""


def lost_partners(store: Store, changed: Iterable[SourceRecord], types: frozenset[str]) -> set[tuple[str, str]]:
    """Return kind and key of the mirrored records that the changed records are no longer associated with.

    Args:
        store: The mirror, which still has the previous versions of the records.
        changed: The current versions of the records.
        types: Codes of the two-way association types.
    """
    by_kind: dict[str, dict[str, JsonObject]] = {}
    for record in changed:
        by_kind.setdefault(record.kind, {})[record.key] = record.document
    lost: dict[str, set[str]] = {kind: set() for kind in PRODUCT_SOURCE_KINDS}
    for kind, documents in by_kind.items():
        for key, before in store.mirror.documents(kind, documents).items():
            for partner_kind, name in _partners(before, types) - _partners(documents[key], types):
                lost[partner_kind].add(name)
    keys = {(kind, key) for kind, names in lost.items() for key in store.mirror.existing(kind, names)}
    # Product models refer to products by their identifiers.
    return keys | {("product", key) for key in store.mirror.keys_of_identifiers(lost["product"]).values()}


def _partners(document: JsonObject, types: frozenset[str]) -> set[tuple[str, str]]:
    associations = as_map(document.get("associations"))
    return {
        (kind, code)
        for association_type in types & associations.keys()
        for members, kind in _MEMBERS.items()
        for code in as_codes(as_map(associations[association_type]).get(members))
    }
