"""Cursors of the lists of products and models before version 6.0: encrypted, so that only Akeneo can create them.

Akeneo decrypts any text to something, so a request after the key of a record is not refused. It continues at a place
that has nothing to do with this record.
"""

from __future__ import annotations

import base64
import binascii
from typing import Final

_SECRET: Final = b"secret:"


def encrypted(key: str) -> str:
    """Return the cursor of a record."""
    return base64.b64encode(_SECRET + key.encode()).decode()


def decrypted(cursor: str) -> str:
    """Return the key of a cursor, or some other text if Akeneo did not create it."""
    try:
        text = base64.b64decode(cursor, validate=True)
    except binascii.Error:
        text = b""
    return text.removeprefix(_SECRET).decode() if text.startswith(_SECRET) else f"decrypted {cursor}"
