"""Recognizes the format of a product's external id."""

from __future__ import annotations

import uuid


def is_uuid(text: str) -> bool:
    """Return whether an external id is a UUID in the notation that Akeneo uses."""
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
