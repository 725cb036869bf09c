"""Cursors as before version 6.0: the id of the last record in Akeneo's database, encrypted.

Akeneo decrypts any text to some id, so a request after the key of a record is not refused. It continues at a place that
has nothing to do with the record.
"""

from __future__ import annotations

import base64
import binascii
from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

from akeneo_assets.documents import fingerprint
from akeneo_assets.sandbox.akeneo.index import Entry

_SECRET: Final = b"id:"


def in_order(entries: Sequence[Entry]) -> list[Entry]:
    """Return entries in the order of their ids in the database."""
    return sorted(entries, key=_id)


def after(entries: Sequence[Entry], cursor: str) -> int:
    """Return the position of the first of the sorted ``entries`` that comes after ``cursor``."""
    return bisect_right(entries, _decrypted(cursor), key=_id)


def cursor_of(entry: Entry) -> str:
    """Return the cursor of an entry."""
    return base64.b64encode(_SECRET + _id(entry).encode()).decode()


def _id(entry: Entry) -> str:
    return fingerprint(entry.key)


def _decrypted(cursor: str) -> str:
    try:
        secret = base64.b64decode(cursor, validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    return secret.removeprefix(_SECRET).decode("ascii") if secret.startswith(_SECRET) else fingerprint(cursor)
