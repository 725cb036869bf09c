"""Which of the two formats an external id of a product has."""

from __future__ import annotations

import uuid


def is_uuid(text: str) -> bool:
    """Tell whether an external id is a uuid as Akeneo writes it."""
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
