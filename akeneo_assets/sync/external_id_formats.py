"""Which of the two formats an external id of a product has."""

from __future__ import annotations

import uuid


def is_uuid(text: str) -> bool:
    """Tell whether an external id is a uuid as Akeneo writes it."""
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


def former_format(key: str, owner: str) -> str:
    """Return what to do where a record is linked by an id of the other format: it may be the record itself.

    Args:
        key: The key of the record that is sent.
        owner: The external id that its SKU is linked to.
    """
    if is_uuid(key) == is_uuid(owner):
        return ""
    to = "UUID" if is_uuid(key) else "Identifier"
    return f" If AKENEO_PRODUCT_ID_FORMAT was changed, link by the new ids: akeneo-assets migrate-ids --to {to}"
