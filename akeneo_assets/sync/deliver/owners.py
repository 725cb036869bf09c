"""Finds out whether the record that has a SKU in iPaaS.com keeps it, so that another record may take it."""

from __future__ import annotations

from collections.abc import Callable

from akeneo_assets.objects import KINDS
from akeneo_assets.store.store import Store
from akeneo_assets.sync.deliver.conflicts import Owner


class Owners:
    """Finds out what becomes of the owners of SKUs.

    Args:
        store: The state.
        exists: Reads a record of a source kind from Akeneo. Returns whether Akeneo still has it.
    """

    def __init__(self, store: Store, exists: Callable[[str, str], bool]) -> None:
        self._store = store
        self._exists = exists

    def owner_of(self, kind: str, key: str, sku: str) -> Owner:
        """Return the owner of a SKU: ask Akeneo whether the record still exists, then check what is planned for it.

        Args:
            kind: Destination kind of the record.
            key: Its key.
            sku: The SKU that it has in iPaaS.com.
        """
        source_kind = KINDS[kind].source_kind
        asked_at = self._store.mirror.moment()
        if not self._exists(source_kind, key):
            self._store.mirror.mark_gone(source_kind, [key], at=asked_at)
            return "gone"
        head = self._store.mirror.named_heads(source_kind, [key]).get(key)
        if source_kind == "product" and head is not None and (head.parent is not None) != (kind == "variant"):
            return "leaving"
        planned = self._store.plan.skus(kind, key)
        if planned:
            return "staying" if sku in planned else "leaving"
        state = self._store.ledger.states(kind, [key]).get(key)
        return "leaving" if state is not None and state.changed_at > state.looked_at else "staying"
