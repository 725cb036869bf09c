"""Finds the records that users name by SKU instead of by key, identifier or code."""

from __future__ import annotations

from collections.abc import Sequence

from akeneo_assets.errors import ConfigurationError
from akeneo_assets.objects import kinds_of
from akeneo_assets.store.store import Store


def without_skus(store: Store, kind: str, ids: Sequence[str]) -> list[str]:
    """Return ``ids`` with the key of the record in place of each SKU; unknown ones are unchanged.

    Args:
        store: The state.
        kind: Kind in Akeneo.
        ids: Codes, uuids, identifiers or SKUs.

    Raises:
        ConfigurationError: Several records were sent with one of these SKUs.
    """
    known = store.mirror.existing(kind, ids)
    if kind == "product":
        known |= store.mirror.keys_of_identifiers(ids).keys()
    found = store.ledger.keys_of_skus(kinds_of(kind), [each for each in ids if each not in known])
    for sku, keys in found.items():
        if len(keys) > 1:
            raise ConfigurationError(
                f"Several records were sent with the SKU {sku}: {', '.join(sorted(keys))}. Name one of these ids."
            )
    return [next(iter(found.get(each, {each}))) for each in ids]
