"""Fields that iPaaS.com accepts and does not store, as a probe found out.

Each is a link of its record, so that it is counted, and so that the record is sent again when iPaaS.com stores it.
"""

from __future__ import annotations

from akeneo_assets.store.records import RELATED, RELATED_PRODUCTS
from akeneo_assets.store.store import Store
from akeneo_assets.sync.destination import Capabilities, latest_capabilities


def note_not_stored(store: Store) -> None:
    """Make visible what iPaaS.com does not store of the records that it accepted before that was known."""
    if not latest_capabilities(store).stores(RELATED_PRODUCTS):
        store.links.give_up(RELATED, RELATED_PRODUCTS)


def stored_now(store: Store, used: Capabilities) -> list[str]:
    """Return the fields that iPaaS.com stores now, and that it did not store of some delivered records.

    Args:
        store: The state.
        used: What this run relies on. A probe may have ended since it began.
    """
    waiting = [field for field in store.links.fields_not_stored() if used.stores(field)]
    if not waiting:
        return []
    latest = latest_capabilities(store)
    stored = [field for field in waiting if latest.stores(field)]
    return stored if store.links.is_any_delivered(stored) else []


def why_not_stored(field: str) -> str:
    """Return what iPaaS.com does not do with a field, and the cure."""
    if field == RELATED_PRODUCTS:
        return (
            "iPaaS.com does not store related products, as the last probe found out. They are sent when "
            "akeneo-assets probe --write finds that it does."
        )
    return (
        f"{field} should be empty, but iPaaS.com does not empty it, as the last probe found out. Empty it there, and "
        "send the record with: akeneo-assets sync record KIND ID --force. Or probe again after iPaaS.com has changed."
    )
