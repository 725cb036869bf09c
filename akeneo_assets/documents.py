"""JSON documents: their type, their canonical bytes, their fingerprint, and how they are kept in the database."""

from __future__ import annotations

import hashlib
import zlib
from typing import Any, TypeAlias

import orjson

JsonObject: TypeAlias = dict[str, Any]


def canonical_bytes(document: object) -> bytes:
    """Return the one JSON text that stands for ``document``: keys sorted, no white space, UTF-8.

    Lists keep their order; a caller whose list is a set sorts it first.
    """
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def fingerprint(*documents: object) -> str:
    """Return 32 hexadecimal digits that differ whenever the content of ``documents`` does."""
    digest = hashlib.blake2b(digest_size=16)
    for document in documents:
        digest.update(canonical_bytes(document))
        digest.update(b"\0")
    return digest.hexdigest()


def pack(document: object) -> bytes:
    """Compress ``document`` for a database column."""
    # Level 1: catalogue records shrink to about a fifth already, higher levels cost processor time for little.
    return zlib.compress(canonical_bytes(document), 1)


def unpack(packed: bytes) -> Any:
    """Return the document that :func:`pack` compressed."""
    return orjson.loads(zlib.decompress(packed))
